import type { Hash, Hex } from '../../primitives/bytes.js';
import { deadlineFault } from '../time/deadline.js';
import {
  APPEAL_MS,
  BARRED_MS,
  ENTRIES_PER_MEMBER,
  type Entry,
  type KINDS,
  LISTERS_PER_HASH,
  LONGEST_MS,
  type REASONS,
  type ScreeningContext,
  type ScreeningView,
} from './declaration.js';

/** Entries that a full list forgets at once, where their time is over. */
const SWEPT = 50;

interface Named {
  readonly hash: Hex;
  readonly member: string;
}

interface Listing {
  readonly hash: Hex;
  readonly kind: (typeof KINDS)[number];
  readonly reason: (typeof REASONS)[number];
  readonly expiresAt: number;
}

function senderOf(ctx: ScreeningContext) {
  return ctx.requireAccount(ctx.sender);
}

function requireEntry(ctx: ScreeningContext, { hash, member }: Named): Entry {
  const found = ctx.state.entries.find(hash, member);
  if (found === undefined || ctx.timestamp >= found.expiresAt) ctx.fail('ENTRY_UNKNOWN', { hash, member });
  return found;
}

/** Lists an identifier, or lists it anew: an appeal against the entry before stays what it is. */
export function list(ctx: ScreeningContext, { hash, kind, reason, expiresAt }: Listing): void {
  const { member } = senderOf(ctx);
  const fault = deadlineFault(expiresAt, ctx.timestamp, LONGEST_MS[kind]);
  if (fault !== undefined) ctx.fail('EXPIRY_INVALID', fault);
  requireUnbarred(ctx, { hash, member });
  const before = ctx.state.entries.find(hash, member);
  if (before !== undefined) remove(ctx, { hash, member }, before);
  else requireRoom(ctx, { hash, member });
  const isInForce = before !== undefined && ctx.timestamp < before.expiresAt;
  const { appeal, refused } = isInForce ? before : { appeal: undefined, refused: 'no' as const };
  // What was refused finally of an entry is open again of the next one.
  const kept = { appeal, refused: refused === 'finally' ? ('no' as const) : refused };
  ctx.state.entries.set(hash, member, { kind, reason, listedAt: ctx.timestamp, expiresAt, ...kept });
  ctx.state.ofMember.set(member, expiresAt, hash, true);
  ctx.state.counts.set(member, ctx.state.counts.get(member) + 1);
  ctx.emit('Listed', { hash, member, kind, reason, listedAt: ctx.timestamp, expiresAt });
}

function requireUnbarred(ctx: ScreeningContext, { hash, member }: Named): void {
  const until = ctx.state.barred.find(hash, member);
  if (until === undefined) return;
  ctx.require(ctx.timestamp >= until, 'BARRED', { until });
  ctx.state.barred.delete(hash, member);
}

/** A full list forgets first what is over; so does an identifier that as many members list as may. */
function requireRoom(ctx: ScreeningContext, { hash, member }: Named): void {
  if (ctx.state.counts.get(member) >= ENTRIES_PER_MEMBER) sweep(ctx, member);
  const isFull = ctx.state.counts.get(member) >= ENTRIES_PER_MEMBER;
  ctx.require(!isFull, 'ENTRIES_TOO_MANY', { limit: ENTRIES_PER_MEMBER });
  const listers = ctx.state.entries.entriesUnder([hash], LISTERS_PER_HASH);
  const over = listers.filter(({ value }) => ctx.timestamp >= value.expiresAt);
  for (const { key, value } of over) expire(ctx, { hash, member: key[1] }, value);
  ctx.require(listers.length - over.length < LISTERS_PER_HASH, 'LISTERS_TOO_MANY', { limit: LISTERS_PER_HASH });
}

function sweep(ctx: ScreeningContext, member: string): void {
  for (const { key } of ctx.state.ofMember.entriesUnder([member], SWEPT)) {
    const [, expiresAt, hash] = key;
    if (ctx.timestamp < expiresAt) return;
    expire(ctx, { hash, member }, ctx.state.entries.get(hash, member));
  }
}

