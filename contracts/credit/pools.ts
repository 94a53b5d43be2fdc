import { calendarDayOf } from '../api/calendar.js';
import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { giveBack, handOver, heldIn, setAside } from '../locks/assetLocks.js';
import { prices } from '../prices/prices.js';
import {
  CREDIT,
  type CreditContext,
  contract,
  MAX_POSITIONS,
  type Owner,
  owner,
  poolLock,
  requireLine,
  units,
} from './declaration.js';
import { standingOf } from './loans.js';
import { cureIfCovered } from './marginCalls.js';
import { byIssuer, requireIssuer } from './terms.js';
import { dropEmpty, requireValue, unitsIn } from './valuation.js';

interface Units {
  readonly instrument: string;
  readonly units: bigint;
}

/** Lets only units pass that cover something: taken by the central bank, not over, and not the member's own. */
function requireEligible(ctx: CreditContext, { currency, account }: Owner, instrument: string): void {
  ctx.require(ctx.state.eligible.has(currency, instrument), 'NOT_ELIGIBLE', { instrument });
  const terms = ctx.view(assets.methods.instrument, { instrument });
  const isOver = terms?.maturity !== undefined && terms.maturity <= calendarDayOf(ctx.timestamp);
  if (terms === undefined || isOver) ctx.fail('NOT_ELIGIBLE', { instrument });
  const { member } = requireLine(ctx, { currency, account });
  ctx.require(ctx.account(terms.issuer)?.member !== member, 'CLOSE_LINK', { member });
}

/** Locks units beside those of the same instrument that the pool holds. */
function putInto(ctx: CreditContext, of: Owner, { instrument, units: amount }: Units): void {
  requireEligible(ctx, of, instrument);
  ctx.require(amount > 0n, 'AMOUNT_ZERO');
  const { currency, account } = of;
  const asset = { instrument };
  const before = unitsIn(ctx, of, instrument);
  if (!ctx.state.positions.has(currency, account, instrument)) {
    const isPriced = ctx.view(prices.methods.quote, { instrument })?.isFresh === true;
    ctx.require(isPriced, 'PRICE_STALE', { instrument });
    const held = dropEmpty(ctx, of);
    ctx.require(held < MAX_POSITIONS, 'POSITIONS_TOO_MANY', { limit: MAX_POSITIONS });
    ctx.state.positions.set(currency, account, instrument, true);
  }
  giveBack(ctx, asset, { contract: CREDIT, lock: poolLock(of) }, account);
  setAside(ctx, asset, poolLock(of), account, before + amount);
  ctx.emit('Deposited', { ...of, instrument, units: amount });
}

/** Hands units out of the pool to its own account, or to a buyer. */
export function takeFrom(ctx: CreditContext, of: Owner, { instrument, units: amount }: Units, to: Owner['account']) {
  const available = unitsIn(ctx, of, instrument);
  ctx.require(amount > 0n, 'AMOUNT_ZERO');
  ctx.require(amount <= available, 'UNITS_INSUFFICIENT', { available, required: amount });
  handOver(ctx, { instrument }, poolLock(of), to, amount);
  if (amount === available) ctx.state.positions.delete(of.currency, of.account, instrument);
}

/** Whoever owes takes nothing out but what fresh prices, the lowest ones, do not need. */
function requireCovered(ctx: CreditContext, of: Owner): void {
  const owed = standingOf(ctx, of)?.owed ?? 0n;
  if (owed === 0n) return;
  const value = requireValue(ctx, of);
  ctx.require(owed <= value, 'COVERAGE_INSUFFICIENT', { value, required: owed });
}

const byAccount = { accounts: (a: { readonly account: Owner['account'] }) => [a.account] };
const given = t.struct(units);

export const poolMethods = {
  /** Adds units to the pool of an account: of an instrument that it has none of by a fresh price, of others by any. */
  deposit: contract.tx({ args: { ...owner, ...units }, auth: byAccount }, (ctx, { currency, account, ...what }) => {
    requireLine(ctx, { currency, account });
    putInto(ctx, { currency, account }, what);
    cureIfCovered(ctx, { currency, account });
  }),

  /** Takes units out that the loan does not need by fresh prices; any of them where nothing is owed. */
  withdraw: contract.tx({ args: { ...owner, ...units }, auth: byAccount }, (ctx, { currency, account, ...what }) => {
    const of = { currency, account };
    takeFrom(ctx, of, what, account);
    requireCovered(ctx, of);
    ctx.emit('Withdrawn', { ...of, ...what });
    cureIfCovered(ctx, of);
  }),

  /** Puts units in the place of others, in one step: the loan is covered after it, or nothing happens. */
  substitute: contract.tx(
    { args: { ...owner, give: given, take: given }, auth: byAccount },
    (ctx, { currency, account, give, take }) => {
      const of = { currency, account };
      requireLine(ctx, of);
      takeFrom(ctx, of, take, account);
      putInto(ctx, of, give);
      requireCovered(ctx, of);
      ctx.emit('Withdrawn', { ...of, ...take });
      cureIfCovered(ctx, of);
    },
  ),

  /** Gives all units, and what its sales brought too much, back to an account that is suspended and owes nothing, so that orders reach them: by the central bank. */
  returnPool: contract.tx({ args: owner, auth: byIssuer }, (ctx, of) => {
    const { currency, account } = of;
    requireIssuer(ctx, currency);
    ctx.require(ctx.account(account)?.active === false, 'NOT_SUSPENDED', { account });
    const owed = standingOf(ctx, of)?.owed ?? 0n;
    ctx.require(owed === 0n, 'OWED', { owed });
    const rows = ctx.state.positions.entriesUnder([currency, account], MAX_POSITIONS);
    const isPaid = giveSurplus(ctx, of);
    ctx.require(isPaid || rows.length > 0, 'NOTHING_TO_RETURN');
    for (const { key } of rows) {
      const [, , instrument] = key;
      const amount = unitsIn(ctx, of, instrument);
      ctx.state.positions.delete(currency, account, instrument);
      if (amount === 0n) continue;
      handOver(ctx, { instrument }, poolLock(of), account, amount);
      ctx.emit('Withdrawn', { ...of, instrument, units: amount });
    }
  }),

  /** Gives an account what its collateral brought beyond what it owed while it was suspended: by itself, or the central bank. */
  collect: contract.tx({ args: owner, auth: { any: [byIssuer, byAccount] } }, (ctx, of) => {
    if (!ctx.authorises(of.account)) requireIssuer(ctx, of.currency);
    ctx.require(giveSurplus(ctx, of), 'NOTHING_TO_COLLECT');
  }),
};

/** @returns whether money waited for the account */
function giveSurplus(ctx: CreditContext, of: Owner): boolean {
  const { currency, account } = of;
  const key = { contract: CREDIT, lock: poolLock(of) };
  const amount = heldIn(ctx, { currency }, key);
  if (amount === undefined) return false;
  giveBack(ctx, { currency }, key, account);
  ctx.emit('Collected', { ...of, amount });
  return true;
}
