import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { currencyMethod } from '../cash/currencyMethod.js';
import {
  type AssetsContext,
  byIssuer,
  contract,
  INSTRUMENT_KINDS,
  instrument,
  movement,
  requireInstrument,
  requireIssuer,
  requireTransferable,
  requireWhole,
  termsFields,
  transfer,
} from './declaration.js';
import { eligibilityMethods, eligibilityViews, pilotMethods } from './eligibility.js';
import { credit, debit, issueUnits } from './holdings.js';
import { lockMethods, lockViews } from './locks.js';
import { orderMethods, orderViews } from './orders.js';
import { recordMethods, recordViews } from './records.js';
import { splitMethods, splitViews } from './split.js';
import { putInForce, requireSound, versionMethods, versionViews } from './versions.js';

export { INSTRUMENT_KINDS };

function setPaused(ctx: AssetsContext, id: string, paused: boolean): void {
  const record = requireInstrument(ctx, id);
  requireIssuer(ctx, record);
  requireWhole(ctx, id);
  ctx.require(record.paused !== paused, 'STATUS_UNCHANGED', { paused });
  ctx.state.instruments.set(id, { ...record, paused });
}

const issuerMethods = {
  /** Tokenises an instrument: its terms, in a currency of the network, and no units yet. */
  create: contract.tx(
    { args: { instrument: t.id, ...termsFields }, auth: { accounts: (a) => [a.issuer] } },
    (ctx, a) => {
      ctx.require(!ctx.state.instruments.has(a.instrument), 'INSTRUMENT_EXISTS', { instrument: a.instrument });
      const { instrument: id, ...terms } = a;
      requireSound(ctx, terms);
      const { currency } = terms;
      if (ctx.view(currencyMethod, { currency }) === undefined) ctx.fail('CURRENCY_UNKNOWN', { currency });
      putInForce(ctx, id, { ...terms, paused: false, issued: 0n, redeemed: 0n, version: 1 });
      ctx.emit('InstrumentCreated', a);
    },
  ),

  issue: contract.tx({ args: movement, auth: byIssuer }, (ctx, a) => {
    const record = requireInstrument(ctx, a.instrument);
    requireIssuer(ctx, record);
    ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
    ctx.requireAccount(a.account);
    issueUnits(ctx, a.instrument, record, a.account, a.amount);
  }),

  /** Destroys units: issuer and holder both authorise, and what is paid for them stands in the same transaction. */
  redeem: contract.tx({ args: movement, auth: { accounts: (a) => [a.account] } }, (ctx, a) => {
    const record = requireInstrument(ctx, a.instrument);
    requireIssuer(ctx, record);
    ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
    debit(ctx, a.account, a.instrument, a.amount);
    ctx.state.instruments.set(a.instrument, { ...record, redeemed: record.redeemed + a.amount });
    ctx.emit('Redeemed', a);
  }),

  /** Stops transfers between holders; issue and redemption go on. */
  pause: contract.tx({ args: { instrument: t.id }, auth: byIssuer }, (ctx, a) => {
    setPaused(ctx, a.instrument, true);
    ctx.emit('Paused', a);
  }),

  resume: contract.tx({ args: { instrument: t.id }, auth: byIssuer }, (ctx, a) => {
    setPaused(ctx, a.instrument, false);
    ctx.emit('Resumed', a);
  }),
};

const transferMethods = {
  /** The securities leg of a delivery versus payment, or a transfer free of payment. */
  transfer: contract.tx({ args: transfer, auth: { accounts: (a) => [a.from] } }, (ctx, a) => {
    requireTransferable(ctx, a.instrument);
    ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
    ctx.require(a.from !== a.to, 'SAME_ACCOUNT', { account: a.from });
    ctx.requireAccount(a.to);
    debit(ctx, a.from, a.instrument, a.amount);
    credit(ctx, a.to, a.instrument, a.amount);
    ctx.emit('Transferred', a);
  }),
};

const page = { limit: t.uint(RANGE_LIMIT) };

const views = {
  instrument: contract.view({ args: { instrument: t.id }, returns: t.optional(instrument) }, (ctx, a) =>
    ctx.state.instruments.find(a.instrument),
  ),

  instruments: contract.view(
    {
      args: { ...page, after: t.optional(t.id) },
      returns: t.list(t.struct({ instrument: t.id, ...instrument.fields }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.instruments
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ key, value }) => ({ instrument: key[0], ...value })),
  ),

  /** Units of one account, those that contracts hold for it among them. */
  holding: contract.view({ args: { account: t.address, instrument: t.id }, returns: t.amount }, (ctx, a) => {
    requireInstrument(ctx, a.instrument);
    return ctx.state.holdings.get(a.instrument, a.account);
  }),

  /** What one account holds and what of it is locked, in the order of the instruments' ids. */
  holdings: contract.view(
    {
      args: { account: t.address, ...page, after: t.optional(t.id) },
      returns: t.list(t.struct({ instrument: t.id, amount: t.amount, locked: t.amount }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.heldBy
        .entriesUnder([a.account], a.limit, a.after === undefined ? undefined : [a.account, a.after])
        .map(({ key: [account, id] }) => ({
          instrument: id,
          amount: ctx.state.holdings.get(id, account),
          locked: ctx.state.locked.get(id, account),
        })),
  ),

  /** The register of one instrument, in the order of the holders' addresses. */
  holders: contract.view(
    {
      args: { instrument: t.id, ...page, after: t.optional(t.address) },
      returns: t.list(t.struct({ account: t.address, amount: t.amount }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.holdings
        .entriesUnder([a.instrument], a.limit, a.after === undefined ? undefined : [a.instrument, a.after])
        .map(({ key: [, account], value }) => ({ account, amount: value })),
  ),

  /** The sum of all holdings is issued - redeemed; who counts units counts those of now while they are split no further time. */
  supply: contract.view(
    { args: { instrument: t.id }, returns: t.struct({ issued: t.amount, redeemed: t.amount, splits: t.uint() }) },
    (ctx, a) => {
      const { issued, redeemed } = requireInstrument(ctx, a.instrument);
      return { issued, redeemed, splits: ctx.state.splitCounts.get(a.instrument) };
    },
  ),
};

/** Instruments as data, who may hold them, and who holds how many units of each. */
export const assets = contract.build({
  ...issuerMethods,
  ...transferMethods,
  ...lockMethods,
  ...orderMethods,
  ...versionMethods,
  ...eligibilityMethods,
  ...pilotMethods,
  ...splitMethods,
  ...recordMethods,
  ...views,
  ...lockViews,
  ...versionViews,
  ...eligibilityViews,
  ...splitViews,
  ...recordViews,
  ...orderViews,
});
