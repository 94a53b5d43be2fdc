import { MAX_AMOUNT } from '../../primitives/limits.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { inForce } from '../freezes/freezeBook.js';
import {
  type AssetsContext,
  byIssuer,
  contract,
  type Instrument,
  ratioFields,
  requireInstrument,
  requireIssuer,
  requireVersion,
  requireWhole,
  SPLIT_STAGES,
  type Split,
  version,
} from './declaration.js';
import { setHolding } from './holdings.js';
import { putInForce, requireRoomForVersion } from './versions.js';

/**
 * A split makes numerator units of each denominator units, holder by holder. What it adds counts as issued and what it takes
 * away as redeemed, page by page, so that the sum of all holdings is issued - redeemed at every step.
 */

type Ratio = Pick<Split, 'numerator' | 'denominator'>;

/** Exactly, or undefined where a rest would be left. */
function divided(amount: bigint, by: number, to: number): bigint | undefined {
  const product = amount * BigInt(by);
  return product % BigInt(to) === 0n ? product / BigInt(to) : undefined;
}

/** All units together are worth what they were: the nominal value changes by the opposite ratio. */
function nominalAfter({ nominal }: Instrument, { numerator, denominator }: Ratio): bigint | undefined {
  return divided(nominal, denominator, numerator);
}

/** Rounded down: a cap is never above what the ratio makes of it, and all units together leave no rest. */
function capAfter({ cap }: Instrument, { numerator, denominator }: Ratio): bigint {
  return (cap * BigInt(numerator)) / BigInt(denominator);
}

/** Whatever would fail on the way fails before it begins: a split that could not end would hold every unit. */
function requireSplittable(ctx: AssetsContext, id: string, terms: Instrument, ratio: Ratio): void {
  const { numerator, denominator } = ratio;
  const isRatio = numerator > 0 && denominator > 0 && numerator !== denominator;
  ctx.require(isRatio, 'SPLIT_INVALID');
  ctx.require(terms.paused, 'INSTRUMENT_NOT_PAUSED', { instrument: id });
  // Its bounds count units: a split would loosen them.
  ctx.require(!ctx.state.pilots.has(id), 'PILOT_RUNS', { instrument: id });
  const [lock] = ctx.state.locks.entriesUnder([id], 1);
  if (lock !== undefined) {
    const [, owner, name] = lock.key;
    ctx.fail('UNITS_LOCKED', { contract: owner, lock: name });
  }
  const [record] = ctx.state.records.get(id);
  if (record !== undefined) ctx.fail('RECORD_OPEN', { height: record.height });
  requireUncounted(ctx, id);
  const { nominal, issued, redeemed } = terms;
  const outstanding = issued - redeemed;
  const after = divided(outstanding, numerator, denominator);
  if (after === undefined) ctx.fail('SPLIT_FRACTION', { amount: outstanding });
  const worth = nominalAfter(terms, ratio);
  if (worth === undefined) ctx.fail('SPLIT_FRACTION', { amount: nominal });
  const cap = capAfter(terms, ratio);
  ctx.require(cap > 0n, 'SPLIT_FRACTION', { amount: terms.cap });
  const most = after > outstanding ? issued + after - outstanding : issued;
  const areAmounts = [cap, most, worth].every((amount) => amount <= MAX_AMOUNT);
  ctx.require(areAmounts, 'AMOUNT_OVERFLOW');
}

/** An order that keeps all units keeps them after the split as well; one that keeps a number of them would keep another part. */
function requireUncounted(ctx: AssetsContext, id: string): void {
  const rows = ctx.state.controls.entriesUnder([id], RANGE_LIMIT);
  const isCounted = ({ freezes }: (typeof rows)[number]['value']) =>
    inForce(freezes, ctx.timestamp).some(({ amount }) => amount !== undefined);
  const found = rows.find(({ value }) => isCounted(value)) ?? (rows.length === RANGE_LIMIT ? rows.at(-1) : undefined);
  if (found !== undefined) ctx.fail('UNITS_FROZEN', { account: found.key[1] });
}

/** The holders after the last one that the stage has come to. */
function nextHolders(ctx: AssetsContext, id: string, { after }: Split, limit: number) {
  return ctx.state.holdings
    .entriesUnder([id], limit, after === undefined ? undefined : [id, after])
    .map(({ key: [, account], value }) => ({ account, amount: value }));
}

