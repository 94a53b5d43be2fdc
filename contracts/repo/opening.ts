import { equalBytes, type Hash } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import { cash } from '../cash/cash.js';
import { giveBack, handOver, heldIn, setAside } from '../locks/assetLocks.js';
import { end, endOffer } from './book.js';
import {
  LOCKS,
  OPEN_PER_SELLER,
  REPO,
  type RepoContext,
  requireOffer,
  requireOpen,
  requireParty,
  type Terms,
} from './declaration.js';
import { failureOf } from './failing.js';
import { repoTermsHash, requireTerms } from './terms.js';

/** About what encoding and hashing terms take, in nanoseconds. */
const TERMS_FUEL = 10_000;

/** Sets the seller's units aside for a buyer who accepts these terms in time. */
export function offer(ctx: RepoContext, values: Terms): { readonly terms: Hash } {
  const { id, ...details } = values;
  const { seller, buyer, instrument, units } = details;
  ctx.useFuel(TERMS_FUEL);
  requireTerms(ctx, values);
  const count = ctx.state.count.get(seller);
  ctx.require(count < OPEN_PER_SELLER, 'REPOS_TOO_MANY', { limit: OPEN_PER_SELLER });
  setAside(ctx, { instrument }, LOCKS.offer(id), seller, units);
  const terms = repoTermsHash(values);
  ctx.state.count.set(seller, count + 1);
  ctx.state.offers.set(id, { ...details, terms });
  for (const account of [seller, buyer]) ctx.state.ofAccount.set(account, id, true);
  ctx.emit('Offered', { ...values, terms });
  return { terms };
}

interface Acceptance {
  readonly id: string;
  readonly buyer: Address;
  readonly terms: Hash;
}

/** Cash against units, in one step; the units are the buyer's from then on, and stay where the seller finds them. */
export function accept(ctx: RepoContext, { id, buyer, terms: expected }: Acceptance): void {
  const { terms, ...details } = requireOffer(ctx, id);
  const { seller, instrument, units, currency, cash: amount, opensBefore } = details;
  ctx.require(buyer === details.buyer, 'NOT_A_PARTY', { account: buyer });
  ctx.require(equalBytes(expected, terms), 'TERMS_MISMATCH', { expected, actual: terms });
  ctx.require(ctx.timestamp < opensBefore, 'DEADLINE_PASSED', { deadline: opensBefore });
  // What is offered secures nothing yet: a suspended seller opens nothing.
  ctx.requireAccount(seller);
  handOver(ctx, { instrument }, LOCKS.offer(id), buyer, units);
  ctx.call(cash.methods.transfer, { currency, debtor: buyer, creditor: seller, amount });
  setAside(ctx, { instrument }, LOCKS.units(id), buyer, units);
  ctx.state.offers.delete(id);
  const state = { margin: 0n, isEarly: false, openedAt: ctx.timestamp };
  ctx.state.open.set(id, { ...details, terms, ...state });
  ctx.emit('Opened', { id, terms });
}

/** Ends an offer: its seller at any time, anybody once it cannot be accepted. Ends, too, what the members have given back. */
export function cancel(ctx: RepoContext, id: string): void {
  const found = ctx.state.offers.find(id);
  if (found === undefined) {
    endReturned(ctx, id);
    return;
  }
  const isOver = ctx.timestamp >= found.opensBefore;
  if (isOver) ctx.requireAuthorised(ctx.sender);
  else requireParty(ctx, found.seller, found.currency);
  const { instrument, seller } = found;
  giveBack(ctx, { instrument }, { contract: REPO, lock: LOCKS.offer(id) }, seller);
  endOffer(ctx, id, found, isOver ? 'expired' : 'cancelled');
}

/** The members have given the units to the buyer by themselves (`returnLock`): what else is held goes to whose it is, as where a seller fails. */
function endReturned(ctx: RepoContext, id: string): void {
  const open = requireOpen(ctx, id);
  ctx.requireAuthorised(ctx.sender);
  const { instrument } = open;
  const held = heldIn(ctx, { instrument }, { contract: REPO, lock: LOCKS.units(id) });
  ctx.require(held === undefined, 'REPO_NOT_OPEN', { id });
  const failure = failureOf(ctx, open);
  end(ctx, id, open, { status: 'returned', paid: open.margin, isUncollected: false, failure });
  ctx.emit('Ended', { id, status: 'returned' });
}
