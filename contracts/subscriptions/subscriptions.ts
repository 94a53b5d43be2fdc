import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import type { Instrument } from '../assets/declaration.js';
import { cash } from '../cash/cash.js';
import { giveBack, heldIn } from '../locks/assetLocks.js';
import { deadlineFault, LONGEST_WAIT_MS } from '../time/deadline.js';
import {
  contract,
  type Ending,
  MAX_ID,
  OPEN_PER_SUBSCRIBER,
  requireOpen,
  SUBSCRIPTIONS,
  type Subscription,
  type SubscriptionsContext,
  type SubscriptionsView,
  subscriptionFields,
} from './declaration.js';

function requireInstrument(ctx: SubscriptionsView, instrument: string): Instrument {
  return ctx.view(assets.methods.instrument, { instrument }) ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument });
}

/** The instrument of the version of its terms that was subscribed to. */
function requireVersion(ctx: SubscriptionsView, { instrument, version: expected }: Subscription): Instrument {
  const record = requireInstrument(ctx, instrument);
  ctx.require(record.version === expected, 'VERSION_MISMATCH', { expected, actual: record.version });
  return record;
}

/** The subscription and its instrument, for the issuer alone. */
function requireForIssuer(ctx: SubscriptionsContext, id: string): { subscription: Subscription; record: Instrument } {
  const subscription = requireOpen(ctx, id);
  const record = requireInstrument(ctx, subscription.instrument);
  ctx.requireAuthorised(record.issuer);
  return { subscription, record };
}

function requireId(ctx: SubscriptionsContext, id: string, account: Address): void {
  const prefix = `${ctx.requireAccount(account).member}-`;
  const isOwn = id.startsWith(prefix) && id.length <= MAX_ID;
  ctx.require(isOwn, 'ID_INVALID', { prefix, limit: MAX_ID });
  ctx.require(ctx.once('subscription', id, 0), 'SUBSCRIPTION_EXISTS', { id });
}

/** Money of who could not be allotted anything is not locked. */
function requireOffer(ctx: SubscriptionsContext, subscription: Subscription): Instrument {
  const { instrument, account, units, price, deadline } = subscription;
  const record = requireVersion(ctx, subscription);
  const isSplit = ctx.view(assets.methods.split, { instrument }) !== undefined;
  ctx.require(!isSplit, 'SPLIT_UNDER_WAY', { instrument });
  const isRedeemed = ctx.view(assets.methods.redemption, { instrument }) !== undefined;
  ctx.require(!isRedeemed, 'REDEMPTION_UNDER_WAY', { instrument });
  ctx.require(units > 0n && price > 0n, 'AMOUNT_ZERO');
  ctx.require(account !== record.issuer, 'SAME_ACCOUNT', { account });
  const { cap, issued, redeemed } = record;
  ctx.require(issued - redeemed < cap, 'CAP_EXCEEDED', { cap, outstanding: issued - redeemed });
  const fault = deadlineFault(deadline, ctx.timestamp, LONGEST_WAIT_MS);
  if (fault !== undefined) ctx.fail('DEADLINE_INVALID', fault);
  const rule = ctx.view(assets.methods.ineligibility, { instrument, account });
  if (rule !== undefined) ctx.fail('NOT_ELIGIBLE', { account, rule });
  const open = ctx.state.ofAccount.entriesUnder([account, instrument], OPEN_PER_SUBSCRIBER);
  ctx.require(open.length < OPEN_PER_SUBSCRIBER, 'SUBSCRIPTIONS_TOO_MANY', { limit: OPEN_PER_SUBSCRIBER });
  ctx.require(units * price <= MAX_AMOUNT, 'AMOUNT_OVERFLOW');
  return record;
}

/** Gives back what is left of the subscription's money, unless somebody has before, and forgets it. @returns how much */
function close(ctx: SubscriptionsContext, id: string, { instrument, account }: Subscription): bigint {
  const { currency } = requireInstrument(ctx, instrument);
  const key = { contract: SUBSCRIPTIONS, lock: id };
  const amount = heldIn(ctx, { currency }, key) ?? 0n;
  giveBack(ctx, { currency }, key, account);
  ctx.state.open.delete(id);
  ctx.state.ofAccount.delete(account, instrument, id);
  ctx.state.toInstrument.delete(instrument, id);
  return amount;
}

