import { type GridlockInput, NORMAL, pairKey, RANKS, requireInput } from './input.js';

/**
 * An input with numbers in place of names. Banks are numbered in the order of their names, by code units: the canonical
 * order. Payments are numbered as they stand in the queue: rank descending, creation ascending.
 */
export interface Network {
  readonly banks: readonly string[];
  readonly available: readonly bigint[];
  readonly payments: readonly string[];
  readonly debtor: Int32Array;
  readonly creditor: Int32Array;
  readonly amount: readonly bigint[];
  /** Index into RANKS. */
  readonly rank: Uint8Array;
  readonly isHeld: Uint8Array;
  /** Payments that are not held, of each bank as debtor, ascending. */
  readonly outgoing: readonly (readonly number[])[];
  /** Payments that are not held, ascending. */
  readonly eligible: readonly number[];
  /** True where the eligible payments are not all of one rank. */
  readonly hasRanks: boolean;
  /** By debtor, then by creditor, in the canonical order. */
  readonly limits: readonly NetworkLimit[];
  /** For each payment the limit of its debtor towards its creditor, -1 where there is none. */
  readonly limitOf: Int32Array;
  /** For each payment the limit of its creditor towards its debtor, -1 where there is none. */
  readonly counterLimitOf: Int32Array;
}

export interface NetworkLimit {
  readonly debtor: number;
  readonly creditor: number;
  readonly net: bigint;
}

/** Checks an input and numbers it. @throws GridlockError */
export function buildNetwork(input: GridlockInput): Network {
  requireInput(input);
  const positions = [...input.banks].sort((a, b) => compareNames(a.bank, b.bank));
  const indexOf = new Map(positions.map(({ bank }, at) => [bank, at]));
  const bankIndex = (bank: string): number => indexOf.get(bank) ?? -1;
  const queue = RANKS.flatMap((rank) => input.payments.filter((payment) => payment.rank === rank));
  const debtor = Int32Array.from(queue, (payment) => bankIndex(payment.debtor));
  const creditor = Int32Array.from(queue, (payment) => bankIndex(payment.creditor));
  const isHeld = Uint8Array.from(queue, (payment) => (payment.isHeld ? 1 : 0));
  const rank = Uint8Array.from(queue, (payment) => RANKS.indexOf(payment.rank));
  const eligible = [...queue.keys()].filter((at) => isHeld[at] === 0);
  const outgoing: number[][] = positions.map(() => []);
  for (const at of eligible) outgoing[debtor[at] ?? 0]?.push(at);
  return {
    banks: positions.map(({ bank }) => bank),
    available: positions.map(({ available }) => available),
    payments: queue.map(({ id }) => id),
    debtor,
    creditor,
    amount: queue.map(({ amount }) => amount),
    rank,
    isHeld,
    outgoing,
    eligible,
    hasRanks: new Set(eligible.map((at) => rank[at])).size > 1,
    ...numberLimits(input, queue, bankIndex),
  };
}

/** True where payments of the rank may be given up, and are bound by limits. */
export function isNormal(network: Network, payment: number): boolean {
  return network.rank[payment] === NORMAL;
}

/** The payments with the largest first; of equal amounts, the first in the queue. */
export function largestFirst({ amount }: Network, payments: readonly number[]): number[] {
  return [...payments].sort((a, b) => compareAmounts(amount[b] ?? 0n, amount[a] ?? 0n) || a - b);
}

export function compareAmounts(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function numberLimits(
  { limits }: GridlockInput,
  queue: GridlockInput['payments'],
  bankIndex: (bank: string) => number,
): Pick<Network, 'limits' | 'limitOf' | 'counterLimitOf'> {
  const ordered = [...limits].sort((a, b) => compareNames(a.debtor, b.debtor) || compareNames(a.creditor, b.creditor));
  const at = new Map(ordered.map(({ debtor, creditor }, index) => [pairKey(debtor, creditor), index]));
  const find = (debtor: string, creditor: string): number =>
    at.size === 0 ? -1 : (at.get(pairKey(debtor, creditor)) ?? -1);
  return {
    limits: ordered.map(({ debtor, creditor, net }) => ({
      debtor: bankIndex(debtor),
      creditor: bankIndex(creditor),
      net,
    })),
    limitOf: Int32Array.from(queue, ({ debtor, creditor }) => find(debtor, creditor)),
    counterLimitOf: Int32Array.from(queue, ({ debtor, creditor }) => find(creditor, debtor)),
  };
}

/** By code units: the canonical order of names. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
