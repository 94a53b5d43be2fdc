import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { type AccountAmount, AccountPage } from '../assets/accountPage.js';
import { assets } from '../assets/assets.js';
import { statusOf } from './book.js';
import {
  type ActionsView,
  contract,
  declarationFields,
  entitlements,
  id,
  KINDS,
  type OpenAction,
  openFields,
  progressFields,
  ROW,
  requireOpen,
  STATUSES,
  termsFields,
} from './declaration.js';
import { entitlementOf, kindOf, redeemedOf, redeemsOf } from './terms.js';

/** Actions that one view gives. */
const PAGE = 100;

const status = t.enum(STATUSES);

/** Of an entitlement: what it would be by what the account holds now, what it is, what waits to be claimed. */
const STANDINGS = ['expected', 'entitled', 'claimable'] as const;

const line = t.struct({
  id,
  instrument: t.id,
  issuer: t.address,
  currency: t.currency,
  status,
  recordHeight: t.uint(),
  paymentDay: t.day,
  deadline: t.uint(),
  declared: t.amount,
});

function lineOf(ctx: ActionsView, of: string) {
  const action = ctx.state.open.get(of);
  const { instrument, issuer, currency, recordHeight, paymentDay, deadline, declared } = action;
  const times = { recordHeight, paymentDay, deadline };
  return { id: of, instrument, issuer, currency, status: statusOf(ctx, action), ...times, declared };
}

function itemsOf(row: Uint8Array | undefined): readonly AccountAmount[] {
  return row === undefined ? [] : new AccountPage(row).items();
}

/** What was worked out for the account and not paid yet: the row whose last account is not before it. */
function computedFor(ctx: ActionsView, of: string, account: Address): bigint | undefined {
  const row =
    ctx.state.entitlements.find(of, account) ?? ctx.state.entitlements.entriesUnder([of], 1, [of, account])[0]?.value;
  return itemsOf(row).find((each) => each.account === account)?.amount;
}

/** What is due to an account of which nothing is worked out and nothing waits: by what it held, or still holds. */
function dueOf(ctx: ActionsView, action: OpenAction, account: Address) {
  const { instrument, record, redemption, stage, after } = action;
  if (redemption === undefined || redeemsOf(action) === 'part') {
    const held = record === undefined ? 0n : (ctx.view(assets.methods.recorded, { instrument, record, account }) ?? 0n);
    const units = redemption === undefined ? held : redeemedOf(held, redemption);
    return units === 0n ? undefined : { standing: 'expected' as const, amount: entitlementOf(action, held), units };
  }
  const units = ctx.view(assets.methods.holding, { account, instrument });
  const isPast = stage === 'claiming' || (after !== undefined && account <= after);
  const standing = isPast ? ('claimable' as const) : ('expected' as const);
  return units === 0n ? undefined : { standing, amount: units * redemption.price, units };
}

const details = t.struct({
  version: declarationFields.version,
  paymentDay: t.day,
  deadline: t.uint(),
  ...termsFields,
  nominal: openFields.nominal,
  maturity: openFields.maturity,
  fixing: openFields.fixing,
});
const shared = {
  instrument: t.id,
  issuer: t.address,
  currency: t.currency,
  kind: t.enum(KINDS),
  recordHeight: t.uint(),
  declared: t.amount,
  ...progressFields,
};

function describeOpen(ctx: ActionsView, action: OpenAction) {
  const { instrument, issuer, currency, recordHeight, declared, holders, entitled, paid, unclaimed, residual } = action;
  const { stage: _stage, record: _record, after: _after, isCancelled: _isCancelled, ...terms } = action;
  const kind = kindOf(action) ?? ctx.fail('TERMS_INVALID', { term: 'kind' });
  const progress = { holders, entitled, paid, unclaimed, residual };
  return {
    ...{ status: statusOf(ctx, action), instrument, issuer, currency, kind, recordHeight, declared, ...progress },
    details: terms,
  };
}

export const views = {
  /** An action with its terms while it is open, and what became of it afterwards. */
  action: contract.view(
    {
      args: { id },
      returns: t.optional(
        t.struct({
          status,
          ...shared,
          details: t.optional(details),
          closedAt: t.optional(t.struct({ height: t.uint(), timestamp: t.uint() })),
        }),
      ),
    },
    (ctx, a) => {
      const open = ctx.state.open.find(a.id);
      if (open !== undefined) return describeOpen(ctx, open);
      const closed = ctx.state.closed.find(a.id);
      if (closed === undefined) return undefined;
      const { height, timestamp, ...rest } = closed;
      return { ...rest, closedAt: { height, timestamp } };
    },
  ),

  /** Open actions on an instrument, in the order of their ids. */
  openOf: contract.view(
    { args: { instrument: t.id, limit: t.uint(PAGE), after: t.optional(id) }, returns: t.list(line, PAGE) },
    (ctx, a) =>
      ctx.state.ofInstrument
        .entriesUnder([a.instrument], a.limit, a.after === undefined ? undefined : [a.instrument, a.after])
        .map(({ key: [, of] }) => lineOf(ctx, of)),
  ),

  /** All open actions, in the order of their ids. */
  openActions: contract.view(
    { args: { limit: t.uint(PAGE), after: t.optional(id) }, returns: t.list(line, PAGE) },
    (ctx, a) =>
      ctx.state.open
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ key: [of] }) => lineOf(ctx, of)),
  ),

  /** What an account is to have of an open action; none where it has been paid, or nothing is due to it. */
  entitlement: contract.view(
    {
      args: { id, account: t.address },
      returns: t.optional(
        t.struct({
          standing: t.enum(STANDINGS),
          /** None while the rate is not published. */
          amount: t.optional(t.amount),
          /** That it counts for, while nothing is worked out; that it gives, where they are redeemed. */
          units: t.optional(t.amount),
        }),
      ),
    },
    (ctx, a) => {
      const action = requireOpen(ctx, a.id);
      const claim = ctx.state.claims.find(a.id, a.account);
      if (claim !== undefined) {
        return { standing: 'claimable' as const, amount: claim.amount, units: claim.units || undefined };
      }
      const amount = computedFor(ctx, a.id, a.account);
      if (amount !== undefined) return { standing: 'entitled' as const, amount };
      return dueOf(ctx, action, a.account);
    },
  ),

  /** What accounts are entitled to and have not been paid, a row at a time, in the order of their addresses. */
  entitlements: contract.view({ args: { id, after: t.optional(t.address) }, returns: entitlements }, (ctx, a) => {
    const after = a.after === undefined ? undefined : ([a.id, a.after] as const);
    return itemsOf(ctx.state.entitlements.entriesUnder([a.id], 1, after)[0]?.value);
  }),

  /** What waits to be claimed, in the order of the accounts. */
  claims: contract.view(
    {
      args: { id, limit: t.uint(ROW), after: t.optional(t.address) },
      returns: t.list(t.struct({ account: t.address, amount: t.amount, units: t.amount }), ROW),
    },
    (ctx, a) =>
      ctx.state.claims
        .entriesUnder([a.id], a.limit, a.after === undefined ? undefined : [a.id, a.after])
        .map(({ key: [, account], value }) => ({ account, ...value })),
  ),
};
