import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';

/** What an instrument may be. A position in this list stands in the state: append, never move. */
export const INSTRUMENT_KINDS = ['bond', 'bill', 'share', 'fundUnit', 'deposit', 'receivable'] as const;

const termsFields = {
  kind: t.enum(INSTRUMENT_KINDS),
  /** The account that issues it: it alone issues, redeems and pauses. */
  issuer: t.address,
  name: t.text(140),
  isin: t.optional(t.isin),
  currency: t.currency,
  /** Nominal value of one unit, in minor units of the currency. */
  nominal: t.amount,
  maturity: t.optional(t.day),
  /** Most units that may be outstanding. */
  cap: t.amount,
};

const instrument = t.struct({ ...termsFields, paused: t.bool, issued: t.amount, redeemed: t.amount });
const movement = { instrument: t.id, account: t.address, amount: t.amount };
const transfer = { instrument: t.id, from: t.address, to: t.address, amount: t.amount };

const state = {
  instruments: map([t.id], instrument),
  /** Account, instrument → units; no entry for none. */
  holdings: map([t.address, t.id], t.amount, 0n),
  /** Instrument, account: who holds it. */
  holders: map([t.id, t.address], t.bool),
};

const events = {
  InstrumentCreated: { instrument: t.id, ...termsFields },
  Issued: movement,
  Redeemed: movement,
  Transferred: transfer,
  Paused: { instrument: t.id },
  Resumed: { instrument: t.id },
};

const errors = {
  INSTRUMENT_EXISTS: { instrument: t.id },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  INSTRUMENT_PAUSED: { instrument: t.id },
  /** It is paused already, or it is not. */
  STATUS_UNCHANGED: { paused: t.bool },
  CAP_EXCEEDED: { cap: t.amount, outstanding: t.amount },
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  INSUFFICIENT_UNITS: { available: t.amount, required: t.amount },
};

const contract = defineContract({ name: 'assets', version: 1, state, events, errors });

type AssetsContext = TxContext<typeof state, typeof events, typeof errors>;

function requireInstrument(ctx: ViewContext<typeof state, typeof errors>, id: string): Infer<typeof instrument> {
  return ctx.state.instruments.find(id) ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument: id });
}

/** Methods of the issuer name the account in their terms, not in their arguments. */
function requireIssuer(ctx: AssetsContext, { issuer }: Infer<typeof instrument>): void {
  ctx.requireAccount(issuer);
  if (!ctx.authorises(issuer)) ctx.fail('UNAUTHORISED', { rule: 'account', subject: issuer });
}

/** Writes a holding, and who holds; no units leave no entry, so that the register lists holders only. */
function setHolding(ctx: AssetsContext, account: Address, id: string, before: bigint, after: bigint): void {
  if (after === 0n) {
    ctx.state.holdings.delete(account, id);
    ctx.state.holders.delete(id, account);
    return;
  }
  ctx.state.holdings.set(account, id, after);
  if (before === 0n) ctx.state.holders.set(id, account, true);
}

/** Outstanding units fit an amount, so no holding can overflow. */
function credit(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  const before = ctx.state.holdings.get(account, id);
  setHolding(ctx, account, id, before, before + amount);
}

function debit(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  const available = ctx.state.holdings.get(account, id);
  if (available < amount) ctx.fail('INSUFFICIENT_UNITS', { available, required: amount });
  setHolding(ctx, account, id, available, available - amount);
}

function setPaused(ctx: AssetsContext, id: string, paused: boolean): void {
  const record = requireInstrument(ctx, id);
  requireIssuer(ctx, record);
  ctx.require(record.paused !== paused, 'STATUS_UNCHANGED', { paused });
  ctx.state.instruments.set(id, { ...record, paused });
}

/** The issuer's account is in the instrument's terms: `requireIssuer` asks it, once the terms are read. */
const byIssuer = { sender: true } as const;

const issuerMethods = {
  /** Tokenises an instrument: its terms, and no units yet. */
  create: contract.tx(
    { args: { instrument: t.id, ...termsFields }, auth: { accounts: (a) => [a.issuer] } },
    (ctx, a) => {
      ctx.require(!ctx.state.instruments.has(a.instrument), 'INSTRUMENT_EXISTS', { instrument: a.instrument });
      ctx.require(a.nominal > 0n && a.cap > 0n, 'AMOUNT_ZERO');
      const { instrument: id, ...terms } = a;
      ctx.state.instruments.set(id, { ...terms, paused: false, issued: 0n, redeemed: 0n });
      ctx.emit('InstrumentCreated', a);
    },
  ),

  issue: contract.tx({ args: movement, auth: byIssuer }, (ctx, a) => {
    const record = requireInstrument(ctx, a.instrument);
    requireIssuer(ctx, record);
    ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
    ctx.requireAccount(a.account);
    const outstanding = record.issued - record.redeemed;
    ctx.require(outstanding + a.amount <= record.cap, 'CAP_EXCEEDED', { cap: record.cap, outstanding });
    ctx.state.instruments.set(a.instrument, { ...record, issued: record.issued + a.amount });
    credit(ctx, a.account, a.instrument, a.amount);
    ctx.emit('Issued', a);
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
    const { paused } = requireInstrument(ctx, a.instrument);
    ctx.require(!paused, 'INSTRUMENT_PAUSED', { instrument: a.instrument });
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

  holding: contract.view({ args: { account: t.address, instrument: t.id }, returns: t.amount }, (ctx, a) => {
    requireInstrument(ctx, a.instrument);
    return ctx.state.holdings.get(a.account, a.instrument);
  }),

  /** What one account holds, in the order of the instruments' ids. */
  holdings: contract.view(
    {
      args: { account: t.address, ...page, after: t.optional(t.id) },
      returns: t.list(t.struct({ instrument: t.id, amount: t.amount }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.holdings
        .entriesUnder([a.account], a.limit, a.after === undefined ? undefined : [a.account, a.after])
        .map(({ key, value }) => ({ instrument: key[1], amount: value })),
  ),

  /** The register of one instrument, in the order of the holders' addresses. */
  holders: contract.view(
    {
      args: { instrument: t.id, ...page, after: t.optional(t.address) },
      returns: t.list(t.struct({ account: t.address, amount: t.amount }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.holders
        .entriesUnder([a.instrument], a.limit, a.after === undefined ? undefined : [a.instrument, a.after])
        .map(({ key: [id, account] }) => ({ account, amount: ctx.state.holdings.get(account, id) })),
  ),

  /** The sum of all holdings is issued - redeemed. */
  supply: contract.view(
    { args: { instrument: t.id }, returns: t.struct({ issued: t.amount, redeemed: t.amount }) },
    (ctx, a) => {
      const { issued, redeemed } = requireInstrument(ctx, a.instrument);
      return { issued, redeemed };
    },
  ),
};

/** Instruments as data, and who holds how many units of each. */
export const assets = contract.build({ ...issuerMethods, ...transferMethods, ...views });
