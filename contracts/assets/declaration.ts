import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { MEMBER_ROLES } from '../api/roles.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { freezes, frozenFields } from '../freezes/freezeBook.js';
import { boundsMethod } from '../pilots/methods.js';
import { recordNumber, records } from './recordBook.js';

/** Under which the contract stands. */
export const ASSETS = 'assets';

/** What an instrument may be. A position in this list stands in the state: append, never move. */
export const INSTRUMENT_KINDS = ['bond', 'bill', 'share', 'fundUnit', 'deposit', 'receivable'] as const;

/** What a receiver may lack. Append, never move. */
export const ELIGIBILITY_RULES = ['role', 'admission', 'pilot', 'sunset'] as const;

/** Versions that the terms of one instrument may have; the first is 1. */
export const MAX_VERSIONS = 1_000;
export const version = t.uint(MAX_VERSIONS);

/** What the issuer may amend; `requireAmendable` says which of it, and when. */
export const amendableFields = {
  name: t.text(140),
  isin: t.optional(t.isin),
  /** Nominal value of one unit, in minor units of the currency. */
  nominal: t.amount,
  maturity: t.optional(t.day),
  /** The first day on which the issuer may redeem before the maturity; none: not before it. */
  callableFrom: t.optional(t.day),
  /** Most units that may be outstanding. */
  cap: t.amount,
  /** Who may receive units; every active account when left out. */
  eligibility: t.optional(
    t.struct({
      /** The receiver's member has one of them; none when any role will do. */
      roles: t.list(t.enum(MEMBER_ROLES), MEMBER_ROLES.length),
      /** The issuer has admitted the receiver's member. */
      admittedOnly: t.bool,
    }),
  ),
};

export const termsFields = {
  kind: t.enum(INSTRUMENT_KINDS),
  /** The account that issues it: it alone issues, redeems and pauses. */
  issuer: t.address,
  currency: t.currency,
  ...amendableFields,
};
const terms = t.struct(termsFields);

/** A version of the terms: kind, issuer and currency are those of the instrument. */
export const versionFields = { ...amendableFields, height: t.uint(), timestamp: t.uint() };

export const instrument = t.struct({
  ...termsFields,
  paused: t.bool,
  issued: t.amount,
  redeemed: t.amount,
  /** Of the terms that are in force. */
  version,
});

export const MAX_SPLIT_RATIO = 1_000_000;
export const ratioFields = { numerator: t.uint(MAX_SPLIT_RATIO), denominator: t.uint(MAX_SPLIT_RATIO) };
/** Whether holdings are looked at, so that none of them leaves a rest, or changed. Append, never move. */
export const SPLIT_STAGES = ['checking', 'applying'] as const;
const split = t.struct({
  ...ratioFields,
  stage: t.enum(SPLIT_STAGES),
  /** The last holder that the stage has come to. */
  after: t.optional(t.address),
});

export const movement = { instrument: t.id, account: t.address, amount: t.amount };
export const transfer = { instrument: t.id, from: t.address, to: t.address, amount: t.amount };

/** What an authority takes by an order. */
export const seizure = {
  instrument: t.id,
  from: t.address,
  to: t.address,
  amount: t.amount,
  order: t.id,
  /** The freeze that it uses up. */
  freeze: t.optional(t.id),
};

/** Units that a contract holds for an account; the contract alone says to whom they go. */
export const lockKey = { instrument: t.id, contract: t.id, lock: t.id };

/** How the state is laid out, for those who read it. */
export const assetsState = {
  instruments: map([t.id], instrument),
  /** Instrument, account → its units, those that contracts hold for it among them; no entry for none. */
  holdings: map([t.id, t.address], t.amount, 0n),
  /** Account, instrument: what it holds. */
  heldBy: map([t.address, t.id], t.bool),
  /** Instrument, contract, lock → for whom the contract holds how many units; no entry for nothing. */
  locks: map([t.id, t.id, t.id], t.struct({ holder: t.address, amount: t.amount })),
  /** Instrument, account → the sum of the account's locks, a part of its holding; no entry for none. */
  locked: map([t.id, t.address], t.amount, 0n),
  /** Instrument, account → what orders keep of its units; no entry for nothing. */
  controls: map([t.id, t.address], t.struct({ freezes }), { freezes: [] }),
  /** Instrument, version → what of its terms may be amended, and since when it is in force. */
  versions: map([t.id, version], t.struct(versionFields)),
  /** Instrument, member: whom the issuer has admitted. */
  admitted: map([t.id, t.bic], t.bool),
  /** Instrument → how many it has admitted. */
  admittedCount: map([t.id], t.uint(), 0),
  /** Instruments that are tried out: `pilots` says by whom, how many units of them and until when. */
  pilots: map([t.id], t.bool),
  /** Instruments that are being split. */
  splits: map([t.id], split),
  /** Instrument → how often it was split to the end. */
  splitCounts: map([t.id], t.uint(), 0),
  /** Instrument → the heights whose holdings are kept, and how far they have been told; no entry for none. */
  records: map([t.id], records, []),
  /** Instrument, record, account → what it held at the record's height, where that has changed since and is not told yet. */
  kept: map([t.id, recordNumber, t.address], t.amount),
};

