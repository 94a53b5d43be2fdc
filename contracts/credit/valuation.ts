import { calendarDayOf } from '../api/calendar.js';
import { assets } from '../assets/assets.js';
import { prices } from '../prices/prices.js';
import { ALL_BPS, CREDIT, type CreditView, MAX_POSITIONS, type Owner, poolLock } from './declaration.js';

/** What a position is worth by. */
export interface Quote {
  readonly price: bigint;
  readonly per: bigint;
  readonly haircutBps: number;
  readonly cap?: bigint | undefined;
}

export interface Position {
  readonly instrument: string;
  readonly units: bigint;
  /** None: it covers nothing now, whatever its price. */
  readonly quote?: Quote | undefined;
  readonly value: bigint;
}

export interface Pool {
  readonly positions: readonly Position[];
  readonly value: bigint;
  /** An instrument whose price is stale or missing: the value is that of the others alone. */
  readonly stale?: string | undefined;
}

/** `price`: the one in force; `cautious`: the lower one where another is proposed. */
export type Basis = 'price' | 'cautious';

/** What so many units are worth as collateral: rounded down, and no more than the cap. */
export function worthOf(units: bigint, { price, per, haircutBps, cap }: Quote): bigint {
  const value = (units * price * BigInt(ALL_BPS - haircutBps)) / (per * BigInt(ALL_BPS));
  return cap !== undefined && value > cap ? cap : value;
}

/** A pool by its locks: what the members have given back covers nothing. */
export function poolOf(ctx: CreditView, owner: Owner, basis: Basis): Pool {
  const { currency, account } = owner;
  const rows = ctx.state.positions.entriesUnder([currency, account], MAX_POSITIONS);
  const positions: Position[] = [];
  let [value, stale] = [0n, undefined as string | undefined];
  for (const { key } of rows) {
    const [, , instrument] = key;
    const units = unitsIn(ctx, owner, instrument);
    const quote = units === 0n ? undefined : quoteOf(ctx, owner, instrument, basis);
    if (quote === 'stale') {
      stale ??= instrument;
      positions.push({ instrument, units, value: 0n });
      continue;
    }
    const worth = quote === undefined ? 0n : worthOf(units, quote);
    positions.push({ instrument, units, quote, value: worth });
    value += worth;
  }
  return { positions, value, stale };
}

/** The same where every price is fresh. @throws ContractFailure `PRICE_STALE` */
export function requirePool(ctx: CreditView, owner: Owner, basis: Basis): Pool {
  const pool = poolOf(ctx, owner, basis);
  if (pool.stale !== undefined) ctx.fail('PRICE_STALE', { instrument: pool.stale });
  return pool;
}

export function unitsIn(ctx: CreditView, owner: Owner, instrument: string): bigint {
  const key = { instrument, contract: CREDIT, lock: poolLock(owner) };
  return ctx.view(assets.methods.lockOf, key)?.amount ?? 0n;
}

/** Nothing is covered by what could not be sold: an instrument that is excluded, paused, over, or the member's own. */
function quoteOf(ctx: CreditView, { currency, account }: Owner, instrument: string, basis: Basis) {
  const eligible = ctx.state.eligible.find(currency, instrument);
  const terms = ctx.view(assets.methods.instrument, { instrument });
  if (eligible === undefined || terms === undefined || terms.paused) return undefined;
  const { maturity, issuer } = terms;
  if (maturity !== undefined && maturity <= calendarDayOf(ctx.timestamp)) return undefined;
  if (ctx.account(issuer)?.member === ctx.account(account)?.member) return undefined;
  const found = ctx.view(prices.methods.quote, { instrument });
  if (found === undefined || !found.isFresh) return 'stale';
  const { haircutBps, cap } = eligible;
  return { price: found[basis], per: found.per, haircutBps, cap };
}
