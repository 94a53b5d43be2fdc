import { parseArgs } from 'node:util';
import { CodedError } from '../../primitives/errors.js';

/** What the flags of every drill come to; each drill takes what it needs. */
export interface DrillOptions {
  readonly seed: number;
  /** Payments a second. */
  readonly rate: number;
  /** Of the fault that the drill is about; undefined takes the drill's own. */
  readonly minutes: number | undefined;
  readonly kills: number;
}

const FLAGS = {
  seed: { type: 'string', default: '1' },
  rate: { type: 'string', default: '10' },
  minutes: { type: 'string' },
  kills: { type: 'string', default: '200' },
} as const;

/** @throws CodedError `OPTION_INVALID` */
export function readDrillOptions(
  args: readonly string[],
  names: readonly string[],
): { readonly name: string; readonly options: DrillOptions } {
  const { positionals, values } = parse(args);
  const name = names.find((known) => known === positionals[0]);
  if (name === undefined || positionals.length > 1) {
    throw invalid('the drill', names.join(', '), positionals.join(' ') || 'none');
  }
  const options = {
    seed: integer('--seed', values.seed, 0, 4_294_967_295),
    rate: integer('--rate', values.rate, 1, 1_000),
    minutes: values.minutes === undefined ? undefined : integer('--minutes', values.minutes, 1, 1_440),
    kills: integer('--kills', values.kills, 1, 10_000),
  };
  return { name, options };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: true });
  } catch (error) {
    throw invalid('the flags', Object.keys(FLAGS).join(', '), error instanceof Error ? error.message : String(error));
  }
}

function integer(flag: string, text: string, minimum: number, maximum: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  throw invalid(flag, `a whole number from ${minimum} to ${maximum}`, text);
}

function invalid(flag: string, expected: string, actual: string): CodedError {
  return new CodedError('OPTION_INVALID', `${flag}: expected ${expected}, found ${actual}`, { expected, actual });
}
