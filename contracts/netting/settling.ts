import type { Address } from '../../primitives/types.js';
import { cash } from '../cash/cash.js';
import { handOver } from '../locks/assetLocks.js';
import { closeCycle, heldBy, sumOf } from './closing.js';
import { requireDay } from './day.js';
import type { Cycle, Exclusion, NettingContext } from './declaration.js';
import { pairNets } from './nets.js';
import { type Live, liveOf, positionsOf } from './positions.js';

/**
 * Why nothing could go from or to a participant now; undefined when it could. By its net or without one, an obligation that settles pays its
 * creditor: nobody owes by it who is suspended, or of whom orders keep more than it has.
 *
 * @param debtors whoever owes anything by the obligations that would settle
 */
export function obstacleOf(
  ctx: NettingContext,
  id: string,
  cycle: Cycle,
  { account, participant }: Live,
  debtors: ReadonlySet<Address>,
): Exclusion | undefined {
  const { isDebit, amount, isConcerned } = participant;
  if (!isConcerned) return undefined;
  if (isDebit && sumOf(heldBy(ctx, id, cycle, account, participant)) < amount) return 'unfunded';
  if (ctx.account(account)?.active !== true) return 'blocked';
  if (!debtors.has(account)) return undefined;
  return isFrozen(ctx, cycle, account, isDebit ? amount : 0n) ? 'blocked' : undefined;
}

/** Orders keep so much of all that the account has that an amount cannot leave it, or more than it has. */
function isFrozen(ctx: NettingContext, { currency }: Cycle, account: Address, amount: bigint): boolean {
  const { held, frozen } = ctx.view(cash.methods.freezes, { currency, account });
  return frozen === undefined || held - amount < frozen;
}

/** Pays all nets of those who are left, or none: the first that cannot be paid ends the call, and nothing that it did remains. */
export function settle(ctx: NettingContext, id: string, cycle: Cycle): void {
  requireDay(ctx, cycle);
  const live = liveOf(ctx, id, cycle);
  const accounts = live.map(({ account }) => account);
  const { nets, debtors, gross } = positionsOf(ctx, id, accounts);
  for (const each of live) {
    const reason = obstacleOf(ctx, id, cycle, each, debtors);
    if (reason !== undefined) ctx.fail('NOT_DELIVERABLE', { account: each.account, reason });
  }
  const payments = pairNets(nets);
  const sources = new Map(
    live.map(({ account, participant }) => [account, heldBy(ctx, id, cycle, account, participant)]),
  );
  for (const { from, to, amount } of payments)
    sources.set(from, payFrom(ctx, cycle, sources.get(from) ?? [], to, amount));
  for (const { account, participant } of live) {
    if (participant.locks.length > 0) ctx.state.participants.set(id, account, { ...participant, locks: [] });
  }
  closeCycle(ctx, id, cycle, 'settled');
  const net = payments.reduce((sum, { amount }) => sum + amount, 0n);
  ctx.emit('Settled', { id, round: cycle.round, gross, net, payments: payments.length });
}

type Sources = readonly { readonly lock: string; readonly round: number; readonly amount: bigint }[];

/** Pays an amount out of locks, the oldest first. @returns what they hold still */
function payFrom(ctx: NettingContext, cycle: Cycle, sources: Sources, to: Address, amount: bigint): Sources {
  let left = amount;
  return sources.flatMap((source) => {
    const part = left < source.amount ? left : source.amount;
    if (part > 0n) handOver(ctx, cycle, source.lock, to, part);
    left -= part;
    return part < source.amount ? [{ ...source, amount: source.amount - part }] : [];
  });
}
