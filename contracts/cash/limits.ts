import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { signingMethod } from '../membership/signingMethod.js';
import { allowance } from './allowance.js';
import { allowanceOf, COUNTED_BEFORE, charge } from './charging.js';
import { putControls } from './controls.js';
import { type CashContext, contract, limitOwner as owner, requireCurrency } from './declaration.js';
import {
  type AccountLimits,
  accountLimits,
  changedCounterparty,
  changedLimits,
  counterpartyOn,
  hasTooManyKeys,
  isSame,
  type LimitValues,
  limitFields,
  limitsOn,
  MAX_COUNTERPARTIES,
  MAX_KEYS_IN_FORCE,
  NO_LIMIT,
  NO_LIMITS,
  usedOn,
  wantedOf,
} from './limitBook.js';

/** Payments of one submission to the queue. */
const MAX_SUBMITTED = 1_000;

const byAccount = { accounts: (a: { readonly account: Address }) => [a.account] };
const byDebtor = { accounts: (a: { readonly debtor: Address }) => [a.debtor] };

function requireOwnKeys(ctx: CashContext, account: Address, keys: LimitValues['keys']): void {
  ctx.require(new Set(keys.map(({ key }) => key)).size === keys.length, 'KEYS_REPEATED');
  const policy = ctx.view(signingMethod, { account });
  for (const { key } of keys) {
    ctx.require(
      policy?.keys.some((own) => own.key === key),
      'KEY_NOT_IN_ACCOUNT',
      { key },
    );
  }
}

function keepLimits(ctx: CashContext, currency: string, account: Address, limits: AccountLimits): void {
  const controls = ctx.state.controls.get(currency, account);
  putControls(ctx.state.controls, currency, account, { ...controls, limits });
}

export const limitMethods = {
  /**
   * Bounds what the account authorises: a limit that is left out ends. What tightens a limit counts at once, what loosens one from
   * the next business day that is opened.
   */
  setLimits: contract.tx({ args: { ...owner, ...limitFields }, auth: byAccount }, (ctx, a) => {
    const { currency, account } = a;
    requireCurrency(ctx, currency);
    requireOwnKeys(ctx, account, a.keys);
    const { day } = ctx.state.days.get(currency);
    const before = limitsOn(ctx.state.controls.get(currency, account).limits ?? NO_LIMITS, day);
    ctx.require(!isSame(wantedOf(before), a), 'LIMITS_UNCHANGED', { account });
    const { perPayment, perDay, keys } = a;
    const limits = changedLimits(before, { perPayment, perDay, keys }, day);
    ctx.require(!hasTooManyKeys(limits), 'LIMITS_TOO_MANY', { limit: MAX_KEYS_IN_FORCE });
    keepLimits(ctx, currency, account, limits);
    ctx.emit('LimitsSet', a);
  }),

  /** The same of what the account may authorise towards one creditor on a business day. */
  setCounterpartyLimit: contract.tx(
    { args: { ...owner, creditor: t.address, amount: t.optional(t.amount) }, auth: byAccount },
    (ctx, a) => {
      const { currency, account, creditor, amount } = a;
      requireCurrency(ctx, currency);
      ctx.require(account !== creditor, 'SAME_ACCOUNT', { account });
      if (ctx.account(creditor) === undefined) ctx.fail('ACCOUNT_UNKNOWN', { account: creditor });
      const { day } = ctx.state.days.get(currency);
      const limits = limitsOn(ctx.state.controls.get(currency, account).limits ?? NO_LIMITS, day);
      const found = ctx.state.counterparties.find(currency, account, creditor);
      const before = counterpartyOn(found ?? NO_LIMIT, day);
      ctx.require((before.next ?? before).amount !== amount, 'LIMITS_UNCHANGED', { account });
      const others =
        found === undefined && limits.counterparties === MAX_COUNTERPARTIES
          ? swept(ctx, a, day)
          : limits.counterparties;
      const counterparties = others + (found === undefined ? 1 : 0);
      ctx.require(counterparties <= MAX_COUNTERPARTIES, 'LIMITS_TOO_MANY', { limit: MAX_COUNTERPARTIES });
      ctx.state.counterparties.set(currency, account, creditor, changedCounterparty(before, amount, day));
      keepLimits(ctx, currency, account, { ...limits, counterparties });
      ctx.emit('CounterpartyLimitSet', a);
    },
  ),

  /**
   * Ends at once all limits of an account in a currency, those towards creditors and those that wait for the next day too: the members'
   * way for an account whose limits somebody else has set. Nothing happens where it has none.
   */
  clearLimits: contract.tx({ args: owner, auth: { contracts: ['governance'] } }, (ctx, { currency, account }) => {
    requireCurrency(ctx, currency);
    if (ctx.account(account) === undefined) ctx.fail('ACCOUNT_UNKNOWN', { account });
    const rows = ctx.state.counterparties.entriesUnder([currency, account], MAX_COUNTERPARTIES);
    for (const { key } of rows) ctx.state.counterparties.delete(...key);
    keepLimits(ctx, currency, account, NO_LIMITS);
    ctx.emit('LimitsCleared', { currency, account });
  }),

  /** What the debtor may still authorise, by who signs: `payments` and `queue` ask where an account has limits. */
  allowance: contract.tx(
    {
      args: { currency: t.currency, debtor: t.address },
      returns: allowance,
      auth: { contracts: ['payments', 'queue'], ...byDebtor },
    },
    (ctx, { currency, debtor: account }) => {
      const { limits } = ctx.state.controls.get(currency, account);
      return allowanceOf(ctx, { currency, account }, limits ?? NO_LIMITS);
    },
  ),

  /** Counts what was submitted to the queue or to a netting cycle, whether and however it settles: it is authorised now, and never again. */
  countSubmitted: contract.tx(
    {
      args: {
        currency: t.currency,
        debtor: t.address,
        payments: t.list(t.struct({ creditor: t.address, amount: t.amount }), MAX_SUBMITTED, 1),
      },
      auth: { contracts: COUNTED_BEFORE, ...byDebtor },
    },
    (ctx, { currency, debtor: account, payments }) =>
      charge(ctx, { currency, account }, ctx.state.controls.get(currency, account), payments, false),
  ),
};

