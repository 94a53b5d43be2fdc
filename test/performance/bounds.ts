import { type CountedWork, OTHER_CHECKS } from './countedWork.js';

/** The most that one node may need of something, as a sum over what it did. Whatever is not named is nothing. */
export interface Bound {
  /** As the instrument or the node's own metrics name it (`bench/instrument/countingAgent.ts`, `nodeCounters.ts`). */
  readonly name: string;
  readonly perPayment?: number;
  readonly perTransaction?: number;
  readonly perBlock?: number;
  /** Of every attempt at a block: one each, unless the machine is too slow. */
  readonly perRound?: number;
  /** Of a client that submits and waits, whichever node it asks. */
  readonly perRequest?: number;
  /** What goes on at most once a second while nothing is settled: within 1.2 seconds, twice. */
  readonly perSecond?: number;
  /** Where it goes on once in so many seconds and not in each. */
  readonly everySeconds?: number;
  /** Payments count as often as blocks with them were tried. */
  readonly isPerAttempt?: boolean;
  /** Neither more nor less. */
  readonly isExact?: boolean;
  /** A workload may do without: elsewhere a count of none means that the counter has been lost. */
  readonly mayBeNone?: boolean;
  /** What it is made of. */
  readonly reason: string;
}

/**
 * What was counted on four validators, and a little more. Counts do not depend on the machine: what a slow one repeats
 * is allowed for by rounds. Lower a bound when the code has become better; raise it only with a reason.
 */
export const BOUNDS: readonly Bound[] = [
  {
    name: 'checked admission',
    perTransaction: 1,
    reason: 'signatures of a transaction: once, when it comes in',
  },
  {
    name: 'checked proposal',
    ...{ perTransaction: 0.1, perRound: 0.2, mayBeNone: true },
    reason: 'again for a block, only when it and the transactions of a request come at the same moment',
  },
  {
    name: OTHER_CHECKS,
    ...{ perTransaction: 1, perRound: 8.8, perSecond: 1.9 },
    reason: 'one of each transaction; votes, proposal and certificates of a round; status of the peers',
  },
  {
    name: 'signatures made',
    ...{ perRound: 2.4, perSecond: 1 },
    reason: 'Prepare, Commit, a fourth of the proposals; the own status each second',
  },
  {
    name: 'hashes',
    ...{ perPayment: 1.43, perTransaction: 7.4, perRound: 10, isPerAttempt: true },
    reason: 'outcome or reference of a payment; id, receipt, rows and state keys of a transaction; header and votes',
  },
  {
    name: 'bulk hashes',
    ...{ perPayment: 1.95, perTransaction: 10.8, perRound: 34, isPerAttempt: true },
    reason: 'pairs in the trees of outcomes, transactions and receipts, and on the paths of changed state',
  },
  {
    name: 'row puts',
    ...{ perPayment: 1, perTransaction: 2, perBlock: 13 },
    reason: 'used-once row of a payment; position and reference of a transaction; header, body, receipts, indexes',
  },
  {
    name: 'row bytes',
    ...{ perPayment: 170, perTransaction: 690, perBlock: 1_000 },
    reason: 'keys and values of these rows: body and receipt of a transaction, what changed of the state',
  },
  {
    name: 'database reads',
    ...{ perTransaction: 0.4, perRound: 1.3, isPerAttempt: true, mayBeNone: true },
    reason:
      'what the caches of state do not hold yet (the first debit of an account looks whether anything binds it), and references whose fingerprints meet',
  },
  { name: 'database writes', perBlock: 1, isExact: true, reason: 'one atomic batch a block' },
  { name: 'fsyncs', perRound: 4.2, reason: 'journal before Prepare and before Commit, body, the batch' },
  {
    name: 'file calls',
    ...{ perRound: 3.1, perSecond: 1, everySeconds: 5 },
    reason: 'journal and body: one write each that syncs; a look at the free space every five seconds',
  },
  {
    name: 'thread messages',
    ...{ perTransaction: 0.01, perRound: 4.2, perRequest: 2 },
    reason: 'build or execute, and commit, there and back; a job of signatures there and back',
  },
  {
    name: 'frames',
    ...{ perRound: 7, perRequest: 0.5, perSecond: 3.1 },
    reason: 'proposal, Prepare, Commit to three peers; relayed transactions, many in one; status to each peer',
  },
  {
    name: 'peer writes',
    ...{ perRound: 8, perRequest: 1, perSecond: 3.5 },
    reason: 'one for each frame, and the windows of streams',
  },
  {
    name: 'network messages out',
    ...{ perTransaction: 0.76, perRound: 10, perSecond: 3.1 },
    reason: 'the node that took a transaction in relays it to three others; votes and proposals; status',
  },
  {
    name: 'network bytes out',
    ...{ perPayment: 27.5, perTransaction: 200, perRound: 2_000, perSecond: 200 },
    reason: 'transactions once to each other validator; votes, and proposals by ids; status',
  },
  {
    name: 'client writes',
    perRequest: 0.75,
    reason: 'of the one node in four that streams: verdicts, proofs of two blocks at most, and the end with the last',
  },
];

/** What a bound allows for a workload. */
export function allowed(bound: Bound, work: Omit<CountedWork, 'counts'>): number {
  const { perPayment = 0, perTransaction = 0, perBlock = 0, perRound = 0, perRequest = 0, perSecond = 0 } = bound;
  const { everySeconds = 1 } = bound;
  const attempts = bound.isPerAttempt === true ? work.rounds / work.blocks : 1;
  return (
    (perPayment * work.payments + perTransaction * work.transactions) * attempts +
    perBlock * work.blocks +
    perRound * work.rounds +
    perRequest * work.requests +
    perSecond * (Math.floor(work.seconds / everySeconds) + 1)
  );
}

/** What breaks a bound, in words. */
export function faultsOf(work: CountedWork, bounds: readonly Bound[]): string[] {
  return bounds.flatMap((bound) => {
    const { name, isExact = false, mayBeNone = false, reason } = bound;
    const found = work.counts.get(name) ?? 0;
    const most = allowed(bound, work);
    const line = `${name}: at most ${most.toFixed(1)} (${reason}), found ${found.toFixed(1)}`;
    if (found > most) return [line];
    if (found === 0 && !mayBeNone) return [`${line}: nothing is counted any more`];
    return isExact && found < most ? [`${line}, and not less`] : [];
  });
}

/** A bound that none of the workloads comes so near to is too wide. */
const HINT_SHARE = 0.7;

/** Rounds a block up to which a run is a calm one. */
const CALM_ROUNDS = 1.2;

/** Bounds that can be lowered, in words: told after calm runs alone. */
export function hintsOf(works: readonly CountedWork[], bounds: readonly Bound[]): string[] {
  const calm = works.filter(({ rounds, blocks }) => rounds < blocks * CALM_ROUNDS);
  if (calm.length === 0) return [];
  return bounds.flatMap((bound) => {
    const shares = calm.map((work) => (work.counts.get(bound.name) ?? 0) / allowed(bound, work));
    const share = Math.max(...shares);
    if (share >= HINT_SHARE) return [];
    return [
      `${bound.name} needs ${(share * 100).toFixed(0)} % of its bound at most: lower it in test/performance/bounds.ts`,
    ];
  });
}
