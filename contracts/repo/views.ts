import { t } from '../api/t.js';
import { prices } from '../prices/prices.js';
import {
  callFields,
  closedFields,
  contract,
  noticeFields,
  type Offer,
  type Open,
  type RepoView,
  STATUSES,
  tenderFields,
  terms,
  withMargin,
} from './declaration.js';
import { coverOf, owedOf } from './valuation.js';

/** Repos that one view gives. */
const PAGE = 100;

const { id: _, ...details } = terms.fields;

const shown = t.struct({
  ...details,
  terms: closedFields.terms,
  status: t.enum(STATUSES),
  openedAt: t.optional(t.uint()),
  /** What the seller owes in a block of this time, its margin among it. */
  owed: t.amount,
  margin: t.amount,
  /** What covers it by the newest price; none where there is none. */
  covered: t.optional(t.amount),
  isFresh: t.bool,
  isEarly: t.bool,
  call: t.optional(t.struct(callFields)),
  notice: t.optional(t.struct(noticeFields)),
  tender: t.optional(t.struct(tenderFields)),
  substitute: t.optional(t.struct({ instrument: t.id, units: t.amount })),
});

function shownOffer(offer: Offer) {
  const nothing = { owed: 0n, margin: 0n, isFresh: false, isEarly: false };
  return { ...offer, ...nothing, status: 'offered' as const };
}

function shownOpen(ctx: RepoView, id: string, found: Open) {
  const open = withMargin(ctx, id, found);
  const { instrument, units, haircutBps, margin, tender } = open;
  const quote = ctx.view(prices.methods.quote, { instrument });
  const covered = quote === undefined ? undefined : margin + coverOf(units, quote.price, quote.per, haircutBps);
  const status = tender === undefined ? ('open' as const) : ('tendered' as const);
  return { ...open, status, owed: owedOf(ctx, open), covered, isFresh: quote?.isFresh === true };
}

export const views = {
  /** A repo that is offered or open. */
  repo: contract.view({ args: { id: t.id }, returns: t.optional(shown) }, (ctx, { id }) => {
    const [open, offer] = [ctx.state.open.find(id), ctx.state.offers.find(id)];
    if (open !== undefined) return shownOpen(ctx, id, open);
    return offer === undefined ? undefined : shownOffer(offer);
  }),

  /** One that is over. */
  closed: contract.view({ args: { id: t.id }, returns: t.optional(t.struct(closedFields)) }, (ctx, { id }) =>
    ctx.state.closed.find(id),
  ),

  /** Repos that an account has offered, is offered or is a party of, in the order of their ids. */
  reposOf: contract.view(
    {
      args: { account: t.address, limit: t.uint(PAGE), after: t.optional(t.id) },
      returns: t.list(t.struct({ id: t.id, ...shown.fields }), PAGE),
    },
    (ctx, { account, limit, after }) =>
      ctx.state.ofAccount
        .entriesUnder([account], limit, after === undefined ? undefined : [account, after])
        .map(({ key: [, id] }) => {
          const open = ctx.state.open.find(id);
          return { id, ...(open === undefined ? shownOffer(ctx.state.offers.get(id)) : shownOpen(ctx, id, open)) };
        }),
  ),
};
