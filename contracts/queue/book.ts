import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import { RANKS, type Rank } from '../gridlock/input.js';
import type { AccountRow, Item, MemberRow, QueueContext, QueueRow, Status, Waiting } from './declaration.js';

type Counts = AccountRow['active'];

/** What a payment is once it waits. */
export type Entry = Pick<
  Item,
  'debtor' | 'creditor' | 'amount' | 'businessDay' | 'expiresAt' | 'priority' | 'reference' | 'endToEndId'
>;

/** The payments of one currency as a call changes them. Rows that many payments share are read once and written once. */
export class Book {
  readonly #ctx: QueueContext;
  readonly #accounts = new Map<Address, AccountRow>();
  readonly #changed = new Set<Address>();
  readonly #members = new Map<string, MemberRow>();
  readonly #memberOf = new Map<Address, string>();
  readonly currency: string;
  #queue: QueueRow;
  #isQueueChanged = false;

  constructor(ctx: QueueContext, currency: string) {
    this.#ctx = ctx;
    this.currency = currency;
    this.#queue = ctx.state.queues.get(currency);
  }

  get queue(): QueueRow {
    return this.#queue;
  }

  changeQueue(change: Partial<QueueRow>): void {
    this.#queue = { ...this.#queue, ...change };
    this.#isQueueChanged = true;
  }

  account(account: Address): AccountRow {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const row = this.#ctx.state.accounts.get(this.currency, account);
    this.#accounts.set(account, row);
    return row;
  }

  /** Payments of an account that may go before others on a business day, of a rank and of those above it. */
  activeOn(day: CalendarDay, account: Address, lowest?: Rank): number {
    const { active, activeDay } = this.account(account);
    return activeDay === day ? countUpTo(active, lowest) : 0;
  }

  changeAccount(account: Address, change: Partial<AccountRow>): void {
    this.#accounts.set(account, { ...this.account(account), ...change });
    this.#changed.add(account);
  }

  /** The member of an account that the network has. */
  memberOf(account: Address): string {
    const known = this.#memberOf.get(account);
    if (known !== undefined) return known;
    const { member } = this.#ctx.account(account) ?? this.#ctx.fail('ACCOUNT_UNKNOWN', { account });
    this.#memberOf.set(account, member);
    return member;
  }

  /** What waits of all accounts of the account's member. */
  member(account: Address): MemberRow {
    const member = this.memberOf(account);
    return this.#members.get(member) ?? this.#ctx.state.members.get(this.currency, member);
  }

  changeMember(account: Address, change: Partial<MemberRow>): void {
    this.#members.set(this.memberOf(account), { ...this.member(account), ...change });
  }

  /** Puts a payment at the end of its rank. @returns its id */
  enter(entry: Entry): number {
    const { nextId } = this.#queue;
    const now = this.#ctx.timestamp;
    this.#ctx.state.items.set(this.currency, nextId, { ...entry, isHeld: false, submittedAt: now, status: 'queued' });
    this.#place({ ...entry, id: nextId, isHeld: false });
    this.changeQueue({ nextId: nextId + 1 });
    this.#count(entry, 1);
    return nextId;
  }

  /** Takes a payment out of the queue for good. */
  finish(waiting: Waiting, status: Exclude<Status, 'queued'>, run?: number): void {
    const item = this.#ctx.state.items.get(this.currency, waiting.id);
    const finished = { ...item, status, finishedAt: this.#ctx.timestamp, run };
    this.#ctx.state.items.set(this.currency, waiting.id, finished);
    this.#ctx.state.order.delete(this.currency, waiting.priority, waiting.id);
    this.#count(waiting, -1);
    if (!waiting.isHeld) this.#countActive(waiting, -1);
  }

  /** Changes what its bank may change of a payment that waits; its place among those of its rank stays that of its age. */
  change(id: number, item: Item, change: { readonly isHeld?: boolean; readonly priority?: Rank }): void {
    const changed = { ...item, ...change };
    this.#ctx.state.items.set(this.currency, id, changed);
    if (changed.priority !== item.priority) this.#ctx.state.order.delete(this.currency, item.priority, id);
    if (!item.isHeld) this.#countActive(item, -1);
    this.changeQueue({ waiting: added(added(this.#queue.waiting, item.priority, -1), changed.priority, 1) });
    this.#place({ ...changed, id });
  }

  /** Writes what has changed. */
  save(): void {
    const { state } = this.#ctx;
    for (const account of this.#changed) {
      const row = this.account(account);
      if (isEmpty(row)) state.accounts.delete(this.currency, account);
      else state.accounts.set(this.currency, account, row);
    }
    this.#changed.clear();
    for (const [member, row] of this.#members) {
      if (row.outgoing === 0 && row.limits === 0) state.members.delete(this.currency, member);
      else state.members.set(this.currency, member, row);
    }
    this.#members.clear();
    if (this.#isQueueChanged) state.queues.set(this.currency, this.#queue);
    this.#isQueueChanged = false;
  }

  #place(waiting: Waiting): void {
    const { id, priority, debtor, creditor, amount, businessDay, expiresAt, isHeld } = waiting;
    const placed = { debtor, creditor, amount, businessDay, expiresAt, isHeld };
    this.#ctx.state.order.set(this.currency, priority, id, placed);
    if (!isHeld) this.#countActive(waiting, 1);
  }

  /** What is left of an earlier business day never settles, and goes before nothing. */
  #countActive({ debtor, priority, businessDay }: Pick<Item, 'debtor' | 'priority' | 'businessDay'>, by: 1 | -1): void {
    this.changeQueue({ active: this.#queue.active + by });
    const { active, activeDay } = this.account(debtor);
    if (businessDay === activeDay) this.changeAccount(debtor, { active: added(active, priority, by) });
    else if (by === 1) this.changeAccount(debtor, { active: added(NONE, priority, by), activeDay: businessDay });
  }

  #count({ debtor, creditor, amount, priority }: Entry | Waiting, by: 1 | -1): void {
    const change = by === 1 ? amount : -amount;
    const { outgoing, outgoingAmount } = this.account(debtor);
    this.changeAccount(debtor, { outgoing: outgoing + by, outgoingAmount: outgoingAmount + change });
    this.changeMember(debtor, { outgoing: this.member(debtor).outgoing + by });
    this.changeAccount(creditor, { incomingAmount: this.account(creditor).incomingAmount + change });
    this.changeQueue({ waiting: added(this.#queue.waiting, priority, by) });
  }
}

/** How many there are of a rank and of those above it; of all when left out. */
export function countUpTo(counts: Counts, lowest: Rank = 'normal'): number {
  return RANKS.slice(0, RANKS.indexOf(lowest) + 1).reduce((sum, rank) => sum + counts[rank], 0);
}

const NONE: Counts = { centralBank: 0, clearing: 0, urgent: 0, normal: 0 };

function added(counts: Counts, rank: Rank, by: 1 | -1): Counts {
  return { ...counts, [rank]: counts[rank] + by };
}

function isEmpty({ active, outgoing, incomingAmount, limits }: AccountRow): boolean {
  return outgoing === 0 && incomingAmount === 0n && limits === 0 && countUpTo(active) === 0;
}
