import { t } from '../api/t.js';
import {
  type AssetsContext,
  type AssetsView,
  amendableFields,
  byIssuer,
  contract,
  type Instrument,
  MAX_VERSIONS,
  requireInstrument,
  requireIssuer,
  requireVersion,
  requireWhole,
  type Terms,
  version,
  versionFields,
} from './declaration.js';

/** Versions that one view gives. */
const PAGE = 100;

/** Lets only terms pass that an instrument may have. */
export function requireSound(ctx: AssetsView, { nominal, cap, eligibility }: Terms): void {
  ctx.require(nominal > 0n && cap > 0n, 'AMOUNT_ZERO');
  if (eligibility === undefined) return;
  const { roles, admittedOnly } = eligibility;
  const isRule = roles.length > 0 || admittedOnly;
  ctx.require(isRule && new Set(roles).size === roles.length, 'ELIGIBILITY_INVALID');
}

/** Writes the instrument, and its terms under their version, where they stay readable. */
export function putInForce(ctx: AssetsContext, id: string, record: Instrument): void {
  const { name, isin, nominal, maturity, callableFrom, cap, eligibility } = record;
  const since = { height: ctx.height, timestamp: ctx.timestamp };
  ctx.state.instruments.set(id, record);
  const terms = { name, isin, nominal, maturity, callableFrom, cap, eligibility };
  ctx.state.versions.set(id, record.version, { ...terms, ...since });
}

export function requireRoomForVersion(ctx: AssetsView, { version: newest }: Instrument): void {
  ctx.require(newest < MAX_VERSIONS, 'VERSIONS_TOO_MANY', { limit: MAX_VERSIONS });
}

/**
 * What holders rely on stays while anybody holds a unit: when it falls due and may be called, what a unit promises, under which number it is
 * known. The nominal value of a fund unit promises nothing, so it may follow the fund; an ISIN may be given later.
 */
function requireAmendable(ctx: AssetsView, record: Instrument, next: Terms): void {
  const { kind, isin, nominal, maturity, callableFrom, issued, redeemed } = record;
  const outstanding = issued - redeemed;
  if (outstanding === 0n) return;
  const isSameNumber = isin === undefined || isin === next.isin;
  ctx.require(isSameNumber, 'TERM_FIXED', { term: 'isin', outstanding });
  const isSameNominal = kind === 'fundUnit' || nominal === next.nominal;
  ctx.require(isSameNominal, 'TERM_FIXED', { term: 'nominal', outstanding });
  ctx.require(maturity === next.maturity, 'TERM_FIXED', { term: 'maturity', outstanding });
  ctx.require(callableFrom === next.callableFrom, 'TERM_FIXED', { term: 'callableFrom', outstanding });
  ctx.require(next.cap >= outstanding, 'CAP_EXCEEDED', { cap: next.cap, outstanding });
}

function isSame(one: Terms, other: Terms): boolean {
  const rulesOf = ({ eligibility }: Terms) => eligibility && [eligibility.admittedOnly, ...eligibility.roles].join();
  return (
    one.name === other.name &&
    one.isin === other.isin &&
    one.nominal === other.nominal &&
    one.maturity === other.maturity &&
    one.callableFrom === other.callableFrom &&
    one.cap === other.cap &&
    rulesOf(one) === rulesOf(other)
  );
}

export const versionMethods = {
  /** Puts other terms in force, under the next version. Kind, issuer and currency stay what they are. */
  amend: contract.tx(
    {
      args: { instrument: t.id, expectedVersion: version, ...amendableFields },
      returns: t.struct({ version }),
      auth: byIssuer,
    },
    (ctx, { instrument: id, expectedVersion, ...changed }) => {
      const record = requireInstrument(ctx, id);
      requireIssuer(ctx, record);
      requireVersion(ctx, id, expectedVersion);
      requireWhole(ctx, id);
      requireRoomForVersion(ctx, record);
      const { kind, issuer, currency } = record;
      const next: Terms = { kind, issuer, currency, ...changed };
      requireSound(ctx, next);
      ctx.require(!isSame(record, next), 'TERMS_UNCHANGED');
      requireAmendable(ctx, record, next);
      const { paused, issued, redeemed } = record;
      const number = record.version + 1;
      putInForce(ctx, id, { ...next, paused, issued, redeemed, version: number });
      ctx.emit('Amended', { instrument: id, version: number });
      return { version: number };
    },
  ),
};

export const versionViews = {
  /** Every version of the terms, the first one first, and since when each is in force; kind, issuer and currency never change. */
  versions: contract.view(
    {
      args: { instrument: t.id, limit: t.uint(PAGE), after: t.optional(version) },
      returns: t.list(t.struct({ version, ...versionFields }), PAGE),
    },
    (ctx, a) => {
      requireInstrument(ctx, a.instrument);
      return ctx.state.versions
        .entriesUnder([a.instrument], a.limit, a.after === undefined ? undefined : [a.instrument, a.after])
        .map(({ key: [, number], value }) => ({ version: number, ...value }));
    },
  ),
};
