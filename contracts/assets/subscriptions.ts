import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { cash } from '../cash/cash.js';
import {
  type AssetsContext,
  type AssetsView,
  byIssuer,
  contract,
  type Instrument,
  issueUnits,
  MAX_SUBSCRIPTION_ID,
  requireEligible,
  requireInstrument,
  requireIssuer,
  requireVersion,
  requireWhole,
  type Subscription,
  subscriptionFields,
} from './declaration.js';

/** Open subscriptions of one account to one instrument. */
const OPEN_PER_SUBSCRIBER = 100;
const DAY_MS = 86_400_000;
/** How far ahead a deadline may lie: a year and a day. */
const MAX_OPEN_MS = 366 * DAY_MS;

function requireOpen(ctx: AssetsView, id: string): Subscription {
  return ctx.state.subscriptions.find(id) ?? ctx.fail('SUBSCRIPTION_UNKNOWN', { id });
}

/** The subscription and its instrument, for the issuer alone. */
function requireForIssuer(ctx: AssetsContext, id: string): { subscription: Subscription; record: Instrument } {
  const subscription = requireOpen(ctx, id);
  const record = requireInstrument(ctx, subscription.instrument);
  requireIssuer(ctx, record);
  return { subscription, record };
}

function requireId(ctx: AssetsContext, id: string, account: Address): void {
  const prefix = `${ctx.requireAccount(account).member}-`;
  const isOwn = id.startsWith(prefix) && id.length <= MAX_SUBSCRIPTION_ID;
  ctx.require(isOwn, 'ID_INVALID', { prefix, limit: MAX_SUBSCRIPTION_ID });
  ctx.require(ctx.once('subscription', id, 0), 'SUBSCRIPTION_EXISTS', { id });
}

function requireRoom(ctx: AssetsContext, { account, instrument }: Subscription): void {
  const open = ctx.state.subscriptionsOf.entriesUnder([account, instrument], OPEN_PER_SUBSCRIBER);
  ctx.require(open.length < OPEN_PER_SUBSCRIBER, 'SUBSCRIPTIONS_TOO_MANY', { limit: OPEN_PER_SUBSCRIBER });
}

/** Gives back what is left of the subscription's money, unless somebody has before, and forgets it. @returns how much */
function close(ctx: AssetsContext, id: string, { instrument, account }: Subscription): bigint {
  const { currency } = requireInstrument(ctx, instrument);
  const held = ctx.view(cash.methods.lockOf, { currency, contract: 'assets', lock: id });
  const amount = held?.amount ?? 0n;
  if (amount > 0n) ctx.call(cash.methods.release, { currency, lock: id, creditor: account, amount });
  ctx.state.subscriptions.delete(id);
  ctx.state.subscriptionsOf.delete(account, instrument, id);
  ctx.state.subscriptionsTo.delete(instrument, id);
  return amount;
}

/** Ends it with nothing allotted. */
function end(
  ctx: AssetsContext,
  id: string,
  subscription: Subscription,
  status: 'declined' | 'cancelled' | 'expired',
): void {
  const { instrument, account } = subscription;
  ctx.emit('SubscriptionEnded', { id, instrument, account, status, returned: close(ctx, id, subscription) });
}

/** The subscriber itself; for one that is suspended, and so cannot, the central bank that issues the money. */
function requireCanceller(ctx: AssetsContext, { account, instrument }: Subscription): void {
  if (ctx.account(account)?.active !== false) {
    ctx.requireAuthorised(account);
    return;
  }
  const { member, roles } = ctx.requireAuthorised(ctx.sender);
  const { currency } = requireInstrument(ctx, instrument);
  const isIssuer = roles.includes('centralBank') && ctx.view(cash.methods.currency, { currency })?.issuer === member;
  if (!isIssuer) ctx.fail('UNAUTHORISED', { rule: 'account', subject: account });
}

const onId = { id: t.id };

