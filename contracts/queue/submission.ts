import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import { MethodContext } from '../api/context.js';
import type { Allowance } from '../cash/allowance.js';
import { cash } from '../cash/cash.js';
import { allowanceOf } from '../cash/left.js';
import type { Rank } from '../gridlock/input.js';
import { payments } from '../payments/payments.js';
import { Bilateral } from './bilateral.js';
import { Book, countUpTo } from './book.js';
import { type Decision, type RefusalCode, refusedWith } from './decisions.js';
import { type Payment, type QueueContext, reservationLock } from './declaration.js';
import { MAX_QUEUED_AMOUNT, QUEUE, QUEUE_LIMITS } from './records.js';
import { rowsInOrder } from './rows.js';
import { drawReserve, dropAll, runQueue } from './run.js';

/** About what one payment takes beyond the host's operations, in nanoseconds. */
export const SUBMISSION_FUEL = 2_500;

/** Payments that are not held up to which a submission begins a run by itself, and how far that searches. */
const TRIGGER = { active: 200, searchSteps: 10_000 } as const;

/** More than such a run takes: in any case, and for each payment that waits. */
const TRIGGER_FUEL = { run: 6_000_000, payment: 80_000 } as const;

/** Rows at the head of the queue among which a submission looks for payments of its debtor that are over. */
const ROWS_LOOKED_AT = 32;

/** Which roles of the debtor's member a priority takes; none for one that everybody may claim. */
const ROLES_OF: Readonly<Record<Rank, readonly string[]>> = {
  centralBank: ['centralBank'],
  clearing: ['centralBank', 'operator'],
  urgent: [],
  normal: [],
};

export interface Header {
  readonly debtor: Address;
  readonly currency: string;
  readonly businessDay?: CalendarDay | undefined;
}

/** The payments of one debtor that one call submits. They settle and enter in their order; `end` moves the money. */
export class Submission {
  readonly book: Book;
  readonly day: CalendarDay;
  readonly #ctx: QueueContext;
  readonly #debtor: Address;
  readonly #bilateral: Bilateral;
  readonly #credits: { readonly creditor: Address; readonly amount: bigint }[] = [];
  readonly #creditors = new Set<Address>();
  readonly #isBlocked: boolean;
  readonly #allowance: Allowance | undefined;
  /** What counts against the debtor's limits: all that was taken, whether it has settled or waits. */
  readonly #authorised: { readonly creditor: Address; readonly amount: bigint }[] = [];
  #free: bigint;
  #reserved: bigint | undefined;
  #drawn = 0n;
  #hasLooked = false;

  /** @throws ContractFailure unless the currency's business day is open, the one that was named, and before its cut-off */
  constructor(ctx: QueueContext, header: Header) {
    const position = openPosition(ctx, header);
    const { day, available, isBlocked } = position;
    const book = new Book(ctx, header.currency);
    this.book = book;
    this.day = day;
    this.#ctx = ctx;
    this.#debtor = header.debtor;
    this.#bilateral = new Bilateral(ctx, header.currency, day, (account) => book.account(account).limits > 0);
    this.#free = available;
    this.#isBlocked = isBlocked;
    const { currency, debtor } = header;
    const isBound = position.isLimited || position.isRuled;
    this.#allowance = isBound ? allowanceOf(ctx, { currency, debtor, day }, position) : undefined;
  }

