import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { REDEMPTIONS } from '../assets/recordBook.js';
import { type Fraction, yearFraction } from '../daycount/dayCount.js';
import { growthOf, MAX_RATE, portionOf, RATE_SCALE } from '../daycount/interest.js';
import type { ActionsView, Declaration, Kind, OpenAction } from './declaration.js';

/** What kind of action the terms make; none where they make none, or several. */
export function kindOf({ coupon, floating, distribution, redemption }: Terms): Kind | undefined {
  const given = [
    ...(coupon === undefined ? [] : ['coupon' as const]),
    ...(floating === undefined ? [] : ['floatingCoupon' as const]),
    ...(distribution === undefined ? [] : ['distribution' as const]),
    ...(redemption === undefined ? [] : ['redemption' as const]),
  ];
  return given.length === 1 ? given[0] : undefined;
}

type Terms = Pick<Declaration, 'coupon' | 'floating' | 'distribution' | 'redemption'>;

/** What terms say of the instrument that they are for. */
export type Priced = Terms & Pick<OpenAction, 'nominal' | 'maturity' | 'fixing'>;

/** Lets only terms pass that make an action. */
export function requireSound(ctx: ActionsView, terms: Declaration): void {
  const { coupon, floating, distribution, redemption } = terms;
  if (kindOf(terms) === undefined) ctx.fail('TERMS_INVALID', { term: 'kind' });
  for (const period of [coupon, floating]) {
    ctx.require(period === undefined || period.from < period.to, 'TERMS_INVALID', { term: 'period' });
  }
  ctx.require(coupon === undefined || coupon.rate > 0, 'TERMS_INVALID', { term: 'rate' });
  ctx.require(distribution === undefined || distribution.perUnit > 0n, 'TERMS_INVALID', { term: 'perUnit' });
  if (redemption === undefined) return;
  const { part, whole } = redemption;
  ctx.require(part > 0 && part <= whole, 'TERMS_INVALID', { term: 'part' });
}

/** The rate at which a coupon accrues; none while it is not published. */
export function rateOf({ coupon, floating, fixing }: Priced): number | undefined {
  if (coupon !== undefined) return coupon.rate;
  if (floating === undefined || fixing === undefined) return undefined;
  return fixing.rate + floating.spread;
}

/** What one unit is entitled to, in minor units and exactly; none while the rate is not published. */
export function perUnitOf(terms: Priced): Fraction | undefined {
  const { coupon, floating, distribution, redemption, nominal, maturity } = terms;
  if (distribution !== undefined) return { numerator: distribution.perUnit, denominator: BigInt(RATE_SCALE) };
  if (redemption !== undefined) return { numerator: redemption.price, denominator: 1n };
  const period = coupon ?? floating;
  const rate = rateOf(terms);
  if (period === undefined || rate === undefined) return undefined;
  const { from, to, dayCount } = period;
  const { numerator, denominator } = growthOf(rate, yearFraction(dayCount, { from, to, maturity }));
  // The end of a month may give a day back: no holder owes interest.
  return { numerator: numerator > 0n ? nominal * numerator : 0n, denominator };
}

/** What a redemption takes of each holding; none where the terms redeem nothing. */
export function redeemsOf({ redemption }: Terms): (typeof REDEMPTIONS)[number] | undefined {
  if (redemption === undefined) return undefined;
  return redemption.part < redemption.whole ? 'part' : 'whole';
}

/** Of a holding the units that are redeemed. */
export function redeemedOf(units: bigint, { part, whole }: { readonly part: number; readonly whole: number }): bigint {
  return (units * BigInt(part)) / BigInt(whole);
}

/** What so many units are entitled to together, rounded down; none while the rate is not published. */
export function entitlementOf(terms: Priced, units: bigint): bigint | undefined {
  const perUnit = perUnitOf(terms);
  if (perUnit === undefined) return undefined;
  const counted = terms.redemption === undefined ? units : redeemedOf(units, terms.redemption);
  return portionOf(counted, perUnit);
}

/**
 * Nobody's units are taken for less than they promise: their nominal value, on a day that they promise it for, or before. And none are
 * held of which not one is redeemed.
 */
export function requireRedeemable(ctx: ActionsView, priced: Priced, outstanding: bigint): void {
  const { redemption, nominal, maturity } = priced;
  if (redemption === undefined) return;
  ctx.require(maturity !== undefined, 'TERMS_INVALID', { term: 'maturity' });
  ctx.require(redemption.price >= nominal, 'TERMS_INVALID', { term: 'price' });
  ctx.require(redeemedOf(outstanding, redemption) > 0n, 'TERMS_INVALID', { term: 'part' });
}

/** Nothing earns interest once it has fallen due. */
export function requireWithinMaturity(ctx: ActionsView, { coupon, floating, maturity }: Priced): void {
  const period = coupon ?? floating;
  const isWithin = period === undefined || maturity === undefined || period.to <= maturity;
  ctx.require(isWithin, 'TERMS_INVALID', { term: 'maturity' });
}

/** Lets no action pass whose payments could exceed an amount, whatever is published, and however much is issued up to the cap. */
export function requireBounded(ctx: ActionsView, terms: Priced, cap: bigint): void {
  const { floating } = terms;
  const highest = { rate: MAX_RATE, height: 0, timestamp: 0 };
  const most = entitlementOf(floating === undefined ? terms : { ...terms, fixing: highest }, cap) ?? 0n;
  ctx.require(most <= MAX_AMOUNT, 'AMOUNT_OVERFLOW');
}