/** Ends it with nothing allotted. */
function end(ctx: SubscriptionsContext, id: string, subscription: Subscription, status: Ending): void {
  const { instrument, account } = subscription;
  ctx.emit('Ended', { id, instrument, account, status, returned: close(ctx, id, subscription) });
}

/** The subscriber itself; for one that is suspended, and so cannot, the central bank that issues the money. */
function requireCanceller(ctx: SubscriptionsContext, { account, instrument }: Subscription): void {
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

const byIssuer = { sender: true } as const;

const methods = {
  /** Offers to take units at a price, and locks all of it: the issuer allots, or declines. */
  subscribe: contract.tx(
    { args: { ...onId, ...subscriptionFields }, auth: { accounts: (a) => [a.account] } },
    (ctx, { id, ...subscription }) => {
      const { instrument, account, units, price } = subscription;
      const { currency } = requireOffer(ctx, subscription);
      requireId(ctx, id, account);
      ctx.call(cash.methods.lock, { currency, lock: id, debtor: account, amount: units * price });
      ctx.state.open.set(id, subscription);
      ctx.state.ofAccount.set(account, instrument, id, true);
      ctx.state.toInstrument.set(instrument, id, true);
      ctx.emit('Subscribed', { id, ...subscription });
    },
  ),

  /** Issues units to the subscriber, all or a part, and takes their price; the rest of the money goes back. */
  allot: contract.tx({ args: { ...onId, units: t.amount }, auth: byIssuer }, (ctx, { id, units }) => {
    const { subscription, record } = requireForIssuer(ctx, id);
    const { instrument, account, price, deadline } = subscription;
    ctx.require(ctx.timestamp < deadline, 'DEADLINE_PASSED', { deadline });
    requireVersion(ctx, subscription);
    ctx.require(units > 0n, 'AMOUNT_ZERO');
    const isSubscribed = units <= subscription.units;
    ctx.require(isSubscribed, 'ALLOTMENT_EXCEEDED', { subscribed: subscription.units, required: units });
    ctx.call(assets.methods.issue, { instrument, account, amount: units });
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
  cancel: contract.tx({ args: onId, auth: { inMethod: true } }, (ctx, { id }) => {
    const subscription = requireOpen(ctx, id);
    requireCanceller(ctx, subscription);
    end(ctx, id, subscription, 'cancelled');
  }),

  /** From the deadline on anybody may end it: the money goes back. */
  expire: contract.tx({ args: onId, auth: { sender: true } }, (ctx, { id }) => {
    const subscription = requireOpen(ctx, id);
    const { deadline } = subscription;
    ctx.require(ctx.timestamp >= deadline, 'DEADLINE_AHEAD', { deadline });
    end(ctx, id, subscription, 'expired');
  }),
};

/** Where a subscription stands among those of an account. */
const place = t.struct({ instrument: t.id, id: t.id });
const page = { limit: t.uint(RANGE_LIMIT) };

const views = {
  /** One that is open. */
  subscription: contract.view({ args: onId, returns: t.optional(t.struct(subscriptionFields)) }, (ctx, { id }) =>
    ctx.state.open.find(id),
  ),

  /** Ids of the open subscriptions to an instrument, in their order. */
  toInstrument: contract.view(
    {
      args: { instrument: t.id, ...page, after: t.optional(t.id) },
      returns: t.list(t.id, RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.toInstrument
        .entriesUnder([a.instrument], a.limit, a.after === undefined ? undefined : [a.instrument, a.after])
        .map(({ key: [, id] }) => id),
  ),

  /** Open subscriptions of an account, in the order of instruments and ids. */
  ofAccount: contract.view(
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
      ctx.state.ofAccount
        .entriesUnder([account], limit, after === undefined ? undefined : [account, after.instrument, after.id])
        .map(({ key: [, instrument, id] }) => ({ instrument, id })),
  ),
};

/** Offers to take new units at a price: the money is locked until the issuer allots, or somebody ends the offer. */
export const subscriptions = contract.build({ ...methods, ...views });