export const subscriptionMethods = {
  /** Offers to take units at a price, and locks all of it: the issuer allots, or declines. */
  subscribe: contract.tx(
    { args: { ...onId, ...subscriptionFields }, auth: { accounts: (a) => [a.account] } },
    (ctx, { id, ...subscription }) => {
      const { instrument, account, units, price, deadline } = subscription;
      const { issuer, currency } = requireVersion(ctx, instrument, subscription.version);
      requireWhole(ctx, instrument);
      ctx.require(units > 0n && price > 0n, 'AMOUNT_ZERO');
      ctx.require(account !== issuer, 'SAME_ACCOUNT', { account });
      const [earliest, latest] = [ctx.timestamp + 1, ctx.timestamp + MAX_OPEN_MS];
      ctx.require(deadline >= earliest && deadline <= latest, 'DEADLINE_INVALID', { earliest, latest });
      requireEligible(ctx, instrument, account);
      requireRoom(ctx, subscription);
      requireId(ctx, id, account);
      const amount = units * price;
      ctx.require(amount <= MAX_AMOUNT, 'AMOUNT_OVERFLOW');
      ctx.call(cash.methods.lock, { currency, lock: id, debtor: account, amount });
      ctx.state.subscriptions.set(id, subscription);
      ctx.state.subscriptionsOf.set(account, instrument, id, true);
      ctx.state.subscriptionsTo.set(instrument, id, true);
      ctx.emit('Subscribed', { id, ...subscription });
    },
  ),

  /** Issues units to the subscriber, all or a part, and takes their price; the rest of the money goes back. */
  allot: contract.tx({ args: { ...onId, units: t.amount }, auth: byIssuer }, (ctx, { id, units }) => {
    const { subscription, record } = requireForIssuer(ctx, id);
    const { instrument, account, price, deadline, version } = subscription;
    ctx.require(ctx.timestamp < deadline, 'DEADLINE_PASSED', { deadline });
    requireVersion(ctx, instrument, version);
    ctx.require(units > 0n, 'AMOUNT_ZERO');
    const isSubscribed = units <= subscription.units;
    ctx.require(isSubscribed, 'ALLOTMENT_EXCEEDED', { subscribed: subscription.units, required: units });
    ctx.requireAccount(account);
    issueUnits(ctx, instrument, record, account, units);
    const paid = units * price;
    const { currency, issuer } = record;
    ctx.call(cash.methods.release, { currency, lock: id, creditor: issuer, amount: paid });
    const returned = close(ctx, id, subscription);
    ctx.emit('Allotted', { id, instrument, account, units, paid, returned });
  }),

  /** The issuer does not want it: the money goes back. */
  decline: contract.tx({ args: onId, auth: byIssuer }, (ctx, { id }) => {
    const { subscription } = requireForIssuer(ctx, id);
    end(ctx, id, subscription, 'declined');
  }),

  /** The subscriber takes back what is not allotted yet; of one that is suspended, the central bank that issues the currency takes it back. */
  cancelSubscription: contract.tx({ args: onId, auth: { inMethod: true } }, (ctx, { id }) => {
    const subscription = requireOpen(ctx, id);
    requireCanceller(ctx, subscription);
    end(ctx, id, subscription, 'cancelled');
  }),

  /** From the deadline on anybody may end it: the money goes back. */
  expireSubscription: contract.tx({ args: onId, auth: { sender: true } }, (ctx, { id }) => {
    const subscription = requireOpen(ctx, id);
    const { deadline } = subscription;
    ctx.require(ctx.timestamp >= deadline, 'DEADLINE_AHEAD', { deadline });
    end(ctx, id, subscription, 'expired');
  }),
};

/** Where a subscription stands among those of an account. */
const place = t.struct({ instrument: t.id, id: t.id });
const page = { limit: t.uint(RANGE_LIMIT) };

export const subscriptionViews = {
  /** One that is open. */
  subscription: contract.view({ args: onId, returns: t.optional(t.struct(subscriptionFields)) }, (ctx, { id }) =>
    ctx.state.subscriptions.find(id),
  ),

  /** Ids of the open subscriptions to an instrument, in their order. */
  subscriptions: contract.view(
    {
      args: { instrument: t.id, ...page, after: t.optional(t.id) },
      returns: t.list(t.id, RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.subscriptionsTo
        .entriesUnder([a.instrument], a.limit, a.after === undefined ? undefined : [a.instrument, a.after])
        .map(({ key: [, id] }) => id),
  ),

  /** Open subscriptions of an account, in the order of instruments and ids. */
  subscriptionsOf: contract.view(
    {
      args: {
        account: t.address,
        ...page,
        /** The last one of the page before. */
        after: t.optional(place),
      },
      returns: t.list(place, RANGE_LIMIT),
    },
    (ctx, { account, limit, after }) =>
      ctx.state.subscriptionsOf
        .entriesUnder([account], limit, after === undefined ? undefined : [account, after.instrument, after.id])
        .map(({ key: [, instrument, id] }) => ({ instrument, id })),
  ),
};
