import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { sha256 } from '../../primitives/hash.js';
import type { Address } from '../../primitives/types.js';
import { assets } from '../assets/assets.js';
import { giveBack, handOver, heldIn, setAside } from '../locks/assetLocks.js';
import { deadlineFault, LONGEST_WAIT_MS } from '../time/deadline.js';
import {
  type ClosedStatus,
  HTLC,
  type HtlcContext,
  MAX_ID,
  OPEN_PER_ACCOUNT,
  type OpenLock,
  requireOpen,
  type Terms,
} from './declaration.js';

/** About what one hash takes, in nanoseconds. */
const HASH_FUEL = 3_000;

/** Sets the amount aside until a key or time decides. */
export function lock(ctx: HtlcContext, { id, ...terms }: Terms & { readonly id: string }): void {
  requireTerms(ctx, id, terms);
  const { sender, recipient, amount } = terms;
  const count = ctx.state.count.get(sender);
  ctx.require(count < OPEN_PER_ACCOUNT, 'LOCKS_TOO_MANY', { limit: OPEN_PER_ACCOUNT });
  setAside(ctx, terms, id, sender, amount);
  ctx.state.count.set(sender, count + 1);
  ctx.state.open.set(id, terms);
  for (const account of [sender, recipient]) ctx.state.ofAccount.set(account, id, true);
  ctx.emit('Locked', { id, ...terms });
}

function requireTerms(ctx: HtlcContext, id: string, terms: Terms): void {
  const { sender, recipient, currency, instrument, amount, hash, failureHash, deadline } = terms;
  const prefix = `${ctx.requireAccount(sender).member}-`;
  ctx.require(id.startsWith(prefix) && id.length <= MAX_ID, 'ID_INVALID', { prefix, limit: MAX_ID });
  ctx.require(!ctx.state.open.has(id) && !ctx.state.closed.has(id), 'LOCK_EXISTS', { id });
  ctx.require((currency === undefined) !== (instrument === undefined), 'ASSET_INVALID');
  ctx.require(amount > 0n, 'AMOUNT_ZERO');
  ctx.require(sender !== recipient, 'SAME_ACCOUNT', { account: sender });
  ctx.requireAccount(recipient);
  ctx.require(failureHash === undefined || !equalBytes(hash, failureHash), 'HASHES_EQUAL');
  const fault = deadlineFault(deadline, ctx.timestamp, LONGEST_WAIT_MS);
  if (fault !== undefined) ctx.fail('DEADLINE_INVALID', fault);
  if (instrument !== undefined) requireEligible(ctx, instrument, recipient);
}

function requireEligible(ctx: HtlcContext, instrument: string, account: Address): void {
  const rule = ctx.view(assets.methods.ineligibility, { instrument, account });
  if (rule !== undefined) ctx.fail('NOT_ELIGIBLE', { account, rule });
}

/**
 * Shows the key in time: from then on the recipient is paid and nobody else, at once or, where a closed day, a suspension, a pause
 * or an order stands in the way, by `pay` later. Otherwise somebody could let the time run out on a key that all have seen.
 */
export function claim(ctx: HtlcContext, id: string, key: Hash): { isPaid: boolean; obstacle?: string | undefined } {
  const open = requireOpen(ctx, id);
  requireUnclaimed(ctx, id, open);
  requireInTime(ctx, open);
  requireKey(ctx, open.hash, key);
  const claimed = { ...open, claimKey: key };
  ctx.state.open.set(id, claimed);
  ctx.emit('Claimed', { id, key });
  const failure = ctx.attempt(() => payOut(ctx, id, claimed));
  return { isPaid: failure === undefined, obstacle: failure?.code };
}

/** Pays what was claimed and could not be paid then; it is over, too, where the members have given it back. */
export function pay(ctx: HtlcContext, id: string): void {
  const open = requireOpen(ctx, id);
  ctx.require(open.claimKey !== undefined, 'NOT_CLAIMED', { id });
  if (heldBy(ctx, id, open) === undefined) noteReturned(ctx, id, open);
  else payOut(ctx, id, open);
}

/** Shows the key of failure in time: the sender has it back (ERC-7573). */
export function refund(ctx: HtlcContext, id: string, key: Hash): void {
  const open = requireOpen(ctx, id);
  requireUnclaimed(ctx, id, open);
  requireInTime(ctx, open);
  requireKey(ctx, open.failureHash ?? ctx.fail('NOT_REFUNDABLE'), key);
  giveBack(ctx, open, { contract: HTLC, lock: id }, open.sender);
  close(ctx, id, open, 'refunded', key);
  ctx.emit('Refunded', { id, key });
}

/** From its deadline on anybody may give back what nobody has claimed. */
export function reclaim(ctx: HtlcContext, id: string): void {
  const open = requireOpen(ctx, id);
  requireUnclaimed(ctx, id, open);
  const { deadline } = open;
  ctx.require(ctx.timestamp >= deadline, 'DEADLINE_AHEAD', { deadline });
  if (heldBy(ctx, id, open) === undefined) {
    noteReturned(ctx, id, open);
    return;
  }
  giveBack(ctx, open, { contract: HTLC, lock: id }, open.sender);
  close(ctx, id, open, 'reclaimed');
  ctx.emit('Reclaimed', { id });
}

function heldBy(ctx: HtlcContext, id: string, open: OpenLock): bigint | undefined {
  return heldIn(ctx, open, { contract: HTLC, lock: id });
}

/** The members had given it back by themselves (`returnLock`): nothing is left to do. */
function noteReturned(ctx: HtlcContext, id: string, open: OpenLock): void {
  close(ctx, id, open, 'returned', open.claimKey);
  ctx.emit('Returned', { id });
}

function requireUnclaimed(ctx: HtlcContext, id: string, { claimKey }: OpenLock): void {
  ctx.require(claimKey === undefined, 'CLAIMED_ALREADY', { id });
}

function requireInTime(ctx: HtlcContext, { deadline }: OpenLock): void {
  ctx.require(ctx.timestamp < deadline, 'DEADLINE_PASSED', { deadline });
}

function requireKey(ctx: HtlcContext, expected: Hash, key: Hash): void {
  ctx.useFuel(HASH_FUEL);
  const actual = sha256(key);
  ctx.require(equalBytes(actual, expected), 'KEY_MISMATCH', { expected, actual });
}

function payOut(ctx: HtlcContext, id: string, open: OpenLock): void {
  handOver(ctx, open, id, open.recipient, open.amount);
  close(ctx, id, open, 'paid', open.claimKey);
  ctx.emit('Paid', { id, recipient: open.recipient });
}

function close(ctx: HtlcContext, id: string, open: OpenLock, status: ClosedStatus, key?: Hash): void {
  const { claimKey: _, ...terms } = open;
  const { sender, recipient } = terms;
  ctx.state.open.delete(id);
  for (const account of [sender, recipient]) ctx.state.ofAccount.delete(account, id);
  const left = ctx.state.count.get(sender) - 1;
  if (left === 0) ctx.state.count.delete(sender);
  else ctx.state.count.set(sender, left);
  ctx.state.closed.set(id, { ...terms, status, key, height: ctx.height, timestamp: ctx.timestamp });
}
