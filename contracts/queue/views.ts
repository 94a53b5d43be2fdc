import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { cash } from '../cash/cash.js';
import { fundsFields } from '../cash/declaration.js';
import type { QueuedReason } from '../gridlock/explain.js';
import { explainQueued } from '../gridlock/gridlock.js';
import { Bilateral, ofDay } from './bilateral.js';
import { contract, type Item, type QueueView } from './declaration.js';
import { openDayOf } from './itemMethods.js';
import { Positions } from './positions.js';
import {
  accountFields,
  id,
  itemFields,
  itemKey,
  limitFields,
  placedFields,
  priority,
  QUEUE_LIMITS,
  queueFields,
  runFields,
} from './records.js';
import { place, placeOf, rowsInOrder } from './rows.js';
import { openingOf, readWindow, reservedBy, stalenessOf } from './window.js';

const row = t.struct({ id, priority, ...placedFields });

const reason = t.struct({
  /**
   * `HELD`: by its debtor; `SUSPENDED`: one of its accounts is; `EXPIRED`, `DAY_CLOSED`: it never settles, and leaves the queue
   * with the next run or sweep; `LIMIT`, `NOT_FUNDED`, `BEHIND`, `NEXT_RUN`: as the mechanism says; `BEYOND`: more waits before
   * it than a run looks at; `FROZEN`: orders keep more than its debtor has, so that nothing leaves it, whatever comes in.
   */
  code: t.enum([
    'HELD',
    'SUSPENDED',
    'EXPIRED',
    'DAY_CLOSED',
    'LIMIT',
    'NOT_FUNDED',
    'BEHIND',
    'NEXT_RUN',
    'BEYOND',
    'FROZEN',
  ]),
  /** The account that is suspended, or of which orders keep something. */
  account: t.optional(t.address),
  /** The payment that goes before it. */
  payment: t.optional(id),
  /** What it takes, what its debtor has for it, and what waits to be paid to the debtor. */
  needed: t.optional(t.amount),
  available: t.optional(t.amount),
  incoming: t.optional(t.amount),
  /** The bilateral limit, and what was paid and received under it. */
  limit: t.optional(t.struct({ amount: t.amount, paid: t.amount, received: t.amount })),
  /** What orders keep; none: everything. */
  frozen: t.optional(t.amount),
});
type Reason = Infer<typeof reason>;

function suspendedOf(ctx: QueueView, { debtor, creditor }: Item): Reason['account'] {
  return [debtor, creditor].find((account) => ctx.account(account)?.active !== true);
}

function reasonOf(ctx: QueueView, key: { readonly currency: string; readonly id: number }, item: Item): Reason {
  const { currency } = key;
  const openDay = openDayOf(ctx, currency);
  const stale = stalenessOf(ctx, item, openDay);
  if (stale !== undefined || openDay === undefined) return { code: stale === 'expired' ? 'EXPIRED' : 'DAY_CLOSED' };
  if (item.isHeld) return { code: 'HELD' };
  const account = suspendedOf(ctx, item);
  if (account !== undefined) return { code: 'SUSPENDED', account };
  const positions = new Positions(ctx, currency);
  const { isBlocked, frozen } = positions.of(item.debtor);
  if (isBlocked) return { code: 'FROZEN', account: item.debtor, frozen };
  const options = { currency, positions, day: openDay, maxPayments: QUEUE_LIMITS.defaultWindow };
  const { payments } = readWindow(ctx, ctx.state.queues.get(currency), options);
  const hasLimits = (of: Item['debtor']): boolean => ctx.state.accounts.get(currency, of).limits > 0;
  const bilateral = new Bilateral(ctx, currency, openDay, hasLimits);
  const { input } = openingOf(ctx, options, payments, bilateral);
  const found = explainQueued(input, String(key.id), 'all');
  return found === undefined ? { code: 'BEYOND' } : inWords(found, bilateral, item);
}

function inWords(found: QueuedReason, bilateral: Bilateral, { debtor, creditor }: Item): Reason {
  switch (found.code) {
    case 'BEHIND':
      return { code: 'BEHIND', payment: Number(found.payment) };
    case 'LIMIT':
      return { code: 'LIMIT', needed: found.needed, limit: bilateral.find(debtor, creditor) };
    default:
      return found;
  }
}