type Holders = ReturnType<typeof nextHolders>;

/** Looks at holdings before any is changed; the first that would leave a rest ends the split. @returns whether it goes on */
function check(ctx: AssetsContext, id: string, { numerator, denominator }: Split, holders: Holders): boolean {
  const refused = holders.find(({ amount }) => divided(amount, numerator, denominator) === undefined);
  if (refused === undefined) return true;
  ctx.state.splits.delete(id);
  ctx.emit('SplitRefused', { instrument: id, ...refused });
  return false;
}

/** Changes holdings, and by the same the figures of the instrument. */
function apply(ctx: AssetsContext, id: string, { numerator, denominator }: Split, holders: Holders): void {
  let added = 0n;
  for (const { account, amount } of holders) {
    const after = divided(amount, numerator, denominator);
    // Checked before the first of them was changed, and nothing has moved since.
    if (after === undefined) ctx.fail('SPLIT_FRACTION', { amount });
    setHolding(ctx, account, id, amount, after);
    ctx.emit('HoldingSplit', { instrument: id, account, before: amount, after });
    added += after - amount;
  }
  const record = requireInstrument(ctx, id);
  const { issued, redeemed } = record;
  const figures = added > 0n ? { issued: issued + added, redeemed } : { issued, redeemed: redeemed - added };
  ctx.state.instruments.set(id, { ...record, ...figures });
}

/** Puts the version in force that the split makes: that it fits has been made sure of before it began. */
function end(ctx: AssetsContext, id: string, ratio: Split): void {
  const record = requireInstrument(ctx, id);
  const nominal = nominalAfter(record, ratio) ?? record.nominal;
  const number = record.version + 1;
  ctx.state.splits.delete(id);
  ctx.state.splitCounts.set(id, ctx.state.splitCounts.get(id) + 1);
  putInForce(ctx, id, { ...record, nominal, cap: capAfter(record, ratio), version: number });
  ctx.emit('SplitEnded', { instrument: id, version: number });
}

export const splitMethods = {
  /** Begins to split an instrument that is paused, and of which nothing is locked. Nothing of it moves until it has ended. */
  beginSplit: contract.tx(
    { args: { instrument: t.id, expectedVersion: version, ...ratioFields }, auth: byIssuer },
    (ctx, { instrument: id, expectedVersion, ...ratio }) => {
      const record = requireInstrument(ctx, id);
      requireIssuer(ctx, record);
      requireVersion(ctx, id, expectedVersion);
      requireWhole(ctx, id);
      requireRoomForVersion(ctx, record);
      requireSplittable(ctx, id, record, ratio);
      // A multiple of whole units leaves no rest.
      const stage = ratio.denominator === 1 ? 'applying' : 'checking';
      ctx.state.splits.set(id, { ...ratio, stage });
      ctx.emit('SplitBegun', { instrument: id, ...ratio });
    },
  ),

  /** Goes on with a split by so many holders: anybody may, so that no issuer leaves its holders in the middle of one. */
  continueSplit: contract.tx(
    {
      args: { instrument: t.id, limit: t.uint(RANGE_LIMIT) },
      returns: t.struct({ isUnderWay: t.bool }),
      auth: { sender: true },
    },
    (ctx, { instrument: id, limit }) => {
      const current = ctx.state.splits.find(id) ?? ctx.fail('SPLIT_UNKNOWN', { instrument: id });
      ctx.require(limit > 0, 'LIMIT_ZERO');
      const holders = nextHolders(ctx, id, current, limit);
      if (current.stage === 'applying') apply(ctx, id, current, holders);
      else if (!check(ctx, id, current, holders)) return { isUnderWay: false };
      if (holders.length === limit) {
        ctx.state.splits.set(id, { ...current, after: holders.at(-1)?.account });
        return { isUnderWay: true };
      }
      if (current.stage === 'checking') {
        ctx.state.splits.set(id, { ...current, stage: 'applying', after: undefined });
        return { isUnderWay: true };
      }
      end(ctx, id, current);
      return { isUnderWay: false };
    },
  ),
};

export const splitViews = {
  /** The stage of a split that is under way. */
  split: contract.view(
    { args: { instrument: t.id }, returns: t.optional(t.enum(SPLIT_STAGES)) },
    (ctx, a) => ctx.state.splits.find(a.instrument)?.stage,
  ),
};
