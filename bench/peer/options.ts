import { parseArgs } from 'node:util';
import { BenchError } from '../errors.js';

export interface PeerOptions {
  /** Length of one window. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly accounts: number;
  /** Connections that each wait for an answer before they ask again, for single payments and for batches. */
  readonly clients: number;
  readonly batchClients: number;
  readonly batchSize: number;
  readonly mixes: readonly ('uniform' | 'hot')[];
  readonly json: boolean;
}

const FLAGS = {
  seconds: { type: 'string', default: '60' },
  'warm-up': { type: 'string', default: '10' },
  accounts: { type: 'string', default: '100000' },
  clients: { type: 'string', default: '32' },
  'batch-clients': { type: 'string', default: '4' },
  'batch-size': { type: 'string', default: '1000' },
  mix: { type: 'string', default: 'uniform' },
  json: { type: 'boolean', default: false },
} as const;

/** Reads the flags of `bench --peer postgres`. @throws BenchError `OPTION_INVALID` */
export function readPeerOptions(args: readonly string[]): PeerOptions {
  const { values } = parse(args);
  const mixes = { uniform: ['uniform'], hot: ['hot'], all: ['uniform', 'hot'] } as const;
  const { mix } = values;
  if (mix !== 'uniform' && mix !== 'hot' && mix !== 'all') throw invalid('--mix', 'uniform, hot or all', mix);
  return {
    seconds: integer('--seconds', values.seconds, 1, 300),
    warmUpSeconds: integer('--warm-up', values['warm-up'], 1, 120),
    accounts: integer('--accounts', values.accounts, 100, 10_000_000),
    clients: integer('--clients', values.clients, 1, 48),
    batchClients: integer('--batch-clients', values['batch-clients'], 1, 48),
    batchSize: integer('--batch-size', values['batch-size'], 1, 5_000),
    mixes: mixes[mix],
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true });
  } catch (error) {
    throw invalid('the flags', Object.keys(FLAGS).join(', '), error instanceof Error ? error.message : String(error));
  }
}

function integer(flag: string, text: string, min: number, max: number): number {
  const value = /^[0-9]{1,8}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalid(flag, `an integer from ${min} to ${max}`, text);
}

function invalid(flag: string, expected: string, actual: string): BenchError {
  return new BenchError('OPTION_INVALID', `${flag}: expected ${expected}, found ${actual}`, { expected, actual });
}
