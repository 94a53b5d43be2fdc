import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { contract, type Order, type OrdersView, order as orderSchema } from './declaration.js';
import { freezeInForce } from './kinds.js';
import { confirmBeforeOf } from './proposals.js';

/** Orders that one view gives. */
const PAGE = 50;

const shownOrder = t.struct({
  ...orderSchema.fields,
  /** From when on nobody can confirm the proposal. */
  confirmBefore: t.uint(),
  /** Of a freeze that is in force: what is left of it; no amount: everything. */
  inForce: t.optional(t.struct({ amount: t.optional(t.amount) })),
});

/** A proposal that nobody can confirm any more is void, also before anything has noted it. */
function shown(ctx: OrdersView, order: Order): Infer<typeof shownOrder> {
  const confirmBefore = confirmBeforeOf(order);
  const isVoid = order.status === 'proposed' && ctx.timestamp >= confirmBefore;
  const freeze = freezeInForce(ctx, order);
  return {
    ...order,
    status: isVoid ? 'void' : order.status,
    confirmBefore,
    inForce: freeze === undefined ? undefined : { amount: freeze.amount },
  };
}

const page = { limit: t.uint(PAGE), after: t.optional(t.id) };
const orders = t.list(shownOrder, PAGE);

export const views = {
  /** An order, whatever has become of it. */
  order: contract.view({ args: { id: t.id }, returns: t.optional(shownOrder) }, (ctx, { id }) => {
    const found = ctx.state.orders.find(id);
    return found === undefined ? undefined : shown(ctx, found);
  }),

  /** Confirmed orders about an account, in the order of their ids. */
  ordersOf: contract.view(
    { args: { account: t.address, ...page }, returns: orders },
    (ctx, { account, limit, after }) =>
      ctx.state.ofAccount
        .entriesUnder([account], limit, after === undefined ? undefined : [account, after])
        .map(({ key: [, id] }) => shown(ctx, ctx.state.orders.get(id))),
  ),

  /** Proposals of a member that wait for a second person, in the order of their ids; those that are void by now among them. */
  proposals: contract.view({ args: { member: t.bic, ...page }, returns: orders }, (ctx, { member, limit, after }) =>
    ctx.state.open
      .entriesUnder([member], limit, after === undefined ? undefined : [member, after])
      .map(({ key: [, id] }) => shown(ctx, ctx.state.orders.get(id))),
  ),

  /** When and by which order a member was declared in default last; nothing for one that never was. */
  defaultOf: contract.view(
    {
      args: { member: t.bic },
      returns: t.optional(
        t.struct({ order: t.id, document: t.fixedBytes(32), height: t.uint(), declaredAt: t.uint() }),
      ),
    },
    (ctx, { member }) => ctx.state.defaults.find(member),
  ),
};
