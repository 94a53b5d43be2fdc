import type { Hash } from '../../primitives/bytes.js';
import { TAGS, taggedHash } from '../../primitives/hash.js';
import type { Address } from '../../primitives/types.js';
import { calendarDayOf } from '../api/calendar.js';
import { assets } from '../assets/assets.js';
import { deadlineFault, LONGEST_WAIT_MS } from '../time/deadline.js';
import { MAX_ID, type RepoContext, type RepoView, type Terms, terms } from './declaration.js';

/** What both parties agree to: H(tag ‖ canonical bytes of the terms). */
export function repoTermsHash(values: Terms): Hash {
  return taggedHash(TAGS.repoTerms, terms.encode(values));
}

/** Lets only terms pass that could open and close, by accounts that may take part now. */
export function requireTerms(ctx: RepoContext, values: Terms): void {
  const { id, seller, buyer, units, cash, graceMs, marginMs, instrument } = values;
  const { member } = ctx.requireAccount(seller);
  const prefix = `${member}-`;
  ctx.require(id.startsWith(prefix) && id.length <= MAX_ID, 'ID_INVALID', { prefix, limit: MAX_ID });
  const isUsed = ctx.state.offers.has(id) || ctx.state.open.has(id) || ctx.state.closed.has(id);
  ctx.require(!isUsed, 'REPO_EXISTS', { id });
  ctx.require(units > 0n && cash > 0n && graceMs > 0 && marginMs > 0, 'AMOUNT_ZERO');
  ctx.require(ctx.requireAccount(buyer).member !== member, 'SAME_MEMBER', { member });
  requireTimes(ctx, values);
  requireInstrument(ctx, instrument, values);
  for (const account of [seller, buyer]) requireEligible(ctx, instrument, account);
}

function requireTimes(ctx: RepoView, { opensBefore, closesAt }: Terms): void {
  const fault = deadlineFault(opensBefore, ctx.timestamp, LONGEST_WAIT_MS);
  if (fault !== undefined) ctx.fail('DEADLINE_INVALID', fault);
  const latest = ctx.timestamp + LONGEST_WAIT_MS;
  const isInTime = closesAt >= opensBefore && closesAt <= latest;
  ctx.require(isInTime, 'DEADLINE_INVALID', { earliest: opensBefore, latest });
}

/** The units are worth money of the repo's currency, are not redeemed before it is over, and not issued by who borrows against them. */
export function requireInstrument(
  ctx: RepoView,
  instrument: string,
  { currency: expected, closesAt, graceMs, seller }: Pick<Terms, 'currency' | 'closesAt' | 'graceMs' | 'seller'>,
): void {
  const found = ctx.view(assets.methods.instrument, { instrument });
  if (found === undefined) ctx.fail('INSTRUMENT_UNKNOWN', { instrument });
  const { currency: actual, maturity, issuer } = found;
  ctx.require(actual === expected, 'CURRENCY_MISMATCH', { expected, actual });
  if (maturity !== undefined && maturity <= calendarDayOf(closesAt + graceMs)) {
    ctx.fail('MATURES_BEFORE', { maturity });
  }
  const { member } = ctx.requireAccount(seller);
  ctx.require(ctx.account(issuer)?.member !== member, 'CLOSE_LINK', { member });
}

export function requireEligible(ctx: RepoView, instrument: string, account: Address): void {
  const rule = ctx.view(assets.methods.ineligibility, { instrument, account });
  if (rule !== undefined) ctx.fail('NOT_ELIGIBLE', { account, rule });
}