  /** Decides one payment. Its reference is used up unless it is refused. */
  submit(payment: Payment): Decision {
    const ctx = this.#ctx;
    ctx.useFuel(SUBMISSION_FUEL);
    const key = { debtor: this.#debtor, reference: payment.reference, businessDay: this.day };
    const settles = this.#settlesAtOnce(payment);
    const { amount, creditor } = payment;
    const fault =
      this.#faultOf(payment) ??
      this.#allowance?.refusalOf(amount, creditor) ??
      (settles ? undefined : this.#roomFault());
    if (fault !== undefined) {
      const isUsed = ctx.view(payments.methods.isReferenceUsed, key);
      return isUsed ? { kind: 'refused', code: 'BUSINESS_REFERENCE_USED' } : refusedWith(fault);
    }
    if (!ctx.call(payments.methods.useReference, key)) return { kind: 'refused', code: 'BUSINESS_REFERENCE_USED' };
    this.#authorise(amount, creditor);
    this.#creditors.add(creditor);
    if (!settles) return { kind: 'queued', id: this.#enter(payment) };
    this.#settle(payment);
    return { kind: 'settled' };
  }

  /**
   * Moves the money of what has settled. Where a creditor has payments of its own that wait, the queue is short, and there is
   * fuel for it, a run follows: the payment may close a cycle, or its money be what they waited for.
   *
   * @returns ids that the run settled
   */
  end(): ReadonlySet<number> {
    const ctx = this.#ctx;
    const { currency } = this.book;
    if (this.#authorised.length > 0) {
      ctx.call(cash.methods.countSubmitted, { currency, debtor: this.#debtor, payments: this.#authorised });
    }
    drawReserve(ctx, currency, this.#debtor, this.#drawn);
    if (this.#credits.length > 0) {
      ctx.call(cash.methods.transferMany, { currency, debtor: this.#debtor, credits: this.#credits });
    }
    const settled = this.#isWorthARun() ? this.#run() : [];
    this.#bilateral.save(ctx);
    this.book.save();
    return new Set(settled);
  }

  #authorise(amount: bigint, creditor: Address): void {
    if (this.#allowance === undefined) return;
    this.#allowance.take(amount, creditor);
    this.#authorised.push({ creditor, amount });
  }

  #isWorthARun(): boolean {
    const { active } = this.book.queue;
    if (active > TRIGGER.active) return false;
    if (MethodContext.fuelLeft(this.#ctx) < TRIGGER_FUEL.run + TRIGGER_FUEL.payment * active) return false;
    return [...this.#creditors].some((creditor) => this.book.activeOn(this.day, creditor) > 0);
  }

  #run(): readonly number[] {
    const options = { day: this.day, stages: 'all', maxPayments: TRIGGER.active, trigger: 'submission' } as const;
    const { searchSteps } = TRIGGER;
    return runQueue(this.#ctx, this.book, this.#bilateral, { ...options, searchSteps }).settled;
  }

  #faultOf({ creditor, amount, expiresAt, priority = 'normal' }: Payment): RefusalCode | undefined {
    const ctx = this.#ctx;
    if (amount === 0n) return 'AMOUNT_ZERO';
    if (amount > MAX_QUEUED_AMOUNT) return 'AMOUNT_TOO_LARGE';
    if (creditor === this.#debtor) return 'SAME_ACCOUNT';
    const account = ctx.account(creditor);
    if (account === undefined) return 'ACCOUNT_UNKNOWN';
    if (!account.active) return 'SUSPENDED';
    if (expiresAt !== undefined && expiresAt <= ctx.timestamp) return 'EXPIRED';
    return mayClaim(ctx, this.#debtor, priority) ? undefined : 'PRIORITY_RESERVED';
  }

  #roomFault(): RefusalCode | undefined {
    if (countUpTo(this.book.queue.waiting) >= QUEUE_LIMITS.waiting) return 'QUEUE_FULL';
    const { outgoing } = this.book.member(this.#debtor);
    return outgoing >= QUEUE_LIMITS.waitingPerMember ? 'QUEUE_SHARE_FULL' : undefined;
  }

  /** Funded out of what no order keeps, within its limit, and nothing of the debtor's waits that goes before it: held payments stand in nobody's way. */
  #settlesAtOnce({ creditor, amount, priority = 'normal' }: Payment): boolean {
    if (this.#isBlocked || this.#isBehindOthers(priority)) return false;
    if (priority !== 'normal') return amount <= this.#free || amount <= this.#free + this.#reservedLeft();
    if (amount > this.#free) return false;
    const left = this.#bilateral.left(this.#debtor, creditor);
    return left === undefined || amount <= left;
  }

  #isBehindOthers(priority: Rank): boolean {
    if (this.book.activeOn(this.day, this.#debtor, priority) === 0) return false;
    if (!this.#hasLooked) this.#dropExpired();
    return this.book.activeOn(this.day, this.#debtor, priority) > 0;
  }

  /** What can never settle is to hold up nothing: it is dropped where it stands near the head of the queue. */
  #dropExpired(): void {
    this.#hasLooked = true;
    const { currency, queue } = this.book;
    const rows = rowsInOrder(this.#ctx, queue, { currency, limit: ROWS_LOOKED_AT });
    const own = rows.filter(({ debtor }) => debtor === this.#debtor);
    dropAll(this.#ctx, this.book, own, this.day);
  }

  #reservedLeft(): bigint {
    const lock = { currency: this.book.currency, contract: QUEUE, lock: reservationLock(this.#debtor) };
    this.#reserved ??= this.#ctx.view(cash.methods.lockOf, lock)?.amount ?? 0n;
    return this.#reserved - this.#drawn;
  }

  #settle({ creditor, amount }: Payment): void {
    const drawn = amount > this.#free ? amount - this.#free : 0n;
    this.#drawn += drawn;
    this.#free -= amount - drawn;
    this.#credits.push({ creditor, amount });
    this.#bilateral.note(this.#debtor, creditor, amount);
  }

  #enter({ creditor, amount, reference, endToEndId, expiresAt, priority = 'normal' }: Payment): number {
    const { book, day: businessDay } = this;
    const entry = { debtor: this.#debtor, creditor, amount, businessDay, expiresAt, priority, reference, endToEndId };
    const id = book.enter(entry);
    this.#ctx.emit('Queued', { id, currency: book.currency, ...entry });
    return id;
  }
}

function openPosition(
  ctx: QueueContext,
  { debtor, currency, businessDay }: Header,
): {
  readonly day: CalendarDay;
  readonly available: bigint;
  readonly isBlocked: boolean;
  readonly isLimited: boolean;
  readonly isRuled: boolean;
} {
  const position = ctx.view(cash.methods.position, { currency, account: debtor });
  const { openDay, available, isBlocked, isLimited, isRuled, passedCutOffAt } = position;
  if (openDay === undefined) return ctx.fail('BUSINESS_DAY_CLOSED', { currency });
  if (businessDay !== undefined && businessDay !== openDay) {
    return ctx.fail('BUSINESS_DAY_MISMATCH', { expected: businessDay, open: openDay });
  }
  if (passedCutOffAt !== undefined) return ctx.fail('CUT_OFF_PASSED', { cutOffAt: passedCutOffAt });
  return { day: openDay, available, isBlocked, isLimited, isRuled };
}

/** True when the debtor's member may claim the priority. */
export function mayClaim(ctx: QueueContext, debtor: Address, priority: Rank): boolean {
  const roles = ROLES_OF[priority];
  return roles.length === 0 || ctx.requireAccount(debtor).roles.some((role) => roles.includes(role));
}