export const views = {
  /** A payment that entered the queue, also after it has left, until it is swept on a later business day. */
  item: contract.view({ args: itemKey, returns: t.optional(t.struct(itemFields)) }, (ctx, a) =>
    ctx.state.items.find(a.currency, a.id),
  ),

  /**
   * A page of what waits, in the order of the queue: `limit` rows are looked at, of which those of the named accounts are
   * given. `next` is where the next page goes on, none at the end.
   */
  list: contract.view(
    {
      args: {
        currency: t.currency,
        debtor: t.optional(t.address),
        creditor: t.optional(t.address),
        limit: t.uint(QUEUE_LIMITS.rows),
        after: t.optional(place),
      },
      returns: t.struct({ payments: t.list(row, QUEUE_LIMITS.rows), next: t.optional(place) }),
    },
    (ctx, { currency, debtor, creditor, limit, after }) => {
      const rows = rowsInOrder(ctx, ctx.state.queues.get(currency), { currency, limit, after });
      const last = rows.length < limit ? undefined : rows.at(-1);
      const payments = rows.filter(
        (each) =>
          (debtor === undefined || each.debtor === debtor) && (creditor === undefined || each.creditor === creditor),
      );
      return { payments, next: placeOf(last) };
    },
  ),

  /** How many wait in a currency, by priority, and which run comes next. */
  summary: contract.view(
    {
      args: { currency: t.currency },
      returns: t.struct({ openDay: t.optional(t.day), ...queueFields }),
    },
    (ctx, { currency }) => ({ openDay: openDayOf(ctx, currency), ...ctx.state.queues.get(currency) }),
  ),

  /**
   * What an account can pay with, and what waits of it: `available` is what no order keeps of its balance, which holds nothing
   * locked or reserved.
   */
  position: contract.view(
    {
      args: { currency: t.currency, account: t.address },
      returns: t.struct({
        ...fundsFields,
        reserved: t.amount,
        locked: t.amount,
        ...accountFields,
      }),
    },
    (ctx, { currency, account }) => {
      const reserved = reservedBy(ctx, currency, account);
      const locked = ctx.view(cash.methods.locked, { currency, account }) - reserved;
      const funds = ctx.view(cash.methods.position, { currency, account });
      return { ...funds, reserved, locked, ...ctx.state.accounts.get(currency, account) };
    },
  ),

  /** The limits that an account has set, with what was paid under them on the open business day. */
  limits: contract.view(
    {
      args: { currency: t.currency, debtor: t.address },
      returns: t.list(t.struct({ creditor: t.address, ...limitFields }), QUEUE_LIMITS.limitsPerDebtor),
    },
    (ctx, { currency, debtor }) => {
      const day = openDayOf(ctx, currency);
      return ctx.state.limits
        .entriesUnder([currency, debtor], QUEUE_LIMITS.limitsPerDebtor)
        .map(({ key: [, , creditor], value }) => ({ creditor, ...ofDay(value, day) }));
    },
  ),

  /** Why a payment waits, on the positions as they are; nothing for one that does not wait. */
  why: contract.view({ args: itemKey, returns: t.optional(reason) }, (ctx, key) => {
    const item = ctx.state.items.find(key.currency, key.id);
    return item?.status === 'queued' ? reasonOf(ctx, key, item) : undefined;
  }),

  /** The newest runs, the newest first, of at most a hundred. */
  runs: contract.view(
    {
      args: { currency: t.currency, limit: t.uint(QUEUE_LIMITS.runs) },
      returns: t.list(t.struct(runFields), QUEUE_LIMITS.runs),
    },
    (ctx, { currency, limit }) => {
      const newest = ctx.state.queues.get(currency).nextRun - 1;
      const count = Math.min(limit, newest);
      return Array.from({ length: count }, (_, at) => ctx.state.runs.get(currency, (newest - at) % QUEUE_LIMITS.runs));
    },
  ),
};
