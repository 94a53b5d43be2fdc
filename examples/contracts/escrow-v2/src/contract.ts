import { calendarDayOf, defineContract, type Infer, map, type TxContext, t, type ViewContext } from 'vostro/contract';
import { methods as cash } from './bindings/cash.js';

/** Milestones of one deal. */
const MAX_MILESTONES = 20;

const status = t.enum(['held', 'paid', 'returned', 'divided']);

/** A part of the price: held until it is paid to the seller or given back to the buyer. */
const milestone = t.struct({
  name: t.text(60),
  amount: t.amount,
  status,
  /** SHA-256 of the document by which the seller says that it has delivered. New in version 2. */
  delivery: t.optional(t.fixedBytes(32)),
});

const parties = { buyer: t.address, seller: t.address, arbiter: t.address };

const terms = {
  ...parties,
  currency: t.currency,
  /** Behind this day the buyer takes back what is held and not delivered, unless there is a dispute. */
  deadline: t.day,
  disputed: t.bool,
};
const deal = t.struct({ ...terms, milestones: t.list(milestone, MAX_MILESTONES, 1) });

/** As version 1 has stored it. */
const milestoneOfVersion1 = t.struct({ name: t.text(60), amount: t.amount, status });
const dealOfVersion1 = t.struct({ ...terms, milestones: t.list(milestoneOfVersion1, MAX_MILESTONES, 1) });

const state = { deals: map([t.id], deal) };

const at = { deal: t.id, milestone: t.uint(MAX_MILESTONES) };

const events = {
  Opened: { deal: t.id, ...parties, currency: t.currency, total: t.amount },
  /** What became of a milestone: the parts of its amount. */
  Settled: { ...at, toSeller: t.amount, toBuyer: t.amount },
  Delivered: { ...at, document: t.fixedBytes(32) },
  Disputed: { deal: t.id, by: t.address },
  Reclaimed: { deal: t.id, amount: t.amount },
};

const errors = {
  DEAL_EXISTS: { deal: t.id },
  DEAL_UNKNOWN: { deal: t.id },
  PARTIES_NOT_DISTINCT: {},
  DEADLINE_PAST: { deadline: t.day, today: t.day },
  MILESTONE_UNKNOWN: at,
  MILESTONE_NOT_HELD: at,
  MILESTONE_EMPTY: { milestone: t.uint(MAX_MILESTONES) },
  NOT_A_PARTY: { account: t.address },
  NOT_DISPUTED: { deal: t.id },
  IN_DISPUTE: { deal: t.id },
  NOT_DUE: { deadline: t.day, today: t.day },
  SHARE_TOO_LARGE: { amount: t.amount, toSeller: t.amount },
};

type Deal = Infer<typeof deal>;
type View = ViewContext<typeof state, typeof errors>;
type Tx = TxContext<typeof state, typeof events, typeof errors>;

/** Deals that one read of the migration takes over. */
const MIGRATION_PAGE = 100;

const declaration = defineContract({
  name: 'escrow',
  version: 2,
  state,
  events,
  errors,
  migrations: {
    1: {
      reads: { deals: map([t.id], dealOfVersion1) },
      /** Every deal is written again with the new field, which is absent. */
      run: (ctx, old) => {
        let page = old.deals.entries(MIGRATION_PAGE);
        while (page.length > 0) {
          for (const {
            key: [id],
            value,
          } of page)
            ctx.state.deals.set(id, value);
          const last = page.at(-1);
          page = last === undefined ? [] : old.deals.entries(MIGRATION_PAGE, last.key);
        }
      },
    },
  },
});

function requireDeal(ctx: View, id: string): Deal {
  return ctx.state.deals.find(id) ?? ctx.fail('DEAL_UNKNOWN', { deal: id });
}

function requireHeld(ctx: View, found: Deal, id: string, index: number): bigint {
  const one = found.milestones[index];
  if (one === undefined) return ctx.fail('MILESTONE_UNKNOWN', { deal: id, milestone: index });
  ctx.require(one.status === 'held', 'MILESTONE_NOT_HELD', { deal: id, milestone: index });
  return one.amount;
}

/** Pays a held milestone out of the deal's lock, in two parts of which one may be nothing. */
function settle(ctx: Tx, id: string, index: number, toSeller: bigint): void {
  const found = requireDeal(ctx, id);
  const amount = requireHeld(ctx, found, id, index);
  ctx.require(toSeller <= amount, 'SHARE_TOO_LARGE', { amount, toSeller });
  const toBuyer = amount - toSeller;
  const { currency, seller, buyer } = found;
  if (toSeller > 0n) ctx.call(cash.release, { currency, lock: id, creditor: seller, amount: toSeller });
  if (toBuyer > 0n) ctx.call(cash.release, { currency, lock: id, creditor: buyer, amount: toBuyer });
  const status = toBuyer === 0n ? 'paid' : toSeller === 0n ? 'returned' : 'divided';
  const milestones = found.milestones.map((one, each) => (each === index ? { ...one, status } : one) as typeof one);
  ctx.state.deals.set(id, { ...found, milestones });
  ctx.emit('Settled', { deal: id, milestone: index, toSeller, toBuyer });
}

const openArgs = {
  deal: t.id,
  ...parties,
  currency: t.currency,
  deadline: t.day,
  milestones: t.list(t.struct({ name: t.text(60), amount: t.amount }), MAX_MILESTONES, 1),
};

