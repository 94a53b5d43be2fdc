import { giveBack, handOver, setAside } from '../locks/assetLocks.js';
import { LOCKS, REPO, type RepoContext, requireOpen, requireParty } from './declaration.js';
import { requireUntendered } from './margin.js';
import { requireEligible, requireInstrument } from './terms.js';
import { coverOf, owedOf, requireQuote } from './valuation.js';

interface Units {
  readonly instrument: string;
  readonly units: bigint;
}

/** The seller sets units aside that it would rather see with the buyer. */
export function offerSubstitute(ctx: RepoContext, id: string, { instrument, units }: Units): void {
  const open = requireOpen(ctx, id);
  const { seller, buyer, substitute } = open;
  ctx.requireAuthorised(seller);
  requireUntendered(ctx, open);
  if (substitute !== undefined) ctx.fail('SUBSTITUTE_EXISTS', substitute);
  ctx.require(units > 0n, 'AMOUNT_ZERO');
  requireInstrument(ctx, instrument, open);
  requireEligible(ctx, instrument, buyer);
  setAside(ctx, { instrument }, LOCKS.substitute(id), seller, units);
  ctx.state.open.set(id, { ...open, substitute: { instrument, units } });
  ctx.emit('SubstituteOffered', { id, instrument, units });
}

/** The seller takes the offer back. */
export function dropSubstitute(ctx: RepoContext, id: string): void {
  const open = requireOpen(ctx, id);
  const { seller, currency, substitute } = open;
  requireParty(ctx, seller, currency);
  if (substitute === undefined) ctx.fail('NO_SUBSTITUTE');
  const { instrument } = substitute;
  giveBack(ctx, { instrument }, { contract: REPO, lock: LOCKS.substitute(id) }, seller);
  ctx.state.open.set(id, { ...open, substitute: undefined });
  ctx.emit('SubstituteDropped', { id });
}

/** The buyer takes exactly those units for the ones that it has, in one step, where they cover what is owed by a fresh price. */
export function acceptSubstitute(ctx: RepoContext, id: string, { instrument, units }: Units): void {
  const open = requireOpen(ctx, id);
  const { seller, buyer, substitute, margin, haircutBps } = open;
  ctx.requireAuthorised(buyer);
  requireUntendered(ctx, open);
  if (substitute === undefined) ctx.fail('NO_SUBSTITUTE');
  const isSame = substitute.instrument === instrument && substitute.units === units;
  ctx.require(isSame, 'SUBSTITUTE_MISMATCH', substitute);
  // What the seller has offered secures nothing yet.
  ctx.requireAccount(seller);
  const { cautious, per } = requireQuote(ctx, instrument);
  const [covered, required] = [margin + coverOf(units, cautious, per, haircutBps), owedOf(ctx, open)];
  ctx.require(covered >= required, 'COVERAGE_INSUFFICIENT', { covered, required });
  const before = { instrument: open.instrument, units: open.units };
  handOver(ctx, { instrument: before.instrument }, LOCKS.units(id), seller, before.units);
  handOver(ctx, { instrument }, LOCKS.substitute(id), buyer, units);
  setAside(ctx, { instrument }, LOCKS.units(id), buyer, units);
  ctx.state.open.set(id, { ...open, instrument, units, substitute: undefined, call: undefined });
  ctx.emit('Substituted', { id, before, after: { instrument, units } });
  if (open.call !== undefined) ctx.emit('MarginCured', { id });
}
