import { t } from '../api/t.js';
import { closedFields, contract, id, key, STATUSES, termsFields } from './declaration.js';

/** Locks that one view gives. */
const PAGE = 100;

const status = t.enum(STATUSES);
const account = t.address;

export const views = {
  /** A lock, open or over; its key once it was shown. */
  lockOf: contract.view(
    {
      args: { id },
      returns: t.optional(
        t.struct({
          ...termsFields,
          status,
          key: t.optional(key),
          /** When it was paid, reclaimed, refunded or returned. */
          closedAt: t.optional(t.struct({ height: closedFields.height, timestamp: closedFields.timestamp })),
        }),
      ),
    },
    (ctx, a) => {
      const open = ctx.state.open.find(a.id);
      if (open !== undefined) {
        const { claimKey, ...terms } = open;
        return { ...terms, status: claimKey === undefined ? ('locked' as const) : ('claimed' as const), key: claimKey };
      }
      const closed = ctx.state.closed.find(a.id);
      if (closed === undefined) return undefined;
      const { height, timestamp, ...rest } = closed;
      return { ...rest, closedAt: { height, timestamp } };
    },
  ),

  /** Open locks that an account sends or is to receive, in the order of their ids. */
  openOf: contract.view(
    {
      args: { account, limit: t.uint(PAGE), after: t.optional(id) },
      returns: t.list(t.struct({ id, ...termsFields, isClaimed: t.bool }), PAGE),
    },
    (ctx, a) =>
      ctx.state.ofAccount
        .entriesUnder([a.account], a.limit, a.after === undefined ? undefined : [a.account, a.after])
        .map(({ key: [, of] }) => {
          const { claimKey, ...terms } = ctx.state.open.get(of);
          return { id: of, ...terms, isClaimed: claimKey !== undefined };
        }),
  ),
};
