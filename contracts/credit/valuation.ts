import { MAX_AMOUNT } from '../../primitives/limits.js';
import { calendarDayOf } from '../api/calendar.js';
import { assets } from '../assets/assets.js';
import { prices } from '../prices/prices.js';
import {
  ALL_BPS,
  CREDIT,
  type CreditContext,
  type CreditView,
  MAX_POSITIONS,
  type Owner,
  poolLock,
} from './declaration.js';

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
  /** By which it may be sold; none: by no fresh price, or not at all. */
  readonly quote?: Quote | undefined;
  readonly value: bigint;
}

/** Why nothing is drawn or taken out by a price. */
type Doubt = 'PRICE_STALE' | 'PRICE_OWN';

export interface Pool {
  readonly positions: readonly Position[];
  readonly value: bigint;
  /** The first instrument whose price is stale, missing, or published by the bank's own oracle alone. */
  readonly doubt?: { readonly code: Doubt; readonly instrument: string } | undefined;
}

/**
 * `price`: the one in force, or the last one where it is stale, for all units. `cautious`: the lowest one of it and what waits, for
 * those units alone that could be sold now.
 */
export type Basis = 'price' | 'cautious';

/** What so many units are worth as collateral: rounded down, and no more than the cap, or than an amount can say. */
export function worthOf(units: bigint, { price, per, haircutBps, cap = MAX_AMOUNT }: Quote): bigint {
  const value = (units * price * BigInt(ALL_BPS - haircutBps)) / (per * BigInt(ALL_BPS));
  return value > cap ? cap : value;
}

/** A pool by its locks: what the members have given back covers nothing. */
export function poolOf(ctx: CreditView, owner: Owner, basis: Basis): Pool {
  const { currency, account } = owner;
  const rows = ctx.state.positions.entriesUnder([currency, account], MAX_POSITIONS);
  const positions: Position[] = [];
  let [value, doubt] = [0n, undefined as Pool['doubt']];
  for (const { key } of rows) {
    const [, , instrument] = key;
    const units = unitsIn(ctx, owner, instrument);
    const found = units === 0n ? undefined : assess(ctx, owner, { instrument, units }, basis);
    positions.push({ instrument, units, quote: found?.quote, value: found?.value ?? 0n });
    if (found?.doubt !== undefined) doubt ??= { code: found.doubt, instrument };
    value += found?.value ?? 0n;
  }
  return { positions, value: value < MAX_AMOUNT ? value : MAX_AMOUNT, doubt };
}

/** The value that a loan may have by prices that nobody has reason to doubt. @throws ContractFailure `PRICE_STALE`, `PRICE_OWN` */
export function requireValue(ctx: CreditView, owner: Owner): bigint {
  const { value, doubt } = poolOf(ctx, owner, 'cautious');
  if (doubt !== undefined) ctx.fail(doubt.code, { instrument: doubt.instrument });
  return value;
}

export function unitsIn(ctx: CreditView, owner: Owner, instrument: string): bigint {
  const key = { instrument, contract: CREDIT, lock: poolLock(owner) };
  return ctx.view(assets.methods.lockOf, key)?.amount ?? 0n;
}

/** Forgets positions whose units the members have given back. @returns how many are left */
export function dropEmpty(ctx: CreditContext, owner: Owner): number {
  const { currency, account } = owner;
  const rows = ctx.state.positions.entriesUnder([currency, account], MAX_POSITIONS);
  const empty = rows.filter(({ key: [, , instrument] }) => unitsIn(ctx, owner, instrument) === 0n);
  for (const { key } of empty) ctx.state.positions.delete(...key);
  return rows.length - empty.length;
}

interface Units {
  readonly instrument: string;
  readonly units: bigint;
}

/** What of a position may leave: orders keep a part of all that the account holds. */
export function deliverableOf(ctx: CreditView, account: Owner['account'], { instrument, units }: Units): bigint {
  const { held, frozen } = ctx.view(assets.methods.freezes, { instrument, account });
  if (frozen === undefined || frozen >= held) return 0n;
  const free = held - frozen;
  return free < units ? free : units;
}

interface Assessment {
  readonly quote?: Quote | undefined;
  readonly value: bigint;
  readonly doubt?: Doubt | undefined;
}

/**
 * Nothing is covered by an instrument that is excluded, paused, over, or the member's own. What is over is still sold: whoever has it
 * then has the claim.
 */
function assess(ctx: CreditView, { currency, account }: Owner, held: Units, basis: Basis): Assessment | undefined {
  const { instrument, units } = held;
  const eligible = ctx.state.eligible.find(currency, instrument);
  const terms = ctx.view(assets.methods.instrument, { instrument });
  if (eligible === undefined || terms === undefined || terms.paused) return undefined;
  const { maturity, issuer } = terms;
  const member = ctx.account(account)?.member;
  if (ctx.account(issuer)?.member === member) return undefined;
  const isOver = maturity !== undefined && maturity <= calendarDayOf(ctx.timestamp);
  const found = ctx.view(prices.methods.quote, { instrument });
  const doubt = isOver ? undefined : doubtOf(ctx, found, member);
  if (found === undefined) return { value: 0n, doubt };
  const { haircutBps, cap } = eligible;
  const quote = { price: found[basis], per: found.per, haircutBps, cap };
  const counted = basis === 'price' ? units : deliverableOf(ctx, account, held);
  return { quote: found.isFresh ? quote : undefined, value: isOver ? 0n : worthOf(counted, quote), doubt };
}

type Found = ReturnType<NonNullable<typeof prices.methods.quote.returns>['decode']>;

/** A member is lent nothing by what it says alone that its collateral is worth. */
function doubtOf(ctx: CreditView, quote: Found, member: string | undefined): Doubt | undefined {
  if (quote === undefined || !quote.isFresh) return 'PRICE_STALE';
  const isOwn = !quote.isConfirmed && ctx.account(quote.oracle)?.member === member;
  return isOwn ? 'PRICE_OWN' : undefined;
}