const events = {
  InstrumentCreated: { instrument: t.id, ...termsFields },
  Issued: movement,
  Redeemed: movement,
  Transferred: transfer,
  Locked: { ...lockKey, holder: t.address, amount: t.amount },
  Released: { ...lockKey, holder: t.address, to: t.address, amount: t.amount, remaining: t.amount },
  LockReturned: { ...lockKey, holder: t.address, amount: t.amount },
  /** What orders keep in the account from now on. */
  FreezesSet: { instrument: t.id, account: t.address, freezes },
  /** `frozenUsed` of it were frozen before. */
  Seized: { ...seizure, frozenUsed: t.amount },
  Paused: { instrument: t.id },
  Resumed: { instrument: t.id },
  /** What is in force now stands under its version. */
  Amended: { instrument: t.id, version },
  Admitted: { instrument: t.id, member: t.bic },
  Excluded: { instrument: t.id, member: t.bic },
  SplitBegun: { instrument: t.id, ...ratioFields },
  HoldingSplit: { instrument: t.id, account: t.address, before: t.amount, after: t.amount },
  /** A holding would leave a rest: nothing was changed. */
  SplitRefused: { instrument: t.id, account: t.address, amount: t.amount },
  SplitEnded: { instrument: t.id, version },
};

const errors = {
  INSTRUMENT_EXISTS: { instrument: t.id },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  /** The network does not have the currency of the terms. */
  CURRENCY_UNKNOWN: { currency: t.currency },
  INSTRUMENT_PAUSED: { instrument: t.id },
  /** It is paused already, or it is not. */
  STATUS_UNCHANGED: { paused: t.bool },
  CAP_EXCEEDED: { cap: t.amount, outstanding: t.amount },
  /** The instrument is a pilot: one holder may not have as many units, and it is not split. */
  HOLDING_EXCEEDED: { perHolder: t.amount, held: t.amount, required: t.amount },
  PILOT_RUNS: { instrument: t.id },
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  INSUFFICIENT_UNITS: { available: t.amount, required: t.amount },
  /** The account has them, and orders keep them there. */
  FROZEN: frozenFields,
  /** What is free does not suffice for an order, with what is locked: allocations must be given back first. */
  LOCKED: { free: t.amount, locked: t.amount, required: t.amount },
  LOCK_EXISTS: lockKey,
  LOCK_UNKNOWN: lockKey,
  /** More was to be released than the lock holds. */
  LOCK_INSUFFICIENT: { locked: t.amount, required: t.amount },
  /** The terms in force are those of another version. */
  VERSION_MISMATCH: { expected: version, actual: version },
  VERSIONS_TOO_MANY: { limit: t.uint() },
  /** What holders rely on; it changes while no units are outstanding. */
  TERM_FIXED: { term: t.enum(['isin', 'nominal', 'maturity', 'callableFrom']), outstanding: t.amount },
  TERMS_UNCHANGED: {},
  /** A rule that lets everybody pass, or names a role twice. */
  ELIGIBILITY_INVALID: {},
  /** The member may not receive units: it has none of the roles, or is not admitted. */
  NOT_ELIGIBLE: { member: t.bic, rule: t.enum(ELIGIBILITY_RULES) },
  /** It is admitted already, or it is not. */
  ADMISSION_UNCHANGED: { member: t.bic, admitted: t.bool },
  MEMBER_UNKNOWN: { member: t.bic },
  ADMITTED_TOO_MANY: { limit: t.uint() },
  SPLIT_UNDER_WAY: { instrument: t.id },
  SPLIT_UNKNOWN: { instrument: t.id },
  /** One for one, or of nothing. */
  SPLIT_INVALID: {},
  /** The nominal value, or all units together, would leave a rest. */
  SPLIT_FRACTION: { amount: t.amount },
  /** A split goes on by one holder or more. */
  LIMIT_ZERO: {},
  INSTRUMENT_NOT_PAUSED: { instrument: t.id },
  /** A contract holds units, which a split cannot change. */
  UNITS_LOCKED: { contract: t.id, lock: t.id },
  /** Orders keep a number of the account's units, which a split would change. */
  UNITS_FROZEN: { account: t.address },
  RECORD_UNKNOWN: { instrument: t.id, record: recordNumber },
  /** It is told from the next block on. */
  RECORD_AHEAD: { height: t.uint() },
  /** Once its height has passed it is told to the end. */
  RECORD_PASSED: { height: t.uint() },
  RECORDS_TOO_MANY: { limit: t.uint() },
  /** Holdings of some height are not told yet: a split would change what they mean, and until its block is over units issued would count. */
  RECORD_OPEN: { height: t.uint() },
  /** Units are being redeemed: they change hands no more, and go into no lock that would deliver them. */
  REDEMPTION_UNDER_WAY: { instrument: t.id, height: t.uint() },
};

