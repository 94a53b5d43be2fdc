import { parseArgs } from 'node:util';
import { CodedError } from '../../primitives/errors.js';
import { PROFILES, type Profile } from './world/profiles.js';
import type { SignatureKind } from './world/signatures.js';

/** Many seeds under one profile. */
export interface Campaign {
  readonly seeds: readonly number[];
  readonly nodes: number;
  readonly profile: Profile;
  readonly signatures: SignatureKind;
  readonly trace: boolean;
  readonly workers: number;
}

class UsageError extends CodedError<'USAGE'> {}

export const USAGE =
  'usage: npm run simulate -- --seeds A..B --nodes N --profile P [--signatures stand-in|real] [--workers N] [--trace]\n' +
  `profiles: ${PROFILES.join(', ')}`;

const OPTIONS = {
  seeds: { type: 'string', default: '1..20' },
  nodes: { type: 'string', default: '4' },
  profile: { type: 'string', default: 'all' },
  signatures: { type: 'string', default: 'stand-in' },
  workers: { type: 'string', default: '1' },
  trace: { type: 'boolean', default: false },
} as const;

type Arguments = {
  readonly [Name in keyof typeof OPTIONS]: (typeof OPTIONS)[Name]['type'] extends 'string' ? string : boolean;
};

/** @throws TypeError of `parseArgs` for an option that is none */
export function readArguments(args: readonly string[]): Arguments {
  return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
}

/** @throws CodedError `USAGE` */
export function campaignOf({ seeds, nodes, profile, signatures, workers, trace }: Arguments): Campaign {
  const known = PROFILES.find((name) => name === profile);
  if (known === undefined) throw new UsageError('USAGE', `expected a profile, found ${profile}\n${USAGE}`);
  if (signatures !== 'stand-in' && signatures !== 'real') {
    throw new UsageError('USAGE', `expected stand-in or real signatures, found ${signatures}\n${USAGE}`);
  }
  return {
    seeds: readSeeds(seeds),
    nodes: readInteger(nodes, 1, 16),
    profile: known,
    signatures,
    trace,
    workers: readInteger(workers, 1, 64),
  };
}

/** `7`, or `7..9`. */
export function readSeeds(text: string): number[] {
  const [from = '', to = from] = text.split('..');
  const first = readInteger(from, 0, 2 ** 31 - 1);
  const last = readInteger(to, first, 2 ** 31 - 1);
  return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
}

function readInteger(text: string, least: number, greatest: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= greatest) return value;
  throw new UsageError('USAGE', `expected an integer from ${least} to ${greatest}, found ${text}\n${USAGE}`);
}

/** What shows one seed again, event by event. */
export function replayCommand({ nodes, profile, signatures }: Omit<Campaign, 'seeds'>, seed: number): string {
  const kind = signatures === 'real' ? ' --signatures real' : '';
  return `npm run simulate -- --seeds ${seed}..${seed} --nodes ${nodes} --profile ${profile}${kind} --trace`;
}
