import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import {
  CREDIT,
  type CreditContext,
  type CreditView,
  contract,
  eligibleFields,
  FACILITY,
  facilityFields,
  owner,
  requireFacility,
} from './declaration.js';
import { dropEmpty } from './valuation.js';

export const byIssuer = { roles: ['centralBank'] } as const;

/** The central bank that issues the currency lends it, and alone says against what. */
export function requireIssuer(ctx: CreditContext, currency: string): { readonly member: string } {
  const found = ctx.view(cash.methods.currency, { currency }) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
  const { member } = ctx.requireAccount(ctx.sender);
  ctx.require(member === found.issuer, 'NOT_ISSUER', { currency });
  return { member };
}

/** What the facility has to lend. */
export function availableIn(ctx: CreditView, currency: string): bigint {
  return ctx.view(cash.methods.lockOf, { currency, contract: CREDIT, lock: FACILITY })?.amount ?? 0n;
}

const money = { currency: t.currency, amount: t.amount };

export const facilityMethods = {
  /** Says what intraday credit in a currency costs where it is not paid back in time, and how long margin calls last. */
  setFacility: contract.tx({ args: { currency: t.currency, ...facilityFields }, auth: byIssuer }, (ctx, a) => {
    const { currency, ...facility } = a;
    const { member } = requireIssuer(ctx, currency);
    const { funder } = facility;
    ctx.require(ctx.requireAccount(funder).member === member, 'NOT_ISSUER', { currency });
    const before = ctx.state.facilities.find(currency);
    const isFunded = before !== undefined && before.funder !== funder && availableIn(ctx, currency) > 0n;
    if (isFunded) ctx.fail('FACILITY_FUNDED', { funder: before.funder });
    ctx.state.facilities.set(currency, facility);
    ctx.emit('FacilitySet', a);
  }),

  /** Sets money of the funder's aside: what is lent comes out of it, so that credit makes no money. */
  fund: contract.tx({ args: money, auth: byIssuer }, (ctx, { currency, amount }) => {
    requireIssuer(ctx, currency);
    const { funder } = requireFacility(ctx, currency);
    ctx.call(cash.methods.payIn, { currency, lock: FACILITY, debtor: funder, creditor: funder, amount });
    ctx.emit('Funded', { currency, amount });
  }),

  /** Gives back to the funder what is not lent. */
  defund: contract.tx({ args: money, auth: byIssuer }, (ctx, { currency, amount }) => {
    requireIssuer(ctx, currency);
    const { funder } = requireFacility(ctx, currency);
    const available = availableIn(ctx, currency);
    ctx.require(amount <= available, 'FACILITY_INSUFFICIENT', { available, required: amount });
    ctx.call(cash.methods.release, { currency, lock: FACILITY, creditor: funder, amount });
    ctx.emit('Defunded', { currency, amount });
  }),
};

export const scheduleMethods = {
  /** Takes an instrument that the central bank may hold as collateral, less a haircut, up to a cap; changes both where it is taken already. */
  setEligible: contract.tx(
    { args: { currency: t.currency, instrument: t.id, ...eligibleFields }, auth: byIssuer },
    (ctx, { currency, instrument, ...terms }) => {
      requireIssuer(ctx, currency);
      const found = ctx.view(assets.methods.instrument, { instrument });
      const { currency: actual } = found ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument });
      ctx.require(actual === currency, 'CURRENCY_MISMATCH', { expected: currency, actual });
      const { sender: account } = ctx;
      const rule = ctx.view(assets.methods.ineligibility, { instrument, account });
      if (rule !== undefined) ctx.fail('NOT_HOLDABLE', { account, rule });
      ctx.state.eligible.set(currency, instrument, terms);
      ctx.emit('EligibleSet', { currency, instrument, ...terms });
    },
  ),

  /** Takes an instrument no more: what pools hold of it covers nothing from now on. */
  exclude: contract.tx(
    { args: { currency: t.currency, instrument: t.id }, auth: byIssuer },
    (ctx, { currency, instrument }) => {
      requireIssuer(ctx, currency);
      ctx.require(ctx.state.eligible.has(currency, instrument), 'NOT_ELIGIBLE', { instrument });
      ctx.state.eligible.delete(currency, instrument);
      ctx.emit('Excluded', { currency, instrument });
    },
  ),

  /** Lets an account owe up to a limit. A limit of nothing ends new draws, and the line itself where it is not used. */
  setLine: contract.tx({ args: { ...owner, limit: t.amount }, auth: byIssuer }, (ctx, { currency, account, limit }) => {
    requireIssuer(ctx, currency);
    requireFacility(ctx, currency);
    const member = memberOf(ctx, account);
    const holder = ctx.state.lineOf.find(currency, member);
    if (holder !== undefined && holder !== account) ctx.fail('LINE_ELSEWHERE', { account: holder });
    ctx.require(limit > 0n || holder !== undefined, 'AMOUNT_ZERO');
    const isUsed = dropEmpty(ctx, { currency, account }) > 0 || ctx.state.loans.has(currency, account);
    if (limit === 0n && !isUsed) {
      ctx.state.lines.delete(currency, account);
      ctx.state.lineOf.delete(currency, member);
      ctx.emit('LineClosed', { currency, account, member });
      return;
    }
    ctx.state.lines.set(currency, account, { limit, member });
    ctx.state.lineOf.set(currency, member, account);
    ctx.emit('LineSet', { currency, account, member, limit });
  }),
};

/** A line may be lowered while its account is suspended. */
function memberOf(ctx: CreditContext, account: Parameters<CreditContext['account']>[0]): string {
  const { member } = ctx.account(account) ?? ctx.fail('ACCOUNT_UNKNOWN', { account });
  return member;
}
