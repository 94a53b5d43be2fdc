import type { Address } from '../../primitives/types.js';
import { handOver, heldIn } from '../locks/assetLocks.js';
import { type Cycle, type EndStatus, NETTING, type NettingContext, type Participant } from './declaration.js';

/** What participants have set aside, where it goes back, and how a cycle ends. */

/** One of a participant's locks, and what it holds. */
interface Held {
  readonly lock: string;
  readonly round: number;
  readonly amount: bigint;
}

/** What a lock of the netting contract is called: one for each round in which a participant sets something aside. */
export function lockName(id: string, position: number, round: number): string {
  return `${id}.${position}.${round}`;
}

/** What a participant has set aside, oldest first; nothing where the members have given it back by themselves (`returnLock`). */
export function heldBy(
  ctx: NettingContext,
  id: string,
  { participants, currency }: Pick<Cycle, 'participants' | 'currency'>,
  account: Address,
  { locks }: Pick<Participant, 'locks'>,
): readonly Held[] {
  const position = participants.indexOf(account);
  return locks.flatMap((round) => {
    const lock = lockName(id, position, round);
    const amount = heldIn(ctx, { currency }, { contract: NETTING, lock });
    return amount === undefined ? [] : [{ lock, round, amount }];
  });
}

export function sumOf(held: readonly { readonly amount: bigint }[]): bigint {
  return held.reduce((sum, { amount }) => sum + amount, 0n);
}

/** Gives back all that a participant has set aside beyond an amount, the newest first. @returns the rounds whose locks are left */
export function giveBackBeyond(
  ctx: NettingContext,
  id: string,
  cycle: Cycle,
  account: Address,
  { participant, kept }: { readonly participant: Participant; readonly kept: bigint },
): readonly number[] {
  if (participant.locks.length === 0) return [];
  const held = heldBy(ctx, id, cycle, account, participant);
  const beyond = sumOf(held) - kept;
  let left = beyond > 0n ? beyond : 0n;
  const rounds: number[] = [];
  for (const { lock, round, amount } of held.toReversed()) {
    const back = left < amount ? left : amount;
    if (back > 0n) handOver(ctx, cycle, lock, account, back);
    if (back < amount) rounds.unshift(round);
    left -= back;
  }
  if (beyond > 0n) ctx.emit('GivenBack', { id, account, amount: beyond });
  return rounds;
}

/** Ends a cycle that settles nothing: whatever was set aside goes back, and every obligation stays owed. */
export function endCycle(ctx: NettingContext, id: string, cycle: Cycle, status: EndStatus): void {
  for (const account of cycle.participants) {
    const participant = ctx.state.participants.get(id, account);
    if (participant.locks.length === 0) continue;
    const locks = giveBackBeyond(ctx, id, cycle, account, { participant, kept: 0n });
    ctx.state.participants.set(id, account, { ...participant, locks });
  }
  closeCycle(ctx, id, cycle, status);
  ctx.emit('Ended', { id, status });
}

/** Takes a cycle off the lists of those that go on; its record stays. */
export function closeCycle(ctx: NettingContext, id: string, cycle: Cycle, status: EndStatus | 'settled'): void {
  for (const account of cycle.participants) ctx.state.ofAccount.delete(account, id);
  const open = ctx.state.open.get(cycle.by) - 1;
  if (open === 0) ctx.state.open.delete(cycle.by);
  else ctx.state.open.set(cycle.by, open);
  const closedAt = { height: ctx.height, timestamp: ctx.timestamp };
  ctx.state.cycles.set(id, { ...cycle, status, roundEndsAt: undefined, closedAt });
}
