import { invariant } from '../../primitives/errors.js';
import type { Address } from '../../primitives/types.js';
import { setAside } from '../locks/assetLocks.js';
import { endCycle, giveBackBeyond, heldBy, lockName, sumOf } from './closing.js';
import { requireDay } from './day.js';
import {
  type Cycle,
  type Exclusion,
  type NettingContext,
  type Participant,
  requireParticipant,
  requireStatus,
} from './declaration.js';
import { isSameNet, type Live, liveOf, type Net, positionsOf, shownNet } from './positions.js';
import { obstacleOf, settle } from './settling.js';

/** From the cut-off on: the set is fixed, the nets are worked out, and the first round begins. */
export function freeze(ctx: NettingContext, id: string): void {
  const cycle = requireStatus(ctx, id, 'open');
  const { cutOffAt, obligations, gross } = cycle;
  ctx.require(ctx.timestamp >= cutOffAt, 'CUT_OFF_AHEAD', { cutOffAt });
  requireDay(ctx, cycle);
  ctx.emit('Frozen', { id, obligations, gross });
  beginRound(ctx, id, { ...cycle, status: 'frozen' });
}

/** Puts the nets of those who are left in force, and gives back what they have set aside beyond them. */
function beginRound(ctx: NettingContext, id: string, before: Cycle): void {
  const live = liveOf(ctx, id, before);
  const { nets, concerned, gross } = positionsOf(
    ctx,
    id,
    live.map(({ account }) => account),
  );
  const isOver = gross === 0n || before.round === before.maxRounds;
  if (isOver) {
    endCycle(ctx, id, before, 'failed');
    return;
  }
  invariant([...nets.values()].reduce((sum, net) => sum + net, 0n) === 0n, 'all nets together are nothing');
  const roundEndsAt = ctx.timestamp + before.roundMs;
  const cycle: Cycle = { ...before, round: before.round + 1, roundEndsAt };
  ctx.state.cycles.set(id, cycle);
  for (const each of live) {
    const net = shownNet(nets.get(each.account) ?? 0n);
    putInForce(ctx, id, cycle, each, { net, isConcerned: concerned.has(each.account) });
  }
  const told = live.map(({ account }) => ({ account, ...shownNet(nets.get(account) ?? 0n) }));
  ctx.emit('RoundBegun', { id, round: cycle.round, roundEndsAt, nets: told });
}

/**
 * An answer stands where the net is the same, and where what was set aside covers what is owed now: whoever owes more, or is owed
 * something else, is asked again.
 */
function putInForce(
  ctx: NettingContext,
  id: string,
  cycle: Cycle,
  { account, participant }: Live,
  { net, isConcerned }: { readonly net: Net; readonly isConcerned: boolean },
): void {
  const owed = net.isDebit ? net.amount : 0n;
  const locks = giveBackBeyond(ctx, id, cycle, account, { participant, kept: owed });
  const isCovered = net.isDebit && sumOf(heldBy(ctx, id, cycle, account, { locks })) === owed;
  const stands = isCovered || (!net.isDebit && isSameNet(net, participant));
  const answer = stands ? participant.answer : 'none';
  ctx.state.participants.set(id, account, { ...participant, ...net, locks, isConcerned, answer });
}

/** The account agrees to its net of the round and, where it owes on balance, sets aside what it has not set aside yet. */
export function confirm(
  ctx: NettingContext,
  { id, account, round, net }: { id: string; account: Address; round: number; net: Net },
): { isSettled: boolean; obstacle?: string | undefined } {
  const { cycle, participant } = requireAnswerable(ctx, id, account, round);
  const { isDebit, amount } = participant;
  ctx.require(isSameNet(net, participant), 'NET_MISMATCH', { expected: net, actual: { isDebit, amount } });
  const held = isDebit ? sumOf(heldBy(ctx, id, cycle, account, participant)) : 0n;
  const missing = isDebit ? amount - held : 0n;
  const lock = lockName(id, cycle.participants.indexOf(account), round);
  if (missing > 0n) setAside(ctx, { currency: cycle.currency }, lock, account, missing);
  const locks = missing > 0n ? [...participant.locks, round] : participant.locks;
  ctx.state.participants.set(id, account, { ...participant, locks, answer: 'confirmed' });
  ctx.emit('Confirmed', { id, account, round, setAside: missing });
  const isLast = liveOf(ctx, id, cycle).every((each) => isAgreed(each));
  if (!isLast) return { isSettled: false };
  // What stands in the way of another is no reason to refuse this answer: the round's end decides.
  const failure = ctx.attempt(() => settle(ctx, id, cycle));
  return { isSettled: failure === undefined, obstacle: failure?.code };
}

