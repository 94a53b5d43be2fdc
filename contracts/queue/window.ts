import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import { cash } from '../cash/cash.js';
import { type GridlockInput, NORMAL, RANKS } from '../gridlock/input.js';
import type { Bilateral } from './bilateral.js';
import { countUpTo } from './book.js';
import { type Placed, type QueueRow, type QueueView, reservationLock, type Waiting } from './declaration.js';
import type { Positions } from './positions.js';
import { QUEUE } from './records.js';
import { Room } from './room.js';
import { rowsOfRank } from './rows.js';

/** Rows that are read for each payment that a run looks at; held ones and those that are left out are among them. */
const WINDOW_ROWS = { perPayment: 3, least: 1_000, most: 16_000 } as const;

/** Which payments a run looks at. */
export interface WindowOptions {
  readonly currency: string;
  readonly positions: Positions;
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
  /** False where others wait, too, that could take part. */
  readonly isComplete: boolean;
  /** The normal payment behind which the first stands that was left out; none where all behind `after` were looked at. */
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
 * The first payments of the queue: rank by rank, of each in the order of entry. A window never leaves out a payment and holds
 * one of the same debtor that goes behind it, so the rules of the mechanism, which are about payments of one debtor, hold for
 * the whole queue. What cannot take part now takes up no room; rows have a bound of their own, as reading costs, too.
 */
export function readWindow(ctx: QueueView, queue: QueueRow, options: WindowOptions): Window {
  const { currency, positions, day, maxPayments, after: begins } = options;
  const room = new Room(ctx, positions, maxPayments);
  const { least, most } = WINDOW_ROWS;
  const maxRows = Math.min(most, Math.max(least, WINDOW_ROWS.perPayment * maxPayments));
  let rows = 0;
  let last = begins;
  for (const priority of RANKS) {
    if (room.left === 0) break;
    const after = priority === 'normal' ? begins : undefined;
    const stretch = { count: queue.waiting[priority], max: maxRows - rows, after };
    for (const waiting of rowsOfRank(ctx, currency, priority, stretch)) {
      room.offer(waiting, last, stalenessOf(ctx, waiting, day) !== undefined);
      rows += 1;
      if (priority === 'normal') last = waiting.id;
      if (room.left === 0) break;
    }
  }
  const isRead = rows === countUpTo(queue.waiting);
  const isCut = room.left === 0 || rows === maxRows;
  const leftOut = room.takeDeferred();
  const isComplete = isRead && !leftOut.any;
  // Where the very first was left out, going on there would look at the same ones for ever.
  const end = isCut && !isComplete ? last : undefined;
  const { normalBehind } = leftOut;
  const goesOnAfter = normalBehind === undefined || normalBehind === begins ? end : normalBehind;
  return { payments: byAge(room.payments), stale: room.stale, isComplete, goesOnAfter };
}

function byAge(payments: readonly Waiting[]): readonly Waiting[] {
  return [...payments].sort((a, b) => a.id - b.id);
}

/** What an account has for payments of a run, in minor units. */
export interface Funds {
  /** Of its balance what no order keeps. */
  readonly available: bigint;
  /** Set aside for payments above normal, as far as such payments wait. */
  readonly reserved: bigint;
}

/** What a run begins with: what the mechanism takes, and where the money stands. */
export interface Opening {
  readonly input: GridlockInput;
  readonly funds: ReadonlyMap<Address, Funds>;
}

/** The window as an input of the mechanism. */
export function openingOf(
  ctx: QueueView,
  { currency, positions }: Pick<WindowOptions, 'currency' | 'positions'>,
  payments: readonly Waiting[],
  bilateral: Bilateral,
): Opening {
  const accounts = new Set(payments.flatMap(({ debtor, creditor }) => [debtor, creditor]));
  const inputs = payments.map(({ id, debtor, creditor, amount, priority: rank }) => {
    return { id: String(id), debtor, creditor, amount, rank, isHeld: false };
  });
  const above = new Map<Address, bigint>();
  for (const { debtor, amount, rank } of inputs) {
    if (RANKS.indexOf(rank) < NORMAL) above.set(debtor, (above.get(debtor) ?? 0n) + amount);
  }
  const funds = new Map(
    [...accounts].map((account) => {
      const { available } = positions.of(account);
      return [account, { available, reserved: reservedUpTo(ctx, currency, account, above.get(account) ?? 0n) }];
    }),
  );
  const banks = [...funds].map(([bank, { available, reserved }]) => ({ bank, available: available + reserved }));
  return { input: { banks, payments: inputs, limits: limitsOf(payments, bilateral) }, funds };
}

/**
 * What is reserved counts as far as payments above normal wait, and no further. Normal payments cannot take it: where one
 * above normal stays queued, the mechanism lets normal ones spend only what arrives; where none does, they took that part.
 */
function reservedUpTo(ctx: QueueView, currency: string, account: Address, above: bigint): bigint {
  if (above === 0n) return 0n;
  const reserved = reservedBy(ctx, currency, account);
  return reserved < above ? reserved : above;
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
