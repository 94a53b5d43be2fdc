import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import {
  contract,
  entryFields,
  hash,
  KINDS,
  LISTERS_PER_HASH,
  MAX_ASKED,
  named,
  REASONS,
  shownEntry,
} from './declaration.js';
import { appeal, decide, entryInForce, lift, list, requireClear } from './steps.js';

const byLister = { roles: ['bank', 'custodian', 'centralBank', 'supervisor'] } as const;
const bySender = { sender: true } as const;
const document = t.fixedBytes(32);
const hashes = t.list(hash, MAX_ASKED, 1);

/** Identifiers that banks share, hashed: what a payment must not be about. */
export const screening = contract.build({
  /** Lists an identifier until a time, or lists it anew. */
  list: contract.tx(
    { args: { hash, kind: t.enum(KINDS), reason: t.enum(REASONS), expiresAt: entryFields.expiresAt }, auth: byLister },
    list,
  ),

  /** Takes an own entry off the list. */
  lift: contract.tx({ args: { hash }, auth: byLister }, (ctx, a) => lift(ctx, a.hash)),

  /** Asks for a decision on an entry of another member. */
  appeal: contract.tx({ args: { ...named, document }, auth: byLister }, appeal),

  /** Decides an appeal: granted, the entry is gone, and not listed again by its member for 30 days; refused, it stands. */
  decide: contract.tx({ args: { ...named, isGranted: t.bool, document }, auth: byLister }, decide),

  /** Fails, and the transaction with it, where any of these is listed. A payment behind it is made only where none is. */
  requireClear: contract.tx({ args: { hashes }, auth: bySender }, (ctx, a) => requireClear(ctx, a.hashes)),

  /** Who lists an identifier, those whose time is over among them. */
  entries: contract.view(
    {
      args: { hash },
      returns: t.list(t.struct({ member: t.bic, ...shownEntry.fields }), LISTERS_PER_HASH),
    },
    (ctx, a) =>
      ctx.state.entries
        .entriesUnder([a.hash], LISTERS_PER_HASH)
        .map(({ key, value }) => ({ member: key[1], ...value })),
  ),

  /** What a member lists, in the order in which it ends. */
  entriesOf: contract.view(
    {
      args: {
        member: t.bic,
        limit: t.uint(RANGE_LIMIT),
        after: t.optional(t.struct({ expiresAt: t.uint(), hash })),
      },
      returns: t.list(t.struct({ hash, ...shownEntry.fields }), RANGE_LIMIT),
    },
    (ctx, a) => {
      const after = a.after === undefined ? undefined : ([a.member, a.after.expiresAt, a.after.hash] as const);
      return ctx.state.ofMember.entriesUnder([a.member], a.limit, after).map(({ key: [member, , of] }) => ({
        hash: of,
        ...ctx.state.entries.get(of, member),
      }));
    },
  ),

  /** Which of these are listed now, by the first member in the order of their BICs. */
  check: contract.view(
    {
      args: { hashes },
      returns: t.list(t.struct({ hash, member: t.bic, ...entryFields }), MAX_ASKED),
    },
    (ctx, a) =>
      a.hashes.flatMap((of) => {
        const found = entryInForce(ctx, of);
        if (found === undefined) return [];
        const { kind, reason, listedAt, expiresAt } = found.entry;
        return [{ hash: of, member: found.member, kind, reason, listedAt, expiresAt }];
      }),
  ),
});
