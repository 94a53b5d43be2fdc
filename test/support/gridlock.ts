import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { GridlockInput, QueuedPayment } from '../../contracts/gridlock/input.js';
import { RANKS } from '../../contracts/gridlock/input.js';
import { repositoryRoot } from './repositoryRoot.js';

/** A case of cases.json: what `vostro settle simulate` reads, and what is known of it. */
export interface PublishedCase {
  readonly id: string;
  readonly balances: Readonly<Record<string, string>>;
  readonly queue: readonly {
    readonly id: string;
    readonly from: string;
    readonly to: string;
    readonly amount: string;
  }[];
  readonly fifo: {
    readonly settled: readonly string[];
    readonly closing: Readonly<Record<string, string>>;
    readonly value: string;
  };
  readonly optimumValue: string;
}

export function publishedCases(): readonly PublishedCase[] {
  const file = join(repositoryRoot(), 'test', 'unit', 'contracts', 'gridlock', 'cases.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly PublishedCase[] }).cases;
}

/** An input in few words: `T1 A B 100`, with a rank and `held` behind where they are not normal and free. */
export function inputOf(
  balances: Readonly<Record<string, number>>,
  payments: readonly string[],
  limits: readonly string[] = [],
): GridlockInput {
  return {
    banks: Object.entries(balances).map(([bank, available]) => ({ bank, available: BigInt(available) })),
    payments: payments.map((text): QueuedPayment => {
      const [id = '', debtor = '', creditor = '', amount = '', ...rest] = text.split(' ');
      const rank = RANKS.find((known) => rest.includes(known)) ?? 'normal';
      return { id, debtor, creditor, amount: BigInt(amount), rank, isHeld: rest.includes('held') };
    }),
    limits: limits.map((text) => {
      const [debtor = '', creditor = '', net = ''] = text.split(' ');
      return { debtor, creditor, net: BigInt(net) };
    }),
  };
}

interface Shape {
  readonly maxBanks: number;
  readonly maxPayments: number;
  readonly maxBalance: number;
  readonly maxAmount: number;
  /** With ranks, held payments and limits. */
  readonly hasRules: boolean;
}

/** Random networks of the kind that the published cases are of. */
export function networks(shape: Shape): fc.Arbitrary<GridlockInput> {
  return fc.integer({ min: 2, max: shape.maxBanks }).chain((count) => {
    const bank = fc.nat(count - 1).map(nameOf);
    const pair = fc.tuple(bank, bank).filter(([debtor, creditor]) => debtor !== creditor);
    const amount = (min: number, max: number) => fc.integer({ min, max }).map(BigInt);
    const payment = fc.record({
      parties: pair,
      amount: amount(1, shape.maxAmount),
      rank: shape.hasRules ? fc.constantFrom(...RANKS) : fc.constant('normal' as const),
      isHeld: shape.hasRules ? fc.nat(7).map((n) => n === 0) : fc.constant(false),
    });
    const limit = fc.record({ parties: pair, net: amount(-2, shape.maxAmount) });
    return fc.record({
      banks: fc
        .array(amount(0, shape.maxBalance), { minLength: count, maxLength: count })
        .map((balances) => balances.map((available, at) => ({ bank: nameOf(at), available }))),
      payments: fc
        .array(payment, { maxLength: shape.maxPayments })
        .map((list) =>
          list.map(({ parties: [debtor, creditor], ...rest }, at) => ({ id: `T${at + 1}`, debtor, creditor, ...rest })),
        ),
      limits: fc
        .uniqueArray(limit, { maxLength: shape.hasRules ? 3 : 0, selector: ({ parties }) => parties.join() })
        .map((list) => list.map(({ parties: [debtor, creditor], net }) => ({ debtor, creditor, net }))),
    });
  });
}

/** A queue by a number: a linear congruential generator, so that the same figures come on every machine. */
export function fixedInput(
  banks: number,
  payments: number,
  maxBalance: number,
  maxAmount: number,
  number = 0,
): GridlockInput {
  let seed = 20_260_101n + BigInt(number);
  const next = (below: number): number => {
    seed = (seed * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & ((1n << 64n) - 1n);
    return Number((seed >> 33n) % BigInt(below));
  };
  return {
    banks: Array.from({ length: banks }, (_, at) => ({ bank: nameOf(at), available: BigInt(next(maxBalance + 1)) })),
    payments: Array.from({ length: payments }, (_, at) => {
      const debtor = next(banks);
      const creditor = (debtor + 1 + next(banks - 1)) % banks;
      const amount = BigInt(1 + next(maxAmount));
      return {
        id: `T${at + 1}`,
        debtor: nameOf(debtor),
        creditor: nameOf(creditor),
        amount,
        rank: 'normal',
        isHeld: false,
      };
    }),
    limits: [],
  };
}

function nameOf(at: number): string {
  return `BANK${String(at).padStart(2, '0')}`;
}

/** The queue as the rules order it, held payments left out. Written apart from the product, to check it. */
export function naiveQueue({ payments }: GridlockInput): readonly QueuedPayment[] {
  const eligible = payments.filter(({ isHeld }) => !isHeld);
  return RANKS.flatMap((rank) => eligible.filter((payment) => payment.rank === rank));
}

/** What each bank closes with. */
export function naiveClosing(input: GridlockInput, set: readonly QueuedPayment[]): ReadonlyMap<string, bigint> {
  const closing = new Map(input.banks.map(({ bank, available }) => [bank, available]));
  for (const { debtor, creditor, amount } of set) {
    closing.set(debtor, (closing.get(debtor) ?? 0n) - amount);
    closing.set(creditor, (closing.get(creditor) ?? 0n) + amount);
  }
  return closing;
}

export function naiveValue(set: readonly QueuedPayment[]): bigint {
  return set.reduce((sum, { amount }) => sum + amount, 0n);
}

/** Which of the rules of a set it breaks: funds, limits, ranks. */
export function naiveFaults(input: GridlockInput, set: readonly QueuedPayment[]): readonly string[] {
  const faults: string[] = [];
  for (const [bank, closing] of naiveClosing(input, set)) if (closing < 0n) faults.push(`funds of ${bank}`);
  for (const { debtor, creditor, net } of input.limits) {
    const there = set.filter((payment) => payment.debtor === debtor && payment.creditor === creditor);
    const back = set.filter((payment) => payment.debtor === creditor && payment.creditor === debtor);
    const isBound = there.some(({ rank }) => rank === 'normal');
    if (isBound && naiveValue(there) - naiveValue(back) > net) faults.push(`limit ${debtor} ${creditor}`);
  }
  for (const { bank } of input.banks) {
    const waiting = naiveQueue(input).filter((payment) => payment.debtor === bank && !set.includes(payment));
    const highest = Math.min(RANKS.length, ...waiting.map(({ rank }) => RANKS.indexOf(rank)));
    const passing = set.filter(({ debtor, rank }) => debtor === bank && RANKS.indexOf(rank) > highest);
    const received = set.filter(({ creditor }) => creditor === bank);
    if (naiveValue(passing) > naiveValue(received)) faults.push(`ranks of ${bank}`);
  }
  return faults;
}

/** The set of most value that holds, of each bank, its payments up to some place: every combination is tried. */
export function naiveFifo(input: GridlockInput): readonly QueuedPayment[] {
  const queues = input.banks.map(({ bank }) => naiveQueue(input).filter(({ debtor }) => debtor === bank));
  let best: readonly QueuedPayment[] = [];
  const descend = (at: number, set: readonly QueuedPayment[]): void => {
    const queue = queues[at];
    if (queue === undefined) {
      if (naiveValue(set) < naiveValue(best)) return;
      if ([...naiveClosing(input, set).values()].every((closing) => closing >= 0n)) best = set;
      return;
    }
    for (let length = 0; length <= queue.length; length++) descend(at + 1, [...set, ...queue.slice(0, length)]);
  };
  descend(0, []);
  return best;
}

/** The most that a set settles which breaks no rule and holds what must be in it: every set is tried. */
export function naiveOptimum(input: GridlockInput, kept: readonly QueuedPayment[] = []): bigint {
  const queue = naiveQueue(input);
  let best = 0n;
  for (let choice = 0; choice < 2 ** queue.length; choice++) {
    const set = queue.filter((_, at) => ((choice >> at) & 1) === 1);
    const value = naiveValue(set);
    if (value <= best || !kept.every((payment) => set.includes(payment))) continue;
    if (naiveFaults(input, set).length === 0) best = value;
  }
  return best;
}