export const contract = defineContract({ name: ASSETS, version: 1, state: assetsState, events, errors });

export type AssetsView = ViewContext<typeof assetsState, typeof errors>;
export type AssetsContext = TxContext<typeof assetsState, typeof events, typeof errors>;
export type Terms = Infer<typeof terms>;
export type Instrument = Infer<typeof instrument>;
export type Split = Infer<typeof split>;

/** The issuer's account is in the instrument's terms: `requireIssuer` asks it, once the terms are read. */
export const byIssuer = { sender: true } as const;

/** The instrument, when it was tokenised. */
export function requireInstrument(ctx: AssetsView, id: string): Instrument {
  return ctx.state.instruments.find(id) ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument: id });
}

/** The instrument, when its units may change hands. */
export function requireTransferable(ctx: AssetsView, id: string): void {
  const { paused } = requireInstrument(ctx, id);
  ctx.require(!paused, 'INSTRUMENT_PAUSED', { instrument: id });
}

/** Methods of the issuer name the account in their terms, not in their arguments. */
export function requireIssuer(ctx: AssetsContext, { issuer }: Instrument): void {
  ctx.requireAccount(issuer);
  if (!ctx.authorises(issuer)) ctx.fail('UNAUTHORISED', { rule: 'account', subject: issuer });
}

/** The instrument of this version of its terms, which whoever acts on them has seen. */
export function requireVersion(ctx: AssetsView, id: string, expected: number): Instrument {
  const record = requireInstrument(ctx, id);
  ctx.require(record.version === expected, 'VERSION_MISMATCH', { expected, actual: record.version });
  return record;
}

/** While an instrument is split, its units change by the split alone. */
export function requireWhole(ctx: AssetsView, id: string): void {
  ctx.require(!ctx.state.splits.has(id), 'SPLIT_UNDER_WAY', { instrument: id });
}

/** What a pilot says of an account that is to receive units; none where the instrument is no pilot. */
export function pilotBounds(ctx: AssetsView, id: string, account: Address): Infer<typeof boundsMethod.returns> {
  return ctx.state.pilots.has(id) ? ctx.view(boundsMethod, { instrument: id, account }) : undefined;
}

/** Why an account may not receive units; undefined when it may: by the terms, or as their issuer, which takes back its own. */
export function ineligibilityOf(
  ctx: AssetsView,
  id: string,
  account: Address,
): { readonly member: string; readonly rule: (typeof ELIGIBILITY_RULES)[number] } | undefined {
  const { eligibility, issuer } = requireInstrument(ctx, id);
  if (account === issuer) return undefined;
  const pilot = pilotBounds(ctx, id, account);
  if (pilot?.isOver === true) return { member: ctx.requireAccount(account).member, rule: 'sunset' };
  if (pilot?.isNamed === false) return { member: ctx.requireAccount(account).member, rule: 'pilot' };
  if (eligibility === undefined) return undefined;
  const { member, roles } = ctx.requireAccount(account);
  const hasRole = eligibility.roles.length === 0 || eligibility.roles.some((role) => roles.includes(role));
  if (!hasRole) return { member, rule: 'role' };
  const isAdmitted = !eligibility.admittedOnly || ctx.state.admitted.has(id, member);
  return isAdmitted ? undefined : { member, rule: 'admission' };
}

export function requireEligible(ctx: AssetsView, id: string, account: Address): void {
  const reason = ineligibilityOf(ctx, id, account);
  if (reason !== undefined) ctx.fail('NOT_ELIGIBLE', reason);
}
