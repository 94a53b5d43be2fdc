import type { Address } from '../../primitives/types.js';
import { giveBack } from '../locks/assetLocks.js';
import {
  type ClosedStatus,
  type Failure,
  LOCKS,
  type Offer,
  type Open,
  REPO,
  type RepoContext,
} from './declaration.js';

interface Ending {
  readonly status: ClosedStatus;
  readonly paid: bigint;
  readonly isUncollected: boolean;
  readonly failure?: Failure;
}

/** Leaves a line of an offer that was not accepted. */
export function endOffer(ctx: RepoContext, id: string, offer: Offer, status: 'cancelled' | 'expired'): void {
  ctx.state.offers.delete(id);
  leave(ctx, id, offer, { status, paid: 0n, isUncollected: false });
  ctx.emit('Ended', { id, status });
}

/** Gives back to its owner whatever the contract still holds, and leaves a line of the repo. */
export function end(ctx: RepoContext, id: string, open: Open, ending: Ending): void {
  const { seller, buyer, currency, instrument, substitute } = open;
  const key = (lock: string) => ({ contract: REPO, lock });
  giveBack(ctx, { instrument }, key(LOCKS.units(id)), buyer);
  giveBack(ctx, { currency }, key(LOCKS.price(id)), seller);
  if (!ending.isUncollected) giveBack(ctx, { currency }, key(LOCKS.margin(id)), buyer);
  if (substitute !== undefined) {
    giveBack(ctx, { instrument: substitute.instrument }, key(LOCKS.substitute(id)), seller);
  }
  ctx.state.open.delete(id);
  leave(ctx, id, open, ending);
}

function leave(ctx: RepoContext, id: string, of: Offer, { failure, ...ending }: Ending): void {
  const { seller, buyer, currency, instrument, units, terms } = of;
  for (const account of new Set<Address>([seller, buyer])) ctx.state.ofAccount.delete(account, id);
  const left = ctx.state.count.get(seller) - 1;
  if (left === 0) ctx.state.count.delete(seller);
  else ctx.state.count.set(seller, left);
  const when = { height: ctx.height, timestamp: ctx.timestamp };
  const what = { seller, buyer, currency, instrument, units, terms };
  ctx.state.closed.set(id, { ...what, ...ending, failure, ...when });
}
