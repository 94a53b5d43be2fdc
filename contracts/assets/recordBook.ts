import { t } from '../api/t.js';

/** Records of one instrument that are open at a time: every change of a holding looks at each of them. */
export const MAX_RECORDS = 8;
/** Accounts that one step tells. */
export const RECORD_PAGE = 256;

/** A number is free again once all of its record has been told: nothing that was kept is left then. */
export const recordNumber = t.uint(MAX_RECORDS - 1);

/** What a redemption takes: with a part of each holding what changes is kept, of a whole nothing is. Append, never move. */
export const REDEMPTIONS = ['part', 'whole'] as const;

export const records = t.list(
  t.struct({
    record: recordNumber,
    /** What accounts held at the end of this block is told. */
    height: t.uint(),
    /** Units are to be redeemed: from then on they move by orders alone, and to whom they secure or a key gives them. */
    redeems: t.optional(t.enum(REDEMPTIONS)),
    /** The last account that was told. */
    after: t.optional(t.address),
    /** Units have left a lock since that secured a claim. */
    isFreed: t.bool,
  }),
  MAX_RECORDS,
);
