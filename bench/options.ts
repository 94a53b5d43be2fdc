import { type ParseArgsConfig, parseArgs } from 'node:util';
import { LIMITS } from '../primitives/limits.js';
import { BenchError } from './errors.js';

export type LoadMode = 'single' | 'batch';
/** Whether all accounts are alike, or most payments touch few of them. */
export type LoadMix = 'uniform' | 'hot';

export interface LoadOptions {
  /** Payments a second that are offered; undefined searches for the highest that is served. */
  readonly rate: number | undefined;
  /** Length of a window that counts. */
  readonly seconds: number;
  /** Load before each such window, so that what V8 compiles is compiled and queues stand as they stay. */
  readonly warmUpSeconds: number;
  /** Length of one window of the search. */
  readonly boundSeconds: number;
  /** Windows of each kind that count, in turn. */
  readonly repeats: number;
  /** A window at half of the highest rate that is served, for each mode. */
  readonly halfOfSaturation: boolean;
  readonly validators: number;
  readonly accounts: number;
  /** One way between two validators, by a proxy; 0 for none. */
  readonly delayMs: number;
  /** Validators that are killed before any load. */
  readonly dead: number;
  readonly mix: LoadMix;
  /** None measures the idle network alone. */
  readonly modes: readonly LoadMode[];
  /** Payments under one signature in batch mode. */
  readonly batchSize: number;
  /** Payments that are sent one after the other to measure latency without load. */
  readonly idlePayments: number;
  /** Threads of each node that check signatures. */
  readonly signatureWorkers: number;
  /** Processes that send and check proofs. */
  readonly generators: number;
  /** Directory for the report with its plots; none is written without it. */
  readonly out: string | undefined;
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
export const MAX_WINDOW_TRANSACTIONS = 1_000_000;

const FLAGS = {
  rate: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  'bound-seconds': { type: 'string' },
  repeats: { type: 'string' },
  'half-of-saturation': { type: 'boolean' },
  validators: { type: 'string', default: '4' },
  accounts: { type: 'string' },
  'delay-ms': { type: 'string', default: '0' },
  dead: { type: 'string', default: '0' },
  mix: { type: 'string', default: 'uniform' },
  mode: { type: 'string', default: 'all' },
  'batch-size': { type: 'string', default: '5000' },
  'idle-payments': { type: 'string', default: '100' },
  workers: { type: 'string', default: '1' },
  generators: { type: 'string', default: '1' },
  full: { type: 'boolean', default: false },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** What a flag is where it is not given: for a quick look, and with `--full` for figures that are told to others. */
/** A genesis writes four entries of state for each, and a block changes at most 2^21. */
export const MAX_ACCOUNTS = 500_000;

const QUICK = { seconds: '5', warmUp: '5', bound: '5', repeats: '1', accounts: '1000', half: false } as const;
const FULL = { seconds: '60', warmUp: '30', bound: '10', repeats: '3', accounts: '100000', half: true } as const;

/** Reads the flags of `bench load`. @throws BenchError `OPTION_INVALID` */
export function readLoadOptions(args: readonly string[]): LoadOptions {
  const { values } = parse(args, FLAGS);
  const fallback = values.full ? FULL : QUICK;
  const options: LoadOptions = {
    rate: values.rate === undefined ? undefined : integer('--rate', values.rate, 1, 1_000_000),
    seconds: integer('--seconds', values.seconds ?? fallback.seconds, 1, 300),
    warmUpSeconds: integer('--warm-up', values['warm-up'] ?? fallback.warmUp, 0, 300),
    boundSeconds: integer('--bound-seconds', values['bound-seconds'] ?? fallback.bound, 1, 60),
    repeats: integer('--repeats', values.repeats ?? fallback.repeats, 1, 100),
    halfOfSaturation: values['half-of-saturation'] ?? fallback.half,
    validators: integer('--validators', values.validators, 1, 31),
    accounts: integer('--accounts', values.accounts ?? fallback.accounts, 2, MAX_ACCOUNTS),
    delayMs: integer('--delay-ms', values['delay-ms'], 0, 1_000),
    dead: integer('--dead', values.dead, 0, 10),
    mix: choice('--mix', values.mix, { uniform: 'uniform', hot: 'hot' }),
    modes: choice('--mode', values.mode, MODES),
    batchSize: integer('--batch-size', values['batch-size'], 1, LIMITS.paymentsPerBatch),
    idlePayments: integer('--idle-payments', values['idle-payments'], 0, 10_000),
    signatureWorkers: integer('--workers', values.workers, 1, 64),
    generators: integer('--generators', values.generators, 1, 8),
    out: values.out,
    json: values.json,
  };
  const spared = Math.floor((options.validators - 1) / 3);
  if (options.dead > spared) throw invalid('--dead', `at most ${spared} of ${options.validators}`, `${options.dead}`);
  for (const each of options.modes) requireWindowFits(options, each);
  return options;
}

const MODES: Readonly<Record<string, readonly LoadMode[]>> = {
  single: ['single'],
  batch: ['batch'],
  all: ['single', 'batch'],
  idle: [],
};

function choice<T>(flag: string, text: string, choices: Readonly<Record<string, T>>): T {
  const chosen = Object.hasOwn(choices, text) ? choices[text] : undefined;
  if (chosen === undefined) throw invalid(flag, Object.keys(choices).join(', '), text);
  return chosen;
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

export interface FailoverOptions {
  /** Payments a second meanwhile. */
  readonly rate: number;
  /** Validators that are killed, one after the other. */
  readonly kills: number;
  readonly json: boolean;
}

const FAILOVER_FLAGS = {
  rate: { type: 'string', default: '200' },
  kills: { type: 'string', default: '4' },
  json: { type: 'boolean', default: false },
} as const;

/** Reads the flags of `bench failover`. @throws BenchError `OPTION_INVALID` */
export function readFailoverOptions(args: readonly string[]): FailoverOptions {
  const { values } = parse(args, FAILOVER_FLAGS);
  return {
    rate: integer('--rate', values.rate, 1, 10_000),
    kills: integer('--kills', values.kills, 1, 20),
    json: values.json,
  };
}

export interface InterestOptions {
  /** Notes are holdings: so many instruments, each held by so many accounts. */
  readonly instruments: number;
  readonly holders: number;
  /** Percent of the holdings that have changed since they came. */
  readonly changed: number;
  /** Payments a second that settle meanwhile. */
  readonly rate: number;
  /** Leaves the network of four nodes out. */
  readonly single: boolean;
  readonly json: boolean;
}

const INTEREST_FLAGS = {
  instruments: { type: 'string', default: '100' },
  holders: { type: 'string', default: '10000' },
  changed: { type: 'string', default: '0' },
  rate: { type: 'string', default: '100' },
  single: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** Reads the flags of `bench interest`. @throws BenchError `OPTION_INVALID` */
export function readInterestOptions(args: readonly string[]): InterestOptions {
  const { values } = parse(args, INTEREST_FLAGS);
  return {
    instruments: integer('--instruments', values.instruments, 1, 10_000),
    holders: integer('--holders', values.holders, 2, 30_000),
    changed: integer('--changed', values.changed, 0, 100),
    rate: integer('--rate', values.rate, 1, 10_000),
    single: values.single,
    json: values.json,
  };
}

/** Directories of runs, and the page that their tables go into. */
export interface ReportOptions {
  readonly into: string | undefined;
  readonly directories: readonly string[];
}

/** Reads the flags of `bench report`. @throws BenchError `OPTION_INVALID` */
export function readReportOptions(args: readonly string[]): ReportOptions {
  const { values, positionals } = parse(args, { into: { type: 'string' } }, true);
  if (positionals.length === 0) throw invalid('the directories', 'one or more with a report', 'none');
  return { into: values.into, directories: positionals };
}

function requireWindowFits({ rate = 0, seconds, warmUpSeconds, batchSize }: LoadOptions, mode: LoadMode): void {
  const count = Math.ceil((rate * (seconds + warmUpSeconds)) / (mode === 'batch' ? batchSize : 1));
  if (count <= MAX_WINDOW_TRANSACTIONS) return;
  throw invalid(
    '--rate × (--warm-up + --seconds)',
    `at most ${MAX_WINDOW_TRANSACTIONS} transactions`,
    `${count} in mode ${mode}`,
  );
}

function parse<F extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  flags: F,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals });
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
