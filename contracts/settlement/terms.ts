import type { Hash } from '../../primitives/bytes.js';
import { TAGS, taggedHash } from '../../primitives/hash.js';
import { MAX_AMOUNT } from '../../primitives/limits.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { deadlineFault, LONGEST_WAIT_MS } from '../time/deadline.js';
import {
  accountsOf,
  type Leg,
  MAX_ID,
  type Rate,
  type SettlementContext,
  type SettlementView,
  type Terms,
  terms,
} from './declaration.js';
import { legsByAsset, netsOf } from './netting.js';

/** What every party agrees to: H(tag ‖ canonical bytes of the terms). */
export function termsHash(values: Terms): Hash {
  return taggedHash(TAGS.settlementTerms, terms.encode(values));
}

/** Lets only terms pass that could settle, by accounts that may take part now. */
export function requireTerms(ctx: SettlementContext, values: Terms): void {
  const { id, instructor, legs, deadline, settler } = values;
  const { member, roles } = ctx.requireAccount(instructor);
  // The account of a validator's key speaks for its node alone: it takes no ids of its member.
  ctx.require(roles.length > 0, 'NOT_A_PARTY', { account: instructor });
  const prefix = `${member}-`;
  ctx.require(id.startsWith(prefix) && id.length <= MAX_ID, 'ID_INVALID', { prefix, limit: MAX_ID });
  const isUsed = ctx.state.instructions.has(id) || ctx.state.closed.has(id);
  ctx.require(!isUsed, 'INSTRUCTION_EXISTS', { id });
  const fault = deadlineFault(deadline, ctx.timestamp, LONGEST_WAIT_MS);
  if (fault !== undefined) ctx.fail('DEADLINE_INVALID', fault);
  legs.forEach((leg, index) => {
    requireLeg(ctx, leg, index);
  });
  const parties = accountsOf(legs);
  ctx.require(parties.includes(instructor) || settler === instructor, 'NOT_A_PARTY', { account: instructor });
  for (const party of parties) ctx.requireAccount(party);
  if (settler !== undefined) ctx.requireAccount(settler);
  for (const { asset, legs: own } of legsByAsset(legs)) {
    const { currency, instrument } = asset;
    if (currency !== undefined) requireCurrency(ctx, currency);
    if (instrument !== undefined) requireInstrument(ctx, instrument);
    // No sum of some of them is larger.
    const total = own.reduce((sum, { amount }) => sum + amount, 0n);
    ctx.require(total <= MAX_AMOUNT, 'AMOUNT_OVERFLOW');
  }
  if (values.rate !== undefined) requireRate(ctx, values.rate, legs);
}

function requireLeg(ctx: SettlementContext, { currency, instrument, amount, from, to }: Leg, leg: number): void {
  ctx.require((currency === undefined) !== (instrument === undefined), 'LEG_INVALID', { leg });
  ctx.require(amount > 0n, 'AMOUNT_ZERO', { leg });
  ctx.require(from !== to, 'SAME_ACCOUNT', { account: from });
}

function requireCurrency(ctx: SettlementView, currency: string): { readonly decimals: number } {
  return ctx.view(cash.methods.currency, { currency }) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
}

function requireInstrument(ctx: SettlementView, instrument: string): { readonly paused: boolean } {
  return ctx.view(assets.methods.instrument, { instrument }) ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument });
}

/** Units change hands unless the instrument is paused, money only on an open business day. */
export function requireMovable(ctx: SettlementView, legs: readonly Leg[]): void {
  for (const { asset } of legsByAsset(legs)) {
    const { currency, instrument } = asset;
    if (currency !== undefined) {
      const { isOpen } = ctx.view(cash.methods.businessDay, { currency });
      ctx.require(isOpen, 'BUSINESS_DAY_CLOSED', { currency });
    }
    if (instrument !== undefined) {
      ctx.require(!requireInstrument(ctx, instrument).paused, 'INSTRUMENT_PAUSED', { instrument });
    }
  }
}

/** What changes hands of a currency: all that accounts receive on balance, so that a chain counts once. */
function changingHands(legs: readonly Leg[], currency: string): bigint {
  const nets = [...netsOf(legs.filter((leg) => leg.currency === currency)).values()];
  return nets.reduce((sum, net) => (net > 0n ? sum + net : sum), 0n);
}

/** The quoted amount is what the rate makes of the base, to less than one minor unit: how to round is the parties' affair. */
function requireRate(ctx: SettlementContext, { base, quote, price, decimals }: Rate, legs: readonly Leg[]): void {
  const [sold, bought] = [changingHands(legs, base), changingHands(legs, quote)];
  ctx.require(base !== quote && price > 0n && sold > 0n && bought > 0n, 'RATE_INVALID');
  requireExchange(ctx, legs, base, quote);
  const numerator = sold * price * 10n ** BigInt(requireCurrency(ctx, quote).decimals);
  const denominator = 10n ** BigInt(decimals + requireCurrency(ctx, base).decimals);
  const difference = bought * denominator - numerator;
  const isClose = difference < denominator && -difference < denominator;
  const expected = numerator / denominator;
  ctx.require(isClose, 'RATE_MISMATCH', { expected: expected < MAX_AMOUNT ? expected : MAX_AMOUNT, actual: bought });
}

/** A rate is one between two sides: the member that gives the base is the one that receives what is quoted. */
function requireExchange(ctx: SettlementContext, legs: readonly Leg[], base: string, quote: string): void {
  const [given, received] = [signsOf(ctx, legs, base), signsOf(ctx, legs, quote)];
  for (const member of new Set([...given.keys(), ...received.keys()])) {
    ctx.require((given.get(member) ?? 0) + (received.get(member) ?? 0) === 0, 'RATE_INVALID');
  }
}

/** Of each member whether all its accounts together receive of a currency, 1, or send, -1. */
function signsOf(ctx: SettlementContext, legs: readonly Leg[], currency: string): ReadonlyMap<string, number> {
  const nets = new Map<string, bigint>();
  for (const [account, net] of netsOf(legs.filter((leg) => leg.currency === currency))) {
    const { member } = ctx.requireAccount(account);
    nets.set(member, (nets.get(member) ?? 0n) + net);
  }
  return new Map([...nets].map(([member, net]) => [member, net === 0n ? 0 : net > 0n ? 1 : -1]));
}
