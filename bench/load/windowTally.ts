import { type HistogramData, LatencyHistogram } from './histogram.js';
import type { LoopResult, Measured } from './openLoop.js';
import type { Schedule } from './schedule.js';

/** What one second of a run came to; seconds count from the window's begin, those of the warm-up are negative. */
export interface SecondTally {
  readonly second: number;
  /** Payments by their intended send time. */
  readonly offered: number;
  /** Payments by the time of their proof. */
  readonly proven: number;
  /** Of the transactions that were to be sent in it. */
  readonly latency: HistogramData;
}

/** What one generator measured. Counts are payments and of the window unless their names say otherwise. */
export interface WindowTally extends LoopResult {
  readonly offered: number;
  readonly committed: number;
  /** Refused or failed, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly unknown: number;
  /** Proven between the window's begin and its end, whenever they were sent: what the window's costs are divided by. */
  readonly provenWithin: number;
  /** Transactions whose proof was verified, in the window and outside of it. */
  readonly proofs: number;
  /** Of transactions that settled as they should. */
  readonly latency: HistogramData;
  readonly seconds: readonly SecondTally[];
  /** Blocks that hold transactions of the window. */
  readonly heights: readonly number[];
  /** Change of each account's balance by all payments that were proven, warm-up included, in units of one payment. */
  readonly changes: Int32Array;
  /** False when the outcome of some transaction is not known: no balance can be told then. */
  readonly isCertain: boolean;
}

interface Second {
  offered: number;
  proven: number;
  readonly latency: LatencyHistogram;
}

/** Adds up what becomes of the transactions of one run; its size does not depend on how many they are. */
export class WindowRecorder {
  readonly #refused: Record<string, number> = {};
  readonly #latency = new LatencyHistogram();
  readonly #heights = new Set<number>();
  readonly #seconds = new Map<number, Second>();
  readonly #changes: Int32Array;
  #isCertain = true;
  readonly #counts = { offered: 0, committed: 0, unknown: 0, provenWithin: 0, proofs: 0 };

  constructor(
    private readonly schedule: Schedule,
    accounts: number,
  ) {
    this.#changes = new Int32Array(accounts);
  }

  record({ transaction, settled, dueMs, endMs }: Measured): void {
    const payments = transaction.creditors.length;
    const isSettled = settled.status === 'final' && settled.code === '';
    // The outcome of a batch that is not the expected one is not known payment by payment.
    if (settled.status === 'unknown' || settled.code === 'OUTCOMES_DIFFER') this.#isCertain = false;
    if (settled.status === 'final') this.#counts.proofs++;
    const second = this.#second(dueMs);
    second.offered += payments;
    if (isSettled) {
      second.latency.record(endMs - dueMs);
      this.#second(endMs).proven += payments;
      if (endMs >= this.schedule.warmUpMs && endMs < this.schedule.endMs) this.#counts.provenWithin += payments;
      this.#move(transaction.debtor, -payments);
      for (const creditor of transaction.creditors) this.#move(creditor, 1);
    }
    if (dueMs < this.schedule.warmUpMs) return;
    this.#counts.offered += payments;
    if (settled.status === 'final') this.#heights.add(settled.height);
    if (settled.status === 'unknown') this.#counts.unknown += payments;
    else if (!isSettled) this.#refused[settled.code] = (this.#refused[settled.code] ?? 0) + payments;
    else {
      this.#counts.committed += payments;
      this.#latency.record(endMs - dueMs);
    }
  }

  finish(result: LoopResult): WindowTally {
    const seconds = [...this.#seconds].sort(([a], [b]) => a - b);
    return {
      ...result,
      durationMs: result.durationMs - this.schedule.warmUpMs,
      ...this.#counts,
      refused: this.#refused,
      latency: this.#latency.toData(),
      seconds: seconds.map(([second, { offered, proven, latency }]) => ({
        second,
        offered,
        proven,
        latency: latency.toData(),
      })),
      heights: [...this.#heights],
      changes: this.#changes,
      isCertain: this.#isCertain,
    };
  }

  #second(timeMs: number): Second {
    const index = Math.floor((timeMs - this.schedule.warmUpMs) / 1_000);
    const known = this.#seconds.get(index);
    if (known !== undefined) return known;
    const made = { offered: 0, proven: 0, latency: new LatencyHistogram() };
    this.#seconds.set(index, made);
    return made;
  }

  #move(account: number | undefined, payments: number): void {
    if (account !== undefined) this.#changes[account] = (this.#changes[account] ?? 0) + payments;
  }
}

/** What several generators measured together. @param tallies at least one */
export function mergeTallies(tallies: readonly WindowTally[]): WindowTally {
  const total = (pick: (tally: WindowTally) => number): number => tallies.reduce((sum, tally) => sum + pick(tally), 0);
  const refused: Record<string, number> = {};
  for (const tally of tallies) {
    for (const [code, count] of Object.entries(tally.refused)) refused[code] = (refused[code] ?? 0) + count;
  }
  const changes = new Int32Array(tallies[0]?.changes.length ?? 0);
  for (const tally of tallies) {
    tally.changes.forEach((change, index) => {
      changes[index] = (changes[index] as number) + change;
    });
  }
  return {
    durationMs: Math.max(...tallies.map(({ durationMs }) => durationMs)),
    senderLagMs: Math.max(...tallies.map(({ senderLagMs }) => senderLagMs)),
    offered: total(({ offered }) => offered),
    committed: total(({ committed }) => committed),
    unknown: total(({ unknown }) => unknown),
    provenWithin: total(({ provenWithin }) => provenWithin),
    proofs: total(({ proofs }) => proofs),
    refused,
    latency: merged(tallies.map(({ latency }) => latency)),
    seconds: mergeSeconds(tallies.flatMap(({ seconds }) => seconds)),
    heights: [...new Set(tallies.flatMap(({ heights }) => heights))],
    changes,
    isCertain: tallies.every(({ isCertain }) => isCertain),
  };
}

function mergeSeconds(parts: readonly SecondTally[]): SecondTally[] {
  const indexes = [...new Set(parts.map(({ second }) => second))].sort((a, b) => a - b);
  return indexes.map((second) => {
    const same = parts.filter((part) => part.second === second);
    return {
      second,
      offered: same.reduce((sum, { offered }) => sum + offered, 0),
      proven: same.reduce((sum, { proven }) => sum + proven, 0),
      latency: merged(same.map(({ latency }) => latency)),
    };
  });
}

function merged(parts: readonly HistogramData[]): HistogramData {
  const histogram = new LatencyHistogram();
  for (const part of parts) histogram.add(part);
  return histogram.toData();
}
