import { DEFAULT_STEPS, requiredSteps, resolveGridlock } from '../../../contracts/gridlock/gridlock.js';
import { RANKS, type Rank } from '../../../contracts/gridlock/input.js';

/** A payment of the day, in the order in which it was submitted. Amounts are minor units. */
export interface DrillPayment {
  readonly id: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: bigint;
  readonly rank: Rank;
  /** False for one that waits still. */
  readonly isSettled: boolean;
}

export interface DrillInput {
  /** What each account has now, free and locked. */
  readonly owned: ReadonlyMap<string, bigint>;
  readonly payments: readonly DrillPayment[];
}

/** One account's day with the member and without it. */
export interface DrillAccount {
  readonly account: string;
  /** What it has now, less what it was paid and with what it paid: all else that moved counts from the beginning. */
  readonly opening: bigint;
  readonly closing: bigint;
  readonly closingWithout: bigint;
}

/** A payment that was made and could not have been. */
export interface UnpaidPayment {
  readonly payment: DrillPayment;
  /** What its debtor would have had at the end. */
  readonly available: bigint;
}

export interface DrillResult {
  /** Without those of the member, in the order of their names. */
  readonly accounts: readonly DrillAccount[];
  readonly unpaid: readonly UnpaidPayment[];
  /** Payments from and to the member that were made, and their sums. */
  readonly fromMember: { readonly count: number; readonly amount: bigint };
  readonly toMember: { readonly count: number; readonly amount: bigint };
}

/**
 * The day again without the payments of some accounts, in and out: each payment in its order settles where it is funded and nothing
 * of its debtor's waits before it; what waits settles as soon as its debtor has the money, and at the end by the mechanism's stage
 * one together.
 *
 * @param isLeftOut true for the accounts of the member
 * @throws GridlockError where more accounts or payments wait than one run takes
 */
export function replayWithout({ owned, payments }: DrillInput, isLeftOut: (account: string) => boolean): DrillResult {
  const openings = openingsOf(owned, payments);
  const others = payments.filter(({ debtor, creditor }) => !isLeftOut(debtor) && !isLeftOut(creditor));
  const replay = new Replay(openings);
  for (const payment of others) replay.submit(payment);
  const waiting = new Set(replay.end());
  const unpaid = others.filter((payment) => payment.isSettled && waiting.has(payment));
  return {
    accounts: [...openings]
      .filter(([account]) => !isLeftOut(account))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([account, opening]) => ({
        ...{ account, opening, closing: owned.get(account) ?? 0n, closingWithout: replay.balance(account) },
      })),
    unpaid: unpaid.map((payment) => ({ payment, available: replay.balance(payment.debtor) })),
    fromMember: totalOf(payments.filter(({ debtor, isSettled }) => isSettled && isLeftOut(debtor))),
    toMember: totalOf(payments.filter(({ creditor, isSettled }) => isSettled && isLeftOut(creditor))),
  };
}

function openingsOf(
  owned: ReadonlyMap<string, bigint>,
  payments: readonly DrillPayment[],
): ReadonlyMap<string, bigint> {
  const openings = new Map(owned);
  const add = (account: string, amount: bigint): void =>
    void openings.set(account, (openings.get(account) ?? 0n) + amount);
  for (const { debtor, creditor, amount, isSettled } of payments) {
    const moved = isSettled ? amount : 0n;
    add(debtor, moved);
    add(creditor, -moved);
  }
  return openings;
}

function totalOf(payments: readonly DrillPayment[]): { readonly count: number; readonly amount: bigint } {
  return { count: payments.length, amount: payments.reduce((sum, { amount }) => sum + amount, 0n) };
}

/** Accounts and what waits of each, in the order of the queue: rank, then entry. */
class Replay {
  readonly #balances: Map<string, bigint>;
  readonly #waiting = new Map<string, DrillPayment[]>();
  /** Everything that has waited, in the order of entry. */
  readonly #entered: DrillPayment[] = [];

  constructor(openings: ReadonlyMap<string, bigint>) {
    this.#balances = new Map(openings);
  }

  balance(account: string): bigint {
    return this.#balances.get(account) ?? 0n;
  }

  submit(payment: DrillPayment): void {
    const own = this.#queueOf(payment.debtor);
    if (own.length === 0 && payment.amount <= this.balance(payment.debtor)) {
      this.#settle(payment);
      return;
    }
    const rank = RANKS.indexOf(payment.rank);
    const behind = own.findIndex((each) => RANKS.indexOf(each.rank) > rank);
    own.splice(behind < 0 ? own.length : behind, 0, payment);
    this.#entered.push(payment);
    this.#settleHeads([payment.debtor]);
  }

  /** Settles by net position what can. @returns what waits still */
  end(): readonly DrillPayment[] {
    const waiting = this.#stillWaiting();
    const names = [...new Set(waiting.flatMap(({ debtor, creditor }) => [debtor, creditor]))];
    const banks = names.map((bank) => ({ bank, available: this.balance(bank) > 0n ? this.balance(bank) : 0n }));
    const input = { banks, payments: waiting.map((each) => ({ ...each, isHeld: false })), limits: [] };
    const maxSteps = Math.max(DEFAULT_STEPS, requiredSteps(input));
    const settled = new Set(resolveGridlock(input, { stages: 'fifo', maxSteps }).settled);
    for (const payment of waiting) if (settled.has(payment.id)) this.#move(payment);
    return waiting.filter(({ id }) => !settled.has(id));
  }

  #stillWaiting(): readonly DrillPayment[] {
    const all = new Set([...this.#waiting.values()].flat());
    return this.#entered.filter((payment) => all.has(payment));
  }

  #queueOf(debtor: string): DrillPayment[] {
    const known = this.#waiting.get(debtor) ?? [];
    this.#waiting.set(debtor, known);
    return known;
  }

  #settle(payment: DrillPayment): void {
    this.#move(payment);
    this.#settleHeads([payment.creditor]);
  }

  /** What stands first with an account that has money now settles, and so on with those that it pays. */
  #settleHeads(accounts: string[]): void {
    for (let account = accounts.pop(); account !== undefined; account = accounts.pop()) {
      const own = this.#queueOf(account);
      for (let head = own[0]; head !== undefined && head.amount <= this.balance(account); head = own[0]) {
        own.shift();
        this.#move(head);
        accounts.push(head.creditor);
      }
    }
  }

  #move({ debtor, creditor, amount }: DrillPayment): void {
    this.#balances.set(debtor, this.balance(debtor) - amount);
    this.#balances.set(creditor, this.balance(creditor) + amount);
  }
}
