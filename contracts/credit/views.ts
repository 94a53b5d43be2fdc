import { t } from '../api/t.js';
import {
  type CreditView,
  callFields,
  contract,
  eligibleFields,
  facilityFields,
  type Owner,
  owner,
} from './declaration.js';
import { STAGES, standingOf } from './loans.js';
import { availableIn } from './terms.js';
import { poolOf } from './valuation.js';

/** Rows that one view gives. */
const PAGE = 100;

const position = t.struct({ instrument: t.id, units: t.amount, value: t.amount });

const line = {
  account: t.address,
  member: t.bic,
  limit: t.amount,
  /** Nothing owed: no stage. */
  stage: t.optional(t.enum(STAGES)),
  owed: t.amount,
  interest: t.amount,
  /** The business day by whose end a loan overnight must be paid back, once it is opened. */
  due: t.optional(t.day),
  /** What the pool covers by the prices in force; a stale one counts. */
  value: t.amount,
  /** Whose price is stale, missing, or of the bank's own oracle alone: nothing is drawn by it. */
  stale: t.optional(t.id),
  /** What could be drawn now: by line, facility, and the lowest prices of what could be sold. */
  drawable: t.amount,
  call: t.optional(t.struct(callFields)),
};

function describe(ctx: CreditView, of: Owner) {
  const { currency, account } = of;
  const { limit, member } = ctx.state.lines.get(currency, account);
  const standing = standingOf(ctx, of);
  const { positions, value } = poolOf(ctx, of, 'price');
  const cautious = poolOf(ctx, of, 'cautious');
  const stale = cautious.doubt?.instrument;
  const loan = {
    ...{ stage: standing?.stage, owed: standing?.owed ?? 0n, interest: standing?.interest ?? 0n, due: standing?.due },
  };
  const call = ctx.state.calls.find(currency, account);
  const isClosed = stale !== undefined || (standing !== undefined && standing.stage !== 'intraday');
  const drawable = isClosed ? 0n : roomOf(ctx, of, { limit, owed: loan.owed, value: cautious.value });
  return { row: { account, member, limit, ...loan, value, stale, drawable, call }, positions };
}

interface Bounds {
  readonly limit: bigint;
  readonly owed: bigint;
  readonly value: bigint;
}

function roomOf(ctx: CreditView, { currency }: Owner, { limit, owed, value }: Bounds): bigint {
  const most = value < limit ? value : limit;
  const [room, available] = [most < owed ? 0n : most - owed, availableIn(ctx, currency)];
  return room < available ? room : available;
}

export const views = {
  /** What a currency's central bank lends, and what it has to lend; none where it lends nothing. */
  facility: contract.view(
    {
      args: { currency: t.currency },
      returns: t.optional(t.struct({ ...facilityFields, available: t.amount, lent: t.amount })),
    },
    (ctx, { currency }) => {
      const found = ctx.state.facilities.find(currency);
      if (found === undefined) return undefined;
      return { ...found, available: availableIn(ctx, currency), lent: ctx.state.lent.get(currency) };
    },
  ),

  /** What is taken as collateral in a currency, in the order of the instruments. */
  eligible: contract.view(
    {
      args: { currency: t.currency, limit: t.uint(PAGE), after: t.optional(t.id) },
      returns: t.list(t.struct({ instrument: t.id, ...eligibleFields }), PAGE),
    },
    (ctx, { currency, limit, after }) =>
      ctx.state.eligible
        .entriesUnder([currency], limit, after === undefined ? undefined : [currency, after])
        .map(({ key: [, instrument], value }) => ({ instrument, ...value })),
  ),

  /** An account's line, loan and pool; none where it has no line. */
  line: contract.view(
    { args: owner, returns: t.optional(t.struct({ ...line, positions: t.list(position, PAGE) })) },
    (ctx, of) => {
      if (!ctx.state.lines.has(of.currency, of.account)) return undefined;
      const { row, positions } = describe(ctx, of);
      return { ...row, positions: positions.map(({ instrument, units, value }) => ({ instrument, units, value })) };
    },
  ),

  /** The lines of a currency, in the order of their accounts. */
  lines: contract.view(
    {
      args: { currency: t.currency, limit: t.uint(PAGE), after: t.optional(t.address) },
      returns: t.list(t.struct(line), PAGE),
    },
    (ctx, { currency, limit, after }) =>
      ctx.state.lines
        .entriesUnder([currency], limit, after === undefined ? undefined : [currency, after])
        .map(({ key: [, account] }) => describe(ctx, { currency, account }).row),
  ),

  /** The account of a member that has a line in a currency. */
  lineOf: contract.view(
    { args: { currency: t.currency, member: t.bic }, returns: t.optional(t.address) },
    (ctx, { currency, member }) => ctx.state.lineOf.find(currency, member),
  ),
};
