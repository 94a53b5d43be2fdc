import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import { cash } from '../cash/cash.js';
import { type GridlockInput, NORMAL, RANKS } from '../gridlock/input.js';
import type { Bilateral } from './bilateral.js';
import { countUpTo } from './book.js';
import { type Placed, type QueueRow, type QueueView, reservationLock, type Waiting } from './declaration.js';
import { QUEUE, QUEUE_LIMITS } from './records.js';
import { rowsOfRank } from './rows.js';

/** Which payments a run looks at. */
export interface WindowOptions {
  readonly currency: string;
  readonly day: CalendarDay;
  /** Payments to look at, those too that are found to be over. */
  readonly maxPayments: number;
  /** Leaves out normal payments up to this one. */
  readonly after?: number | undefined;
}

/** The payments that a run looks at. */
export interface Window {
  /** In the order of their entry, as the mechanism takes them. */
  readonly payments: readonly Waiting[];
  /** Those whose time is over: they take no part and are to be dropped. */
  readonly stale: readonly Waiting[];
  /** False where other payments wait, too. */
  readonly isComplete: boolean;
  /** The last normal payment that was looked at, or where the window begins, where others may stand behind it. */
  readonly goesOnAfter: number | undefined;
}

/** Why a payment that stands in the queue will never settle; undefined for one that may. */
export function stalenessOf(
  ctx: QueueView,
  { businessDay, expiresAt }: Pick<Placed, 'businessDay' | 'expiresAt'>,
  openDay: CalendarDay | undefined,
): 'expired' | 'dayClosed' | undefined {
  if (businessDay !== openDay) return 'dayClosed';
  return expiresAt !== undefined && expiresAt <= ctx.timestamp ? 'expired' : undefined;
}

/**
 * The first payments of the queue: rank by rank, of each in the order of entry. A window never leaves out a payment of a
 * higher rank than one that it holds, so the rules of the mechanism about ranks hold for the whole queue.
 */
export function readWindow(ctx: QueueView, queue: QueueRow, options: WindowOptions): Window {
  const { currency, day, maxPayments } = options;
  const payments: Waiting[] = [];
  const stale: Waiting[] = [];
  const accounts = new Set<Address>();
  let last = options.after;
  const leftOf = () => maxPayments - payments.length - stale.length;
  const windowOf = (isFull: boolean): Window => {
    const isComplete = maxPayments - leftOf() === countUpTo(queue.waiting);
    return { payments: byAge(payments), stale, isComplete, goesOnAfter: isFull && !isComplete ? last : undefined };
  };
  for (const priority of RANKS) {
    const after = priority === 'normal' ? options.after : undefined;
    for (const waiting of rowsOfRank(ctx, currency, priority, {
      count: queue.waiting[priority],
      max: leftOf(),
      after,
    })) {
      if (stalenessOf(ctx, waiting, day) !== undefined) stale.push(waiting);
      else if (!joins(accounts, waiting)) return windowOf(true);
      else payments.push(waiting);
      if (priority === 'normal') last = waiting.id;
    }
    if (leftOf() === 0) return windowOf(true);
  }
  return windowOf(false);
}

/** True when both accounts are among those of the window, or there was room for them. */
function joins(accounts: Set<Address>, { debtor, creditor }: Waiting): boolean {
  const count = accounts.size + (accounts.has(debtor) ? 0 : 1) + (accounts.has(creditor) ? 0 : 1);
  if (count > QUEUE_LIMITS.accounts) return false;
  accounts.add(debtor);
  accounts.add(creditor);
  return true;
}

function byAge(payments: readonly Waiting[]): readonly Waiting[] {
  return [...payments].sort((a, b) => a.id - b.id);
}

/** What an account has for payments of a run, in minor units. */
export interface Funds {
  readonly balance: bigint;
  /** Set aside for payments above normal, as far as such payments wait. */
  readonly reserved: bigint;
}

/** What a run begins with: what the mechanism takes, and where the money stands. */
export interface Opening {
  readonly input: GridlockInput;
  readonly funds: ReadonlyMap<Address, Funds>;
}

/** The window as an input of the mechanism. Payments of a suspended account are held for as long as it is. */
export function openingOf(
  ctx: QueueView,
  currency: string,
  payments: readonly Waiting[],
  bilateral: Bilateral,
): Opening {
  const accounts = new Map<Address, boolean>();
  for (const { debtor, creditor } of payments) {
    for (const account of [debtor, creditor]) {
      if (!accounts.has(account)) accounts.set(account, ctx.account(account)?.active === true);
    }
  }
  const isSuspended = ({ debtor, creditor }: Waiting): boolean =>
    accounts.get(debtor) !== true || accounts.get(creditor) !== true;
  const inputs = payments.map((waiting) => ({
    id: String(waiting.id),
    debtor: waiting.debtor,
    creditor: waiting.creditor,
    amount: waiting.amount,
    rank: waiting.priority,
    isHeld: waiting.isHeld || isSuspended(waiting),
  }));
  const above = new Map<string, bigint>();
  for (const { debtor, amount, rank, isHeld } of inputs) {
    if (!isHeld && RANKS.indexOf(rank) < NORMAL) above.set(debtor, (above.get(debtor) ?? 0n) + amount);
  }
  const funds = new Map([...accounts.keys()].map((a) => [a, fundsOf(ctx, currency, a, above.get(a) ?? 0n)]));
  const banks = [...funds].map(([bank, { balance, reserved }]) => ({ bank, available: balance + reserved }));
  return { input: { banks, payments: inputs, limits: limitsOf(payments, bilateral) }, funds };
}

/**
 * What is reserved counts as far as payments above normal wait, and no further. Normal payments cannot take it: where one
 * above normal stays queued, the mechanism lets normal ones spend only what arrives; where none does, they took that part.
 */
function fundsOf(ctx: QueueView, currency: string, account: Address, above: bigint): Funds {
  const { available: balance } = ctx.view(cash.methods.position, { currency, account });
  if (above === 0n) return { balance, reserved: 0n };
  const reserved = reservedBy(ctx, currency, account);
  return { balance, reserved: reserved < above ? reserved : above };
}

/** What the account holds back for payments above normal. */
export function reservedBy(ctx: QueueView, currency: string, account: Address): bigint {
  const lock = { currency, contract: QUEUE, lock: reservationLock(account) };
  return ctx.view(cash.methods.lockOf, lock)?.amount ?? 0n;
}

function limitsOf(payments: readonly Waiting[], bilateral: Bilateral): GridlockInput['limits'] {
  const pairs = new Map(payments.map(({ debtor, creditor }) => [debtor + creditor, { debtor, creditor }]));
  return [...pairs.values()].flatMap(({ debtor, creditor }) => {
    const net = bilateral.left(debtor, creditor);
    return net === undefined ? [] : [{ debtor, creditor, net }];
  });
}
