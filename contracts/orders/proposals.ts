import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { TAGS, taggedHash } from '../../primitives/hash.js';
import type { Address } from '../../primitives/types.js';
import { membership } from '../membership/membership.js';
import { splitsOf } from './assets.js';
import { requireAgedKeys, requireUnsplit } from './confirming.js';
import {
  CONFIRM_MS,
  OPEN_PER_MEMBER,
  type Order,
  type OrdersContext,
  requireOrder,
  type Terms,
  terms as termsSchema,
} from './declaration.js';
import { carryOut, requireOrderly } from './kinds.js';

/** About what encoding and hashing terms take, in nanoseconds. */
const TERMS_FUEL = 10_000;

/** What two persons agree to: H(tag ‖ canonical bytes of the terms). */
export function orderTermsHash(values: Terms): Hash {
  return taggedHash(TAGS.orderTerms, termsSchema.encode(values));
}

/** From when on nobody can confirm a proposal. */
export function confirmBeforeOf({ proposedAt }: Pick<Order, 'proposedAt'>): number {
  return proposedAt + CONFIRM_MS;
}

/** What becomes of a proposal at once. */
export interface Proposed {
  readonly terms: Hash;
  readonly confirmBefore: number;
  readonly isCarriedOut: boolean;
}

/**
 * Puts an order where a second person of the same member finds it; it does nothing yet.
 *
 * @param second an account whose keys have signed as well: then it is carried out in this transaction, before anybody can read it
 */
export function propose(ctx: OrdersContext, values: Terms, second: Address | undefined): Proposed {
  const { id } = values;
  const { member: by } = ctx.requireAccount(ctx.sender);
  const prefix = `${by}-`;
  ctx.require(id.startsWith(prefix) && id.length > prefix.length, 'ID_INVALID', { prefix });
  ctx.require(!ctx.state.orders.has(id), 'ORDER_EXISTS', { id });
  requireOrderly(ctx, values);
  requireRoom(ctx, by);
  ctx.useFuel(TERMS_FUEL);
  const terms = orderTermsHash(values);
  const { proposers, confirmers } = second === undefined ? alone(ctx) : together(ctx, by, second);
  const order: Order = {
    ...{ ...values, terms, by, status: 'proposed', proposedAt: ctx.timestamp, proposers, confirmers: [] },
    ...{ closedAt: undefined, splits: splitsOf(ctx, values) },
  };
  const confirmBefore = confirmBeforeOf(order);
  ctx.state.orders.set(id, order);
  ctx.state.open.set(by, id, confirmBefore);
  ctx.emit('Proposed', { ...values, terms, by, confirmBefore });
  if (second !== undefined) agree(ctx, order, confirmers);
  return { terms, confirmBefore, isCarriedOut: second !== undefined };
}

/** Who signs a transaction, as the persons of an order. */
interface Persons {
  readonly proposers: readonly Address[];
  readonly confirmers: readonly Address[];
}

function alone(ctx: OrdersContext): Persons {
  return { proposers: ctx.signers, confirmers: [] };
}

/** Two persons in one transaction: the sender's keys, and those of another account of its member, none of them in both policies. */
function together(ctx: OrdersContext, by: string, second: Address): Persons {
  const { member, roles } = ctx.requireAuthorised(second);
  // The account of a validator's key speaks for its node alone.
  ctx.require(member === by && roles.length > 0, 'NOT_ENTITLED', { member });
  const [own, others] = [keysOf(ctx, ctx.sender), keysOf(ctx, second)];
  const key = ctx.signers.find((signer) => own.includes(signer) && others.includes(signer));
  if (key !== undefined || second === ctx.sender) ctx.fail('SAME_PERSON', { key: key ?? second });
  const confirmers = ctx.signers.filter((signer) => others.includes(signer));
  return { proposers: ctx.signers.filter((signer) => !confirmers.includes(signer)), confirmers };
}

function keysOf(ctx: OrdersContext, account: Address): readonly Address[] {
  return ctx.view(membership.methods.account, { account })?.keys ?? [];
}

/** A member keeps few proposals open; those that nobody can confirm any more make room. */
function requireRoom(ctx: OrdersContext, member: string): void {
  const open = ctx.state.open.entriesUnder([member], OPEN_PER_MEMBER);
  const over = open.filter(({ value: confirmBefore }) => confirmBefore <= ctx.timestamp);
  for (const { key } of over) {
    const order = requireOrder(ctx, key[1]);
    close(ctx, order, { status: 'void' });
    ctx.emit('Voided', { id: order.id, terms: order.terms });
  }
  const isFull = open.length - over.length >= OPEN_PER_MEMBER;
  ctx.require(!isFull, 'PROPOSALS_TOO_MANY', { limit: OPEN_PER_MEMBER });
}

/** A proposal of the sender's own member. */
function requireOwnProposal(ctx: OrdersContext, id: string): Order {
  const order = requireOrder(ctx, id);
  const { member } = ctx.requireAccount(ctx.sender);
  ctx.require(order.by === member, 'NOT_ENTITLED', { member });
  ctx.require(order.status === 'proposed', 'ORDER_CLOSED', { id, status: order.status });
  return order;
}

/** A second person carries the order out: none of the keys that signed the proposal may have signed this. */
export function confirm(ctx: OrdersContext, id: string, expected: Hash): void {
  const order = requireOwnProposal(ctx, id);
  const confirmBefore = confirmBeforeOf(order);
  ctx.require(ctx.timestamp < confirmBefore, 'PROPOSAL_VOID', { id, confirmBefore });
  ctx.require(equalBytes(order.terms, expected), 'TERMS_MISMATCH', { expected, actual: order.terms });
  const key = ctx.signers.find((signer) => order.proposers.includes(signer));
  if (key !== undefined) ctx.fail('SAME_PERSON', { key });
  requireUnsplit(ctx, order);
  requireOrderly(ctx, order);
  agree(ctx, order, ctx.signers);
}

/** Two persons agree on it: it is carried out. */
function agree(ctx: OrdersContext, order: Order, confirmers: readonly Address[]): void {
  requireAgedKeys(ctx, order, confirmers);
  close(ctx, order, { status: 'confirmed', confirmers });
  const { id, terms, kind } = order;
  const account = carryOut(ctx, order);
  if (account !== undefined) ctx.state.ofAccount.set(account, id, true);
  ctx.emit('Confirmed', { id, terms, kind });
}

/** Takes a proposal back; its id stays used. */
export function withdraw(ctx: OrdersContext, id: string): void {
  const order = requireOwnProposal(ctx, id);
  close(ctx, order, { status: 'withdrawn' });
  ctx.emit('Withdrawn', { id, terms: order.terms });
}

function close(ctx: OrdersContext, order: Order, change: Partial<Order>): void {
  ctx.state.orders.set(order.id, { ...order, ...change, closedAt: ctx.timestamp });
  ctx.state.open.delete(order.by, order.id);
}
