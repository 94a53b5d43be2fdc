import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeConnection } from '../../client/connection.js';
import { isCodedError } from '../../primitives/errors.js';
import type { FailoverOptions } from '../options.js';
import type { LedgerCheck } from './ledger.js';
import { LoadSession } from './session.js';

const VALIDATORS = 4;
const ACCOUNTS = 1_000;
const WARM_UP_SECONDS = 5;
/** From a death to the return of the dead, and from there to the next death. */
const DOWN_MS = 6_000;
const UP_MS = 8_000;
const SECONDS_PER_KILL = 30;
const REQUEST_TIMEOUT_MS = 2_000;
const POLL_MS = 5;

export interface Failover {
  /** Longest time without a new block while all were well, and while one was dead: its own turns among them. */
  readonly longestGapBeforeMs: number;
  readonly longestGapMs: number;
}

export interface FailoverReport {
  readonly kills: readonly Failover[];
  readonly offered: number;
  readonly proven: number;
  readonly p99Ms: number;
  readonly ledger: LedgerCheck;
}

/**
 * Kills one validator after the other under a steady load, as a power cut would, and brings each back. With four of them, a
 * dead one is the proposer within four blocks: the longest gap between two blocks is how long the service was away.
 *
 * @throws BenchError; DevnetError
 */
export async function runFailover(options: FailoverOptions, note: (text: string) => void): Promise<FailoverReport> {
  const shape = {
    validators: VALIDATORS,
    accounts: ACCOUNTS,
    delayMs: 0,
    dead: 0,
    mix: 'uniform',
    batchSize: 1,
  } as const;
  const session = await LoadSession.start({ ...shape, signatureWorkers: 1, generators: 1 }, note);
  try {
    const kills: Failover[] = [];
    const load = { kind: 'fixed', mode: 'single', offeredPerSecond: options.rate, repeat: 1 } as const;
    const times = { warmUpSeconds: WARM_UP_SECONDS, seconds: options.kills * SECONDS_PER_KILL };
    const window = await session.window({ ...load, ...times }, async () => {
      for (let kill = 0; kill < options.kills; kill++) {
        // The last one answers for all: it is killed last.
        kills.push(await killOne(session, kill % VALIDATORS));
        note(`kill ${kill + 1}: no block for ${kills.at(-1)?.longestGapMs} ms at most`);
      }
    });
    await session.settle();
    const { offered, committed, latency } = window;
    return { kills, offered, proven: committed, p99Ms: latency.p99Ms ?? 0, ledger: await session.check() };
  } finally {
    await session.stop();
  }
}

async function killOne({ cluster }: LoadSession, index: number): Promise<Failover> {
  const witness = cluster.connections[(index + 1) % VALIDATORS] as NodeConnection;
  const longestGapBeforeMs = await longestGap(witness, UP_MS);
  const returned = cluster.restart(index, DOWN_MS);
  const longestGapMs = await longestGap(witness, DOWN_MS);
  await returned;
  return { longestGapBeforeMs, longestGapMs };
}

/** Longest time in which the witness had no new block, in so many milliseconds from now. */
async function longestGap(witness: NodeConnection, durationMs: number): Promise<number> {
  const endMs = performance.now() + durationMs;
  let lastMs = performance.now();
  let height = 0;
  let longestMs = 0;
  while (performance.now() < endMs) {
    const seen = await witness.call('status', {}, REQUEST_TIMEOUT_MS).catch((error: unknown) => {
      if (isCodedError(error)) return undefined;
      throw error;
    });
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    if (seen !== undefined && seen.height > height) {
      height = seen.height;
      lastMs = nowMs;
    }
    await sleep(POLL_MS);
  }
  return Math.round(longestMs);
}

export function formatFailover({ kills, offered, proven, p99Ms, ledger }: FailoverReport): string {
  const rows = kills.map(
    ({ longestGapBeforeMs, longestGapMs }, index) =>
      `kill ${index + 1}: no block for ${longestGapMs} ms at most (${longestGapBeforeMs} ms with all alive)`,
  );
  const sum = `${proven} of ${offered} payments proven, p99 ${p99Ms} ms over the whole; balances add up to the ${ledger.issued} that were issued`;
  return [...rows, sum].join('\n');
}