/**
 * An escrow with milestones. The buyer's price is locked in the network's cash under this contract's name; nothing but these
 * rules moves it: the buyer pays a milestone, the seller gives one back, the arbiter divides one that is disputed, and the
 * buyer takes back what was not delivered by the deadline.
 */
export const contract = declaration.build({
  /** The buyer authorises the lock of the whole price. */
  open: declaration.tx({ args: openArgs, auth: { accounts: (a) => [a.buyer] } }, (ctx, a) => {
    ctx.require(!ctx.state.deals.has(a.deal), 'DEAL_EXISTS', { deal: a.deal });
    const isDistinct = new Set([a.buyer, a.seller, a.arbiter]).size === 3;
    ctx.require(isDistinct, 'PARTIES_NOT_DISTINCT');
    for (const party of [a.seller, a.arbiter]) ctx.requireAccount(party);
    const today = calendarDayOf(ctx.timestamp);
    ctx.require(a.deadline >= today, 'DEADLINE_PAST', { deadline: a.deadline, today });
    let total = 0n;
    for (const [index, one] of a.milestones.entries()) {
      ctx.require(one.amount > 0n, 'MILESTONE_EMPTY', { milestone: index });
      total += one.amount;
    }
    ctx.call(cash.lock, { currency: a.currency, lock: a.deal, debtor: a.buyer, amount: total });
    const milestones = a.milestones.map((one) => ({ ...one, status: 'held' as const }));
    const { buyer, seller, arbiter, currency, deadline } = a;
    ctx.state.deals.set(a.deal, { buyer, seller, arbiter, currency, deadline, disputed: false, milestones });
    ctx.emit('Opened', { deal: a.deal, buyer, seller, arbiter, currency, total });
  }),

  /** The buyer pays a milestone. */
  release: declaration.tx({ args: at, auth: { inMethod: true } }, (ctx, a) => {
    const found = requireDeal(ctx, a.deal);
    ctx.requireAuthorised(found.buyer);
    settle(ctx, a.deal, a.milestone, requireHeld(ctx, found, a.deal, a.milestone));
  }),

  /** The seller gives a milestone back. */
  refund: declaration.tx({ args: at, auth: { inMethod: true } }, (ctx, a) => {
    ctx.requireAuthorised(requireDeal(ctx, a.deal).seller);
    settle(ctx, a.deal, a.milestone, 0n);
  }),

  /** The seller says that it has delivered, by the hash of a document: from then on only a dispute gives money back. */
  deliver: declaration.tx({ args: { ...at, document: t.fixedBytes(32) }, auth: { inMethod: true } }, (ctx, a) => {
    const found = requireDeal(ctx, a.deal);
    ctx.requireAuthorised(found.seller);
    requireHeld(ctx, found, a.deal, a.milestone);
    const milestones = found.milestones.map((one, each) =>
      each === a.milestone ? { ...one, delivery: a.document } : one,
    );
    ctx.state.deals.set(a.deal, { ...found, milestones });
    ctx.emit('Delivered', a);
  }),

  /** Either party calls the arbiter. */
  dispute: declaration.tx({ args: { deal: t.id, by: t.address }, auth: { inMethod: true } }, (ctx, a) => {
    const found = requireDeal(ctx, a.deal);
    ctx.requireAuthorised(a.by);
    ctx.require(a.by === found.buyer || a.by === found.seller, 'NOT_A_PARTY', { account: a.by });
    ctx.require(!found.disputed, 'IN_DISPUTE', { deal: a.deal });
    ctx.state.deals.set(a.deal, { ...found, disputed: true });
    ctx.emit('Disputed', a);
  }),

  /** The arbiter divides a disputed milestone. */
  resolve: declaration.tx({ args: { ...at, toSeller: t.amount }, auth: { inMethod: true } }, (ctx, a) => {
    const found = requireDeal(ctx, a.deal);
    ctx.requireAuthorised(found.arbiter);
    ctx.require(found.disputed, 'NOT_DISPUTED', { deal: a.deal });
    settle(ctx, a.deal, a.milestone, a.toSeller);
  }),

  /** Behind the deadline, the buyer takes back all that is held and was not delivered. */
  reclaim: declaration.tx({ args: { deal: t.id }, returns: t.amount, auth: { inMethod: true } }, (ctx, a) => {
    const found = requireDeal(ctx, a.deal);
    ctx.requireAuthorised(found.buyer);
    ctx.require(!found.disputed, 'IN_DISPUTE', { deal: a.deal });
    const today = calendarDayOf(ctx.timestamp);
    ctx.require(today > found.deadline, 'NOT_DUE', { deadline: found.deadline, today });
    let amount = 0n;
    for (const [index, one] of found.milestones.entries()) {
      if (one.status !== 'held' || one.delivery !== undefined) continue;
      amount += one.amount;
      settle(ctx, a.deal, index, 0n);
    }
    ctx.emit('Reclaimed', { deal: a.deal, amount });
    return amount;
  }),

  deal: declaration.view({ args: { deal: t.id }, returns: t.optional(deal) }, (ctx, a) => ctx.state.deals.find(a.deal)),

  deals: declaration.view(
    {
      args: { limit: t.uint(100), after: t.optional(t.id) },
      returns: t.list(t.struct({ deal: t.id, terms: deal }), 100),
    },
    (ctx, { limit, after }) =>
      ctx.state.deals
        .entries(limit, after === undefined ? undefined : [after])
        .map(({ key: [id], value }) => ({ deal: id, terms: value })),
  ),
});