function expire(ctx: ScreeningContext, key: Named, entry: Entry): void {
  remove(ctx, key, entry);
  ctx.emit('Expired', key);
}

function remove(ctx: ScreeningContext, { hash, member }: Named, { expiresAt }: Pick<Entry, 'expiresAt'>): void {
  ctx.state.entries.delete(hash, member);
  ctx.state.ofMember.delete(member, expiresAt, hash);
  const left = ctx.state.counts.get(member) - 1;
  if (left === 0) ctx.state.counts.delete(member);
  else ctx.state.counts.set(member, left);
}

/** The member that listed takes it off. */
export function lift(ctx: ScreeningContext, hash: Hex): void {
  const { member } = senderOf(ctx);
  remove(ctx, { hash, member }, requireEntry(ctx, { hash, member }));
  ctx.emit('Lifted', { hash, member });
}

/** A member whom an entry concerns asks for a decision of somebody else than the one that listed. */
export function appeal(ctx: ScreeningContext, { hash, member, document }: Named & { readonly document: Hash }): void {
  const { member: by } = senderOf(ctx);
  const entry = requireEntry(ctx, { hash, member });
  ctx.require(by !== member, 'NOT_ENTITLED', { member: by });
  ctx.require(entry.refused !== 'finally', 'APPEAL_REFUSED', { hash, member });
  const { appeal: open } = entry;
  if (open !== undefined) {
    const until = open.madeAt + APPEAL_MS;
    ctx.require(ctx.timestamp >= until, 'APPEAL_OPEN', { by: open.by, until });
  }
  const isSecond = entry.refused === 'byBank';
  const made = { by, document, madeAt: ctx.timestamp, isSecond };
  ctx.state.entries.set(hash, member, { ...entry, appeal: made });
  ctx.emit('Appealed', { hash, member, by, document });
}

/**
 * Decides an appeal: a supervisor or central bank, of fraud once a second bank as well. Nobody decides on its own entry or appeal, and a bank no
 * more where another has refused.
 */
export function decide(
  ctx: ScreeningContext,
  { hash, member, isGranted, document }: Named & { readonly isGranted: boolean; readonly document: Hash },
): void {
  const { member: by, roles } = senderOf(ctx);
  const entry = requireEntry(ctx, { hash, member });
  const open = entry.appeal ?? ctx.fail('APPEAL_UNKNOWN', { hash, member });
  const isAuthority = roles.includes('supervisor') || roles.includes('centralBank');
  const mayDecide = isAuthority || (entry.kind === 'fraud' && !open.isSecond);
  ctx.require(mayDecide && by !== member && by !== open.by, 'NOT_ENTITLED', { member: by });
  if (isGranted) {
    remove(ctx, { hash, member }, entry);
    ctx.state.barred.set(hash, member, ctx.timestamp + BARRED_MS);
  } else {
    const refused = isAuthority ? ('finally' as const) : ('byBank' as const);
    ctx.state.entries.set(hash, member, { ...entry, appeal: undefined, refused });
  }
  ctx.emit('Decided', { hash, member, by, isGranted, document });
}

/** The first entry in force of an identifier. */
export function entryInForce(
  ctx: ScreeningView,
  hash: Hex,
): { readonly member: string; readonly entry: Entry } | undefined {
  for (const { key, value } of ctx.state.entries.entriesUnder([hash], LISTERS_PER_HASH)) {
    if (ctx.timestamp < value.expiresAt) return { member: key[1], entry: value };
  }
  return undefined;
}

/** Ends the transaction where any of the identifiers is listed. */
export function requireClear(ctx: ScreeningContext, hashes: readonly Hex[]): void {
  for (const hash of hashes) {
    const found = entryInForce(ctx, hash);
    if (found === undefined) continue;
    const { member, entry } = found;
    const { kind, reason, expiresAt } = entry;
    ctx.fail('LISTED', { hash, kind, reason, member, expiresAt });
  }
  ctx.emit('Cleared', { hashes: hashes.length });
}
