import type { CalendarDay } from '../api/calendar.js';
import { t } from '../api/t.js';
import { cash } from '../cash/cash.js';
import { Book } from './book.js';
import { contract, type Item, type QueueContext, type QueueView } from './declaration.js';
import { itemKey, priority, status } from './records.js';
import { dropAll } from './run.js';
import { mayClaim } from './submission.js';
import { stalenessOf } from './window.js';

interface ItemKey {
  readonly currency: string;
  readonly id: number;
}

/** The business day on which the currency's cash moves now. */
export function openDayOf(ctx: QueueView, currency: string): CalendarDay | undefined {
  const { day, isOpen } = ctx.view(cash.methods.businessDay, { currency });
  return isOpen ? day : undefined;
}

function requireWaiting(ctx: QueueContext, { currency, id }: ItemKey): Item {
  const item = ctx.state.items.find(currency, id) ?? ctx.fail('ITEM_UNKNOWN', { currency, id });
  if (item.status !== 'queued') ctx.fail('ITEM_FINISHED', { currency, id, status: item.status });
  return item;
}

/**
 * Does something with a payment that waits; one whose time is over is dropped instead, whatever was asked.
 *
 * @returns the status that it has then
 */
function withItem(
  ctx: QueueContext,
  key: ItemKey,
  item: Item,
  change: (book: Book) => Item['status'],
): { readonly status: Item['status'] } {
  const { currency, id } = key;
  const book = new Book(ctx, currency);
  const openDay = openDayOf(ctx, currency);
  const stale = stalenessOf(ctx, item, openDay);
  if (stale !== undefined) dropAll(ctx, book, [{ ...item, id }], openDay);
  const result = stale ?? change(book);
  book.save();
  return { status: result };
}

/** The central bank that issues the currency acts for a bank that cannot: the sender's member is its issuer. */
export function isIssuer(ctx: QueueContext, currency: string): boolean {
  const { member, roles } = ctx.requireAuthorised(ctx.sender);
  return ctx.view(cash.methods.currency, { currency })?.issuer === member && roles.includes('centralBank');
}

const inMethod = { inMethod: true } as const;
const returns = t.struct({ status });

export const itemMethods = {
  /** Keeps a payment from settling, and from standing in the way of others, until it is released. Its place stays. */
  hold: contract.tx({ args: itemKey, returns, auth: inMethod }, (ctx, a) => {
    const item = requireWaiting(ctx, a);
    ctx.requireAuthorised(item.debtor);
    ctx.require(!item.isHeld, 'UNCHANGED');
    return withItem(ctx, a, item, (book) => {
      book.change(a.id, item, { isHeld: true });
      ctx.emit('Held', a);
      return 'queued';
    });
  }),

  release: contract.tx({ args: itemKey, returns, auth: inMethod }, (ctx, a) => {
    const item = requireWaiting(ctx, a);
    ctx.requireAuthorised(item.debtor);
    ctx.require(item.isHeld, 'UNCHANGED');
    return withItem(ctx, a, item, (book) => {
      book.change(a.id, item, { isHeld: false });
      ctx.emit('Released', a);
      return 'queued';
    });
  }),

  /** Moves a payment to another priority, among whose payments it stands where its age puts it. */
  reprioritise: contract.tx({ args: { ...itemKey, priority }, returns, auth: inMethod }, (ctx, a) => {
    const item = requireWaiting(ctx, a);
    ctx.requireAuthorised(item.debtor);
    ctx.require(item.priority !== a.priority, 'UNCHANGED');
    ctx.require(mayClaim(ctx, item.debtor, a.priority), 'PRIORITY_RESERVED', { priority: a.priority });
    return withItem(ctx, a, item, (book) => {
      book.change(a.id, item, { priority: a.priority });
      ctx.emit('Reprioritised', { ...a, before: item.priority });
      return 'queued';
    });
  }),

  /** Takes a payment out for good: by its debtor, or by the central bank that issues the currency. Its reference stays used. */
  cancel: contract.tx({ args: itemKey, returns, auth: inMethod }, (ctx, a) => {
    const item = requireWaiting(ctx, a);
    const isDebtor = ctx.authorises(item.debtor) && ctx.account(item.debtor)?.active === true;
    if (!isDebtor && !isIssuer(ctx, a.currency)) ctx.fail('NOT_ENTITLED', { currency: a.currency, id: a.id });
    const { member: by } = ctx.requireAuthorised(isDebtor ? item.debtor : ctx.sender);
    return withItem(ctx, a, item, (book) => {
      book.finish({ ...item, id: a.id }, 'cancelled');
      ctx.emit('Cancelled', { ...a, by });
      return 'cancelled';
    });
  }),
};
