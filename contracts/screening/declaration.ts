import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { DAY_MS, LONGEST_WAIT_MS } from '../time/deadline.js';

/** Entries of one member. */
export const ENTRIES_PER_MEMBER = 1_000;
/** Members that may list the same identifier. */
export const LISTERS_PER_HASH = 64;
/** Identifiers of one question. */
export const MAX_ASKED = 64;

/** What an entry is about. Append, never move. */
export const KINDS = ['sanctions', 'fraud'] as const;
/** Why it was listed. Append, never move. */
export const REASONS = [
  'officialList',
  'courtOrder',
  'confirmedFraud',
  'suspectedFraud',
  'mistakenIdentityRisk',
  'moneyMule',
] as const;

/** How far ahead an entry may end: nothing is listed for ever. */
export const LONGEST_MS: Readonly<Record<(typeof KINDS)[number], number>> = {
  sanctions: LONGEST_WAIT_MS,
  fraud: 90 * DAY_MS,
};
/** How long an appeal keeps others from appealing, undecided. */
export const APPEAL_MS = 30 * DAY_MS;
/** How long a member may not list again what an appeal has lifted. */
export const BARRED_MS = 30 * DAY_MS;

/** A keyed hash of an identifier: who does not have the banks' key cannot look anybody up. */
export const hash = t.hex(32);
export const kind = t.enum(KINDS);

const appeal = t.struct({
  by: t.bic,
  /** SHA-256 of the document that says why. */
  document: t.fixedBytes(32),
  madeAt: t.uint(),
  /** Banks have refused it once: a supervisor or central bank decides. */
  isSecond: t.bool,
});

export const entryFields = {
  kind,
  reason: t.enum(REASONS),
  listedAt: t.uint(),
  /** Consensus time from which it counts no more. */
  expiresAt: t.uint(),
};

const entry = t.struct({
  ...entryFields,
  appeal: t.optional(appeal),
  /** How far appeals were refused: by a bank, or by a supervisor or central bank, after which there is none. */
  refused: t.enum(['no', 'byBank', 'finally']),
});

export const named = { hash, member: t.bic };

/** How the state is laid out, for those who read it. */
export const screeningState = {
  /** Identifier, the member that lists it. */
  entries: map([hash, t.bic], entry),
  /** Member, end, identifier: each entry of a member, those that end first in front. */
  ofMember: map([t.bic, t.uint(), hash], t.bool),
  /** Member → how many of its entries are kept; no entry for none. */
  counts: map([t.bic], t.uint(), 0),
  /** Identifier, member → consensus time until which it may not list again what an appeal has lifted. */
  barred: map([hash, t.bic], t.uint()),
};

const events = {
  Listed: { ...named, ...entryFields },
  /** By its member. */
  Lifted: named,
  /** Its time was over. */
  Expired: named,
  Appealed: { ...named, by: t.bic, document: t.fixedBytes(32) },
  /** Granted: the entry is gone. */
  Decided: { ...named, by: t.bic, isGranted: t.bool, document: t.fixedBytes(32) },
  /** None of so many identifiers is listed. */
  Cleared: { hashes: t.uint(MAX_ASKED) },
};

const errors = {
  /** An identifier is listed: nothing of the transaction is done. */
  LISTED: { hash, kind, reason: t.enum(REASONS), member: t.bic, expiresAt: t.uint() },
  ENTRY_UNKNOWN: named,
  ENTRIES_TOO_MANY: { limit: t.uint() },
  /** Listed by as many members as may. */
  LISTERS_TOO_MANY: { limit: t.uint() },
  EXPIRY_INVALID: { earliest: t.uint(), latest: t.uint() },
  /** An appeal has lifted it. */
  BARRED: { until: t.uint() },
  /** Whoever has listed appeals to itself, or decides on its own entry or appeal; or a bank where a supervisor or central bank decides. */
  NOT_ENTITLED: { member: t.bic },
  APPEAL_OPEN: { by: t.bic, until: t.uint() },
  APPEAL_UNKNOWN: named,
  /** It was refused finally; it may be made again once the entry is listed anew. */
  APPEAL_REFUSED: named,
};

export const contract = defineContract({ name: 'screening', version: 1, state: screeningState, events, errors });

export type ScreeningView = ViewContext<typeof screeningState, typeof errors>;
export type ScreeningContext = TxContext<typeof screeningState, typeof events, typeof errors>;
export type Entry = Infer<typeof entry>;
export const shownEntry = entry;
