import { equalBytes } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { Address } from '../../primitives/types.js';
import { cash } from '../cash/cash.js';
import { type Freeze, lessened, MAX_FREEZES } from '../freezes/freezeBook.js';
import type { Asset } from '../locks/asset.js';
import { membership } from '../membership/membership.js';
import { mandateFault } from '../supervision/authority.js';
import { currencyOf, freezesOf, seize, setFreezes } from './assets.js';
import {
  FREEZES_OF_ISSUER,
  FREEZES_PER_MEMBER,
  type Order,
  type OrdersContext,
  type OrdersView,
  requireOrder,
  type Terms,
} from './declaration.js';

/** What each kind of order demands, when it is proposed and again when it is confirmed, and what it does then. */

/**
 * A supervisor orders in any asset, a central bank in the currencies that it issues and the instruments denominated in them.
 *
 * @throws ContractFailure `NOT_ENTITLED`, `ASSET_INVALID`, `CURRENCY_UNKNOWN`, `INSTRUMENT_UNKNOWN`
 */
function requireEntitled(ctx: OrdersContext, asset: Asset): Entitlement {
  const currency = currencyOf(ctx, asset);
  const found = ctx.view(cash.methods.currency, { currency });
  // Money is of a currency that the network has; units of an instrument in another one can be ordered over, too.
  if (found === undefined && asset.instrument === undefined) ctx.fail('CURRENCY_UNKNOWN', { currency });
  const { member, roles } = ctx.requireAccount(ctx.sender);
  const isIssuer = roles.includes('centralBank') && found?.issuer === member;
  if (roles.includes('supervisor')) return { member, isIssuer };
  if (found === undefined) ctx.fail('CURRENCY_UNKNOWN', { currency });
  ctx.require(isIssuer, 'NOT_ENTITLED', { member });
  return { member, isIssuer };
}

/** Who orders: the central bank that issues the currency, or a supervisor. */
interface Entitlement {
  readonly member: string;
  readonly isIssuer: boolean;
}

/** No authority fills the list of an account for the others: each has a part of it, and the central bank of the currency one for itself. */
function requireRoom(ctx: OrdersContext, all: readonly Freeze[], { member, isIssuer }: Entitlement): void {
  const own = all.filter(({ order }) => order.startsWith(`${member}-`)).length;
  ctx.require(own < FREEZES_PER_MEMBER, 'FREEZES_TOO_MANY', { limit: FREEZES_PER_MEMBER });
  const limit = isIssuer ? MAX_FREEZES : MAX_FREEZES - FREEZES_OF_ISSUER;
  ctx.require(all.length < limit, 'FREEZES_TOO_MANY', { limit });
}

function requireKnown(ctx: OrdersContext, account: Address): void {
  if (ctx.account(account) === undefined) ctx.fail('ACCOUNT_UNKNOWN', { account });
}

interface FoundFreeze {
  readonly order: Order;
  readonly freeze: Freeze;
}

/** The freeze of a confirmed order of the same member, as far as it is in force on its account. */
function requireFreeze(ctx: OrdersContext, id: string): FoundFreeze {
  const found = requireOrder(ctx, id);
  const { member } = ctx.requireAccount(ctx.sender);
  ctx.require(found.by === member, 'NOT_ENTITLED', { member });
  return freezeOf(ctx, found);
}

/** A freeze that the sender may lift: its own member's; as the central bank of the currency one whose member can lift nothing any more. */
function requireLiftable(ctx: OrdersContext, id: string): FoundFreeze {
  const found = requireOrder(ctx, id);
  const { member } = ctx.requireAccount(ctx.sender);
  if (found.by === member) return requireFreeze(ctx, id);
  const isOrphan = found.kind === 'freeze' && isOrphaned(ctx, found);
  ctx.require(isOrphan && requireEntitled(ctx, found).isIssuer, 'NOT_ENTITLED', { member });
  return freezeOf(ctx, found);
}

/** Its member is suspended, or has lost the role by which it ordered. Currencies do not change their issuer. */
function isOrphaned(ctx: OrdersContext, { by }: Order): boolean {
  const record = ctx.view(membership.methods.member, { member: by });
  return record === undefined || record.suspended || !record.roles.includes('supervisor');
}

function freezeOf(ctx: OrdersContext, found: Order): FoundFreeze {
  const { id } = found;
  const freeze =
    found.kind === 'freeze' && found.account !== undefined
      ? freezesOf(ctx, found, found.account).find(({ order }) => order === id)
      : undefined;
  return { order: found, freeze: freeze ?? ctx.fail('FREEZE_UNKNOWN', { freeze: id }) };
}

/** A field that orders of this kind have. */
function fieldOf<T>(value: T | undefined): T {
  invariant(value !== undefined, 'an order has every field of its kind');
  return value;
}

/** A supervisor keeps to the mandate that the members have given it, where they have; what it has ordered it may lift in any case. */
function requireWithinMandate(ctx: OrdersContext, terms: Terms, { isIssuer, member }: Entitlement): void {
  if (isIssuer) return;
  const about = terms.account === undefined ? undefined : ctx.account(terms.account)?.member;
  const deed = terms.kind === 'seize' ? { seizes: true } : { freezesUntil: terms.until ?? ('always' as const) };
  const fault = mandateFault(ctx, member, { currency: currencyOf(ctx, terms), about, ...deed });
  if (fault !== undefined) ctx.fail('MANDATE_EXCEEDED', { member, fault });
}