/** Forgets limits towards creditors that are over. @returns how many are left */
function swept(
  ctx: CashContext,
  { currency, account }: { readonly currency: string; readonly account: Address },
  day: number | undefined,
): number {
  const rows = ctx.state.counterparties.entriesUnder([currency, account], MAX_COUNTERPARTIES);
  const over = rows.filter(({ value }) => {
    const { amount, next } = counterpartyOn(value, day);
    return amount === undefined && next === undefined;
  });
  for (const { key } of over) ctx.state.counterparties.delete(...key);
  return rows.length - over.length;
}

const shownLimits = t.struct({
  /** In force on the newest business day. */
  ...limitFields,
  keys: accountLimits.fields.keys,
  /** From the next business day on that is opened, where that is something else. */
  next: t.optional(t.struct(limitFields)),
  /** Authorised on the newest business day, since there are limits. */
  used: t.amount,
  left: t.optional(t.amount),
  counterparties: t.uint(MAX_COUNTERPARTIES),
});

const shownCounterparty = t.struct({
  creditor: t.address,
  amount: t.optional(t.amount),
  next: t.optional(t.struct({ amount: t.optional(t.amount) })),
  used: t.amount,
  left: t.optional(t.amount),
});

export const limitViews = {
  /** An account's limits, undefined where it has none. */
  limits: contract.view({ args: owner, returns: t.optional(shownLimits) }, (ctx, { currency, account }) => {
    requireCurrency(ctx, currency);
    const kept = ctx.state.controls.get(currency, account).limits;
    if (kept === undefined) return undefined;
    const { day } = ctx.state.days.get(currency);
    const limits = limitsOn(kept, day);
    const { perPayment, perDay, keys, next, counterparties } = limits;
    const used = usedOn(limits, day);
    return { perPayment, perDay, keys, next, used, left: leftOf(perDay, used), counterparties };
  }),

  /** The creditors that an account bounds, in the order of their addresses. */
  counterpartyLimits: contract.view(
    {
      args: { ...owner, limit: t.uint(MAX_COUNTERPARTIES), after: t.optional(t.address) },
      returns: t.list(shownCounterparty, MAX_COUNTERPARTIES),
    },
    (ctx, { currency, account, limit, after }) => {
      requireCurrency(ctx, currency);
      const { day } = ctx.state.days.get(currency);
      const last = after === undefined ? undefined : ([currency, account, after] as const);
      return ctx.state.counterparties.entriesUnder([currency, account], limit, last).map(({ key, value }) => {
        const { amount, next, ...usage } = counterpartyOn(value, day);
        const used = usedOn(usage, day);
        return { creditor: key[2], amount, next, used, left: leftOf(amount, used) };
      });
    },
  ),
};

function leftOf(limit: bigint | undefined, used: bigint): bigint | undefined {
  if (limit === undefined) return undefined;
  return used < limit ? limit - used : 0n;
}
