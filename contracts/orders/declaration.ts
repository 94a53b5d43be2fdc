import { LIMITS } from '../../primitives/limits.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { assetFields } from '../locks/asset.js';
import { MANDATE_FAULTS } from '../supervision/authority.js';
import { DAY_MS } from '../time/deadline.js';

/** Proposals of one member that are open. */
export const OPEN_PER_MEMBER = 50;
/** How long a second person may take to confirm a proposal, in consensus time. */
export const CONFIRM_MS = DAY_MS;
/** How long before a proposal a key that confirms it must have stood in a policy, in consensus time. */
export const KEY_AGE_MS = DAY_MS;
/** Freezes of one member on an account and asset: a part of those that it may have. */
export const FREEZES_PER_MEMBER = 8;
/** Freezes of an account and asset that only the central bank of the currency may still add. */
export const FREEZES_OF_ISSUER = 4;
/** Characters of the authority behind an order, as ISO 20022 bounds names. */
const MAX_AUTHORITY = 140;

/** What an order does. A position in this list stands in the state: append, never move. */
export const KINDS = ['freeze', 'seize', 'lift', 'default'] as const;
/** `void`: nobody confirmed it in time. */
export const STATUSES = ['proposed', 'confirmed', 'withdrawn', 'void'] as const;

export const hash = t.fixedBytes(32);
export const kind = t.enum(KINDS);
export const status = t.enum(STATUSES);

/** Of every order. */
export const groundFields = {
  /** The BIC of the member that orders, a dash, and a name of its own; used once. */
  id: t.id,
  /** Who ordered it: a court and its file number, say. */
  authority: t.text(MAX_AUTHORITY),
  /** SHA-256 of the document that orders it. */
  document: hash,
};

export const freezeFields = {
  ...groundFields,
  ...assetFields,
  account: t.address,
  /** None: everything, whatever arrives. */
  amount: t.optional(t.amount),
  /** Consensus time from which it counts no more. */
  until: t.optional(t.uint()),
};
export const seizeFields = {
  ...groundFields,
  ...assetFields,
  account: t.address,
  amount: t.amount,
  to: t.address,
  /** The freeze that it uses up. */
  freeze: t.optional(t.id),
};
export const liftFields = {
  ...groundFields,
  /** The freeze, and the hash of its terms. */
  freeze: t.id,
  freezeTerms: hash,
  /** None: all that is left of it. */
  amount: t.optional(t.amount),
};
export const defaultFields = { ...groundFields, member: t.bic };

/** What two persons agree to: the hash of exactly this. */
const termsFields = {
  ...groundFields,
  kind,
  ...assetFields,
  account: t.optional(t.address),
  amount: t.optional(t.amount),
  until: t.optional(t.uint()),
  to: t.optional(t.address),
  freeze: t.optional(t.id),
  freezeTerms: t.optional(hash),
  member: t.optional(t.bic),
};
export const terms = t.struct(termsFields);

const signers = t.list(t.address, LIMITS.signersPerTransaction);

const orderFields = {
  ...termsFields,
  terms: hash,
  /** The member whose order it is. */
  by: t.bic,
  status,
  proposedAt: t.uint(),
  /** Who signed the proposal, and who its confirmation: nobody is among both. */
  proposers: signers,
  confirmers: signers,
  /** When it was confirmed, was withdrawn or became void. */
  closedAt: t.optional(t.uint()),
  /** Of an order that counts units: how often their instrument had been split when it was proposed. */
  splits: t.optional(t.uint()),
};
export const order = t.struct(orderFields);

/** How the state is laid out, for those who read it. */
export const ordersState = {
  /** Every order, for ever. */
  orders: map([t.id], order),
  /** Member, order → the consensus time from which nobody can confirm the proposal. */
  open: map([t.bic, t.id], t.uint()),
  /** Account, order: those that were confirmed. */
  ofAccount: map([t.address, t.id], t.bool),
  /** Member → the newest order that declared it in default. */
  defaults: map([t.bic], t.struct({ order: t.id, document: hash, height: t.uint(), declaredAt: t.uint() })),
};

const named = { id: t.id, terms: hash };

const events = {
  Proposed: { ...termsFields, terms: hash, by: t.bic, confirmBefore: t.uint() },
  Confirmed: { ...named, kind },
  Withdrawn: named,
  /** Nobody confirmed it in time. */
  Voided: named,
  DefaultDeclared: { member: t.bic, order: t.id, document: hash },
};

const errors = {
  /** An id begins with the BIC of the ordering member and a dash. */
  ID_INVALID: { prefix: t.text(64) },
  ORDER_EXISTS: { id: t.id },
  ORDER_UNKNOWN: { id: t.id },
  /** It is no proposal any more. */
  ORDER_CLOSED: { id: t.id, status },
  /** Its time for a confirmation is over. */
  PROPOSAL_VOID: { id: t.id, confirmBefore: t.uint() },
  PROPOSALS_TOO_MANY: { limit: t.uint() },
  /** The order says something else than what was to be agreed to. */
  TERMS_MISMATCH: { expected: hash, actual: hash },
  /** A key that signed the proposal has signed its confirmation. */
  SAME_PERSON: { key: t.address },
  /** A key that signed the confirmation came into no policy of an account before `latest`: 24 hours before the proposal. */
  KEY_TOO_NEW: { key: t.address, since: t.optional(t.uint()), latest: t.uint() },
  /** The units that it counts were split since it was proposed: it would be worth something else. */
  UNITS_SPLIT: { instrument: t.id, expected: t.uint(), actual: t.uint() },
  /** Neither a supervisor nor the central bank that issues the currency; or the order of another member. */
  NOT_ENTITLED: { member: t.bic },
  /** The members’ mandate does not let the supervisor order so. */
  MANDATE_EXCEEDED: { member: t.bic, fault: t.enum(MANDATE_FAULTS) },
  /** It names no asset, or two. */
  ASSET_INVALID: {},
  CURRENCY_UNKNOWN: { currency: t.currency },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  /** Its time is over before it begins. */
  UNTIL_PASSED: { until: t.uint() },
  /** As many orders freeze the account as may: of this member, or of all that may order so. */
  FREEZES_TOO_MANY: { limit: t.uint() },
  /** No freeze of this order is in force, or not on this account and asset. */
  FREEZE_UNKNOWN: { freeze: t.id },
  /** More was to be lifted than is left of the freeze; or a part of one of everything. */
  LIFT_INVALID: { left: t.optional(t.amount) },
  MEMBER_UNKNOWN: { member: t.bic },
  /** A central bank is not declared in default. */
  MEMBER_PROTECTED: { member: t.bic },
};

export const contract = defineContract({ name: 'orders', version: 1, state: ordersState, events, errors });

export type OrdersView = ViewContext<typeof ordersState, typeof errors>;
export type OrdersContext = TxContext<typeof ordersState, typeof events, typeof errors>;
export type Terms = Infer<typeof terms>;
export type Order = Infer<typeof order>;

/** @throws ContractFailure `ORDER_UNKNOWN` */
export function requireOrder(ctx: OrdersView, id: string): Order {
  return ctx.state.orders.find(id) ?? ctx.fail('ORDER_UNKNOWN', { id });
}
