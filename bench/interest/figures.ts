import { BenchError } from '../errors.js';
import type { LatencySummary } from '../load/histogram.js';
import type { PaymentCost } from '../load/paymentCost.js';
import type { Notes } from './notes.js';

export const VALIDATORS = 4;

/** How fast interest was worked out, and what the payments took meanwhile. */
export interface InterestFigures {
  readonly seconds: number;
  readonly notesPerSecond: number;
  /** Processor time of one node for each note, with what its payments cost. */
  readonly cpuUsPerNote: number;
}

export interface InterestReport {
  readonly notes: number;
  /** Percent of them that have changed since they came. */
  readonly changed: number;
  /** The sum that every ledger has, and that was worked out apart. */
  readonly interest: string;
  readonly oneNode: InterestFigures & { readonly payments: number };
  readonly network: NetworkFigures | undefined;
}

export interface NetworkFigures extends InterestFigures {
  readonly payments: PaymentFigures;
  readonly blocks: number;
  /** The same processor time by what a node's threads do. */
  readonly cpuUsByRoom: PaymentCost['cpuUsByRoom'];
}

export interface PaymentFigures {
  readonly latency: LatencySummary;
  readonly offered: number;
  readonly proven: number;
}

/** @throws BenchError `LEDGER_WRONG` unless the ledger has what was worked out apart */
export function requireSum(found: bigint | undefined, instrument: number, notes: Notes): void {
  const expected = notes.expected(instrument);
  if (found === expected) return;
  throw new BenchError(
    'LEDGER_WRONG',
    `interest of instrument ${instrument}: expected ${expected}, found ${found}`,
    {},
  );
}
