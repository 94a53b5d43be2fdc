import type { TrustedChain } from '../../../primitives/finality.js';
import type { LoadMix, LoadMode } from '../../options.js';
import type { ScheduleSpec } from '../schedule.js';
import type { WindowTally } from '../windowTally.js';

/** What a generator is told once, before anything else. */
export interface GeneratorSetup {
  /** The only one of its name: references carry it. */
  readonly name: string;
  readonly seed: number;
  readonly nodeUrls: readonly string[];
  readonly trust: TrustedChain;
  /** File that holds the accounts, see `accountsFile.ts`. */
  readonly accountsFile: string;
  readonly batchSize: number;
  readonly mix: LoadMix;
}

/** What a generator is told to do; each is answered once, before the next is given. */
export type GeneratorOrder =
  | { readonly type: 'setUp'; readonly setup: GeneratorSetup }
  /** Sign what the run will send. */
  | { readonly type: 'prepare'; readonly mode: LoadMode; readonly schedule: ScheduleSpec }
  /** Send what was signed, from a moment of `Date.now` on. */
  | { readonly type: 'run'; readonly startAtMs: number }
  /** Settle single payments one after the other, each when the one before it is proven. */
  | { readonly type: 'idle'; readonly payments: number; readonly boundMs: number };

export type GeneratorAnswer =
  | { readonly type: 'done' }
  /** Processor time that signing took, for each transaction. */
  | { readonly type: 'prepared'; readonly transactions: number; readonly cpuUs: number; readonly bytes: number }
  | { readonly type: 'measured'; readonly tally: WindowTally }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };
