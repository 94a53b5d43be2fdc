import { type ParseArgsConfig, parseArgs } from 'node:util';
import { LIMITS } from '../primitives/limits.js';
import { BenchError } from './errors.js';

export type LoadMode = 'single' | 'batch';

export interface LoadOptions {
  /** Payments a second that are offered; undefined searches for the highest that is served. */
  readonly rate: number | undefined;
  /** Length of one window. */
  readonly seconds: number;
  readonly accounts: number;
  readonly modes: readonly LoadMode[];
  /** Payments under one signature in batch mode. */
  readonly batchSize: number;
  /** Payments that are sent one after the other to measure latency without load. */
  readonly idlePayments: number;
  readonly json: boolean;
}

export interface CatchUpOptions {
  readonly blocks: number;
  readonly paymentsPerBlock: number;
  /** Payments a second that the network settles meanwhile. */
  readonly rate: number;
  readonly json: boolean;
}

/** Transactions signed before a window; they are kept in memory. */
export const MAX_WINDOW_TRANSACTIONS = 600_000;

const FLAGS = {
  rate: { type: 'string' },
  seconds: { type: 'string', default: '5' },
  accounts: { type: 'string', default: '1000' },
  mode: { type: 'string', default: 'all' },
  'batch-size': { type: 'string', default: '1000' },
  'idle-payments': { type: 'string', default: '100' },
  json: { type: 'boolean', default: false },
} as const;

/** Reads the flags of `bench load`. @throws BenchError `OPTION_INVALID` */
export function readLoadOptions(args: readonly string[]): LoadOptions {
  const { values } = parse(args, FLAGS);
  const modes = { single: ['single'], batch: ['batch'], all: ['single', 'batch'] } as const;
  const { mode } = values;
  if (mode !== 'single' && mode !== 'batch' && mode !== 'all') {
    throw invalid('--mode', 'single, batch or all', mode);
  }
  const options: LoadOptions = {
    rate: values.rate === undefined ? undefined : integer('--rate', values.rate, 1, 1_000_000),
    seconds: integer('--seconds', values.seconds, 1, 300),
    accounts: integer('--accounts', values.accounts, 2, 1_000_000),
    modes: modes[mode],
    batchSize: integer('--batch-size', values['batch-size'], 1, LIMITS.paymentsPerBatch),
    idlePayments: integer('--idle-payments', values['idle-payments'], 1, 1_000),
    json: values.json,
  };
  for (const each of options.modes) requireWindowFits(options, each);
  return options;
}

const CATCH_UP_FLAGS = {
  blocks: { type: 'string', default: '100000' },
  payments: { type: 'string', default: '3' },
  rate: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
} as const;

/** Reads the flags of `bench catch-up`. @throws BenchError `OPTION_INVALID` */
export function readCatchUpOptions(args: readonly string[]): CatchUpOptions {
  const { values } = parse(args, CATCH_UP_FLAGS);
  return {
    blocks: integer('--blocks', values.blocks, 10, 1_000_000),
    paymentsPerBlock: integer('--payments', values.payments, 0, 1_000),
    rate: integer('--rate', values.rate, 1, 10_000),
    json: values.json,
  };
}

function requireWindowFits({ rate = 0, seconds, batchSize }: LoadOptions, mode: LoadMode): void {
  const count = Math.ceil((rate * seconds) / (mode === 'batch' ? batchSize : 1));
  if (count <= MAX_WINDOW_TRANSACTIONS) return;
  throw invalid('--rate × --seconds', `at most ${MAX_WINDOW_TRANSACTIONS} transactions`, `${count} in mode ${mode}`);
}

function parse<F extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], flags: F) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true });
  } catch (error) {
    throw invalid('the flags', Object.keys(flags).join(', '), error instanceof Error ? error.message : String(error));
  }
}

function integer(flag: string, text: string, min: number, max: number): number {
  const value = /^[0-9]{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalid(flag, `an integer from ${min} to ${max}`, text);
}

function invalid(flag: string, expected: string, actual: string): BenchError {
  return new BenchError('OPTION_INVALID', `${flag}: expected ${expected}, found ${actual}`, { expected, actual });
}