/** The account does not agree: it leaves the cycle as the round ends. */
export function object(
  ctx: NettingContext,
  { id, account, round }: { id: string; account: Address; round: number },
): void {
  const { participant } = requireAnswerable(ctx, id, account, round);
  ctx.state.participants.set(id, account, { ...participant, answer: 'objected' });
  ctx.emit('Objected', { id, account, round });
}

function requireAnswerable(
  ctx: NettingContext,
  id: string,
  account: Address,
  round: number,
): { readonly cycle: Cycle; readonly participant: Participant } {
  const cycle = requireStatus(ctx, id, 'frozen');
  const { roundEndsAt = 0 } = cycle;
  const participant = requireParticipant(ctx, id, account);
  ctx.require(participant.isConcerned && participant.excluded === undefined, 'NOT_CONCERNED', { account });
  ctx.require(round === cycle.round, 'ROUND_MISMATCH', { expected: round, actual: cycle.round });
  ctx.require(ctx.timestamp < roundEndsAt, 'ROUND_OVER', { roundEndsAt });
  const { answer } = participant;
  ctx.require(answer === 'none', 'ANSWERED_ALREADY', { account, answer });
  requireDay(ctx, cycle);
  return { cycle, participant };
}

function isAgreed({ participant }: Live): boolean {
  return !participant.isConcerned || participant.answer === 'confirmed';
}

/**
 * Once everybody has answered, or its time is over, anybody ends a round: it settles, or those who have failed leave, and the next
 * round begins with the nets of the others.
 */
export function endRound(ctx: NettingContext, id: string): { isSettled: boolean; excluded: number } {
  const cycle = requireStatus(ctx, id, 'frozen');
  const { roundEndsAt = 0, round } = cycle;
  requireDay(ctx, cycle);
  const live = liveOf(ctx, id, cycle);
  const missing = live.filter(({ participant }) => participant.isConcerned && participant.answer === 'none').length;
  const isTimeOver = ctx.timestamp >= roundEndsAt;
  ctx.require(isTimeOver || missing === 0, 'ROUND_GOES_ON', { roundEndsAt, missing });
  const accounts = live.map(({ account }) => account);
  const { debtors } = positionsOf(ctx, id, accounts);
  const failed = live.flatMap((each) => {
    const reason = failureOf(ctx, id, cycle, each, debtors);
    return reason === undefined ? [] : [{ ...each, reason }];
  });
  if (failed.length === 0) {
    settle(ctx, id, cycle);
    return { isSettled: true, excluded: 0 };
  }
  const blocked = failed.find(({ reason }) => reason === 'blocked');
  // Whatever stands in the way of a participant may be over before the round is.
  if (blocked !== undefined && !isTimeOver) {
    ctx.fail('NOT_DELIVERABLE', { account: blocked.account, reason: blocked.reason });
  }
  for (const { account, participant, reason } of failed) {
    const locks = giveBackBeyond(ctx, id, cycle, account, { participant, kept: 0n });
    ctx.state.participants.set(id, account, { ...participant, locks, excluded: { round, reason } });
    ctx.emit('Excluded', { id, account, round, reason });
  }
  beginRound(ctx, id, cycle);
  return { isSettled: false, excluded: failed.length };
}

/** Why a participant cannot stay once the round ends; undefined when it can. */
function failureOf(
  ctx: NettingContext,
  id: string,
  cycle: Cycle,
  live: Live,
  debtors: ReadonlySet<Address>,
): Exclusion | undefined {
  const { isConcerned, isDebit, answer } = live.participant;
  if (!isConcerned) return undefined;
  if (answer === 'objected') return 'objected';
  if (answer === 'none' && isDebit) return 'unfunded';
  if (answer === 'none' && cycle.creditors === 'confirm') return 'silent';
  return obstacleOf(ctx, id, cycle, live, debtors);
}