function requireFreezing(ctx: OrdersContext, terms: Terms): void {
  const entitlement = requireEntitled(ctx, terms);
  const account = fieldOf(terms.account);
  requireKnown(ctx, account);
  requireWithinMandate(ctx, terms, entitlement);
  ctx.require(terms.amount !== 0n, 'AMOUNT_ZERO');
  const { until } = terms;
  if (until !== undefined && until <= ctx.timestamp) ctx.fail('UNTIL_PASSED', { until });
  requireRoom(ctx, freezesOf(ctx, terms, account), entitlement);
}

function requireSeizure(ctx: OrdersContext, terms: Terms): void {
  const entitlement = requireEntitled(ctx, terms);
  const [from, to] = [fieldOf(terms.account), fieldOf(terms.to)];
  requireKnown(ctx, from);
  requireWithinMandate(ctx, terms, entitlement);
  ctx.requireAccount(to);
  ctx.require(from !== to, 'SAME_ACCOUNT', { account: from });
  ctx.require(terms.amount !== 0n, 'AMOUNT_ZERO');
  const { freeze } = terms;
  if (freeze === undefined) return;
  const { order } = requireFreeze(ctx, freeze);
  const isSame = order.account === from && order.currency === terms.currency && order.instrument === terms.instrument;
  ctx.require(isSame, 'FREEZE_UNKNOWN', { freeze });
}

function requireLifting(ctx: OrdersContext, terms: Terms): void {
  const expected = fieldOf(terms.freezeTerms);
  const { order, freeze } = requireLiftable(ctx, fieldOf(terms.freeze));
  requireEntitled(ctx, order);
  ctx.require(equalBytes(order.terms, expected), 'TERMS_MISMATCH', { expected, actual: order.terms });
  ctx.require(terms.amount !== 0n, 'AMOUNT_ZERO');
  if (terms.amount === undefined) return;
  const isPart = freeze.amount !== undefined && terms.amount <= freeze.amount;
  ctx.require(isPart, 'LIFT_INVALID', { left: freeze.amount });
}

function requireDefaultable(ctx: OrdersContext, terms: Terms): void {
  const { member: by, roles: own } = ctx.requireAccount(ctx.sender);
  ctx.require(own.includes('centralBank'), 'NOT_ENTITLED', { member: by });
  const member = fieldOf(terms.member);
  const record = ctx.view(membership.methods.member, { member }) ?? ctx.fail('MEMBER_UNKNOWN', { member });
  ctx.require(!record.roles.includes('centralBank'), 'MEMBER_PROTECTED', { member });
}

const RULES: Readonly<Record<Terms['kind'], (ctx: OrdersContext, terms: Terms) => void>> = {
  freeze: requireFreezing,
  seize: requireSeizure,
  lift: requireLifting,
  default: requireDefaultable,
};

/** Lets only an order pass that could be carried out now, by the sender's member. */
export function requireOrderly(ctx: OrdersContext, terms: Terms): void {
  RULES[terms.kind](ctx, terms);
}

/** @returns the account that the order was about, for its list */
type Effect = (ctx: OrdersContext, terms: Terms) => Address | undefined;

const freezeAccount: Effect = (ctx, terms) => {
  const { id, amount, until } = terms;
  const account = fieldOf(terms.account);
  setFreezes(ctx, terms, account, [...freezesOf(ctx, terms, account), { order: id, amount, until }]);
  return account;
};

const seizeFromAccount: Effect = (ctx, terms) => {
  const { id, freeze } = terms;
  const from = fieldOf(terms.account);
  seize(ctx, terms, { from, to: fieldOf(terms.to), amount: fieldOf(terms.amount), order: id, freeze });
  return from;
};

const liftFreeze: Effect = (ctx, { freeze: named, amount }) => {
  const { order, freeze } = requireLiftable(ctx, fieldOf(named));
  const account = fieldOf(order.account);
  const left = freezesOf(ctx, order, account).flatMap((each) => {
    if (each.order !== freeze.order) return [each];
    return amount === undefined ? [] : lessened(each, amount);
  });
  setFreezes(ctx, order, account, left);
  return account;
};

const declareDefault: Effect = (ctx, terms) => {
  const { id, document } = terms;
  const member = fieldOf(terms.member);
  const { suspended } = ctx.view(membership.methods.member, { member }) ?? ctx.fail('MEMBER_UNKNOWN', { member });
  if (!suspended) ctx.call(membership.methods.suspendMember, { member });
  ctx.state.defaults.set(member, { order: id, document, height: ctx.height, declaredAt: ctx.timestamp });
  ctx.emit('DefaultDeclared', { member, order: id, document });
  return undefined;
};

const EFFECTS: Readonly<Record<Terms['kind'], Effect>> = {
  freeze: freezeAccount,
  seize: seizeFromAccount,
  lift: liftFreeze,
  default: declareDefault,
};

/** Carries a confirmed order out. @returns the account that it was about */
export function carryOut(ctx: OrdersContext, terms: Terms): Address | undefined {
  return EFFECTS[terms.kind](ctx, terms);
}

/** The freeze of an order as it is in force now; undefined where nothing is left of it. */
export function freezeInForce(ctx: OrdersView, { id, kind, status, account, ...asset }: Order): Freeze | undefined {
  if (kind !== 'freeze' || status !== 'confirmed' || account === undefined) return undefined;
  return freezesOf(ctx, asset, account).find(({ order }) => order === id);
}
