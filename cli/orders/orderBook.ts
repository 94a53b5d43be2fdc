import { orders } from '../../contracts/index.js';
import type { Terms } from '../../contracts/orders/declaration.js';
import { orderTermsHash } from '../../contracts/orders/proposals.js';
import { toChecksum } from '../../primitives/address.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { CliError } from '../errors.js';
import type { Session } from '../session.js';
import { formatFields } from '../table.js';

const o = orders.methods;

export type OrderState = NonNullable<Awaited<ReturnType<typeof askOrder>>>;

function askOrder({ client }: Session, id: string) {
  return client.read(o.order, { id });
}

/** The terms of an order, without what has become of it. */
export function termsOf(order: OrderState): Terms {
  const { id, authority, document, kind, currency, instrument } = order;
  const { account, amount, until, to, freeze, freezeTerms, member } = order;
  const ground = { id, authority, document, kind, currency, instrument };
  return { ...ground, account, amount, until, to, freeze, freezeTerms, member };
}

/**
 * An order and the hash of its terms, which is made of exactly what is shown: no node can have a second person agree to anything
 * else.
 *
 * @throws CliError `NOT_FOUND`; `PROPOSAL_INVALID` where the node’s hash is another
 */
export async function readOrder(
  session: Session,
  id: string,
): Promise<{ readonly order: OrderState; readonly hash: Hash }> {
  const order = await askOrder(session, id);
  if (order === undefined) {
    throw new CliError('NOT_FOUND', `expected an order of this network, found none called "${id.slice(0, 80)}"`, {
      expected: 'an order',
      actual: id.slice(0, 80),
      hint: '`vostro order list --account BIC` lists the proposals of a member',
    });
  }
  const hash = orderTermsHash(termsOf(order));
  if (equalBytes(hash, order.terms)) return { order, hash };
  throw new CliError('PROPOSAL_INVALID', `expected the terms of ${toHex(order.terms)}, found others`, {
    expected: toHex(order.terms),
    actual: toHex(hash),
    hint: 'the node contradicts itself: ask another one with --rpc',
  });
}

type Asset = Pick<Terms, 'currency' | 'instrument'>;

/** `1,250.00 EUR`, `100 BOND-2031`, `everything in EUR`. */
export function shownSum({ network }: Session, { currency, instrument }: Asset, amount: bigint | undefined): string {
  const asset = currency ?? instrument ?? '';
  if (amount === undefined) return `everything in ${asset}`;
  return `${formatAmountForPeople(amount, currency === undefined ? 0 : network.decimalsOf(currency))} ${asset}`;
}

/** A sum as a program reads it: money in the major unit, units whole; null for everything. */
function sumData({ network }: Session, { currency }: Asset, amount: bigint | undefined): string | null {
  if (amount === undefined) return null;
  return currency === undefined ? amount.toString() : formatMajorAmount(amount, network.decimalsOf(currency));
}

const WORDS = {
  freeze: 'freeze',
  seize: 'seizure',
  lift: 'lifting of a freeze',
  default: 'declaration of a default',
} as const;

/** What a person reads before agreeing. */
export function describeTerms(session: Session, terms: Terms, hash: Hash): string {
  const { accounts } = session;
  const { id, kind, authority, document, account, amount, until, to, freeze, freezeTerms, member } = terms;
  const sum = kind === 'lift' ? liftedSum(amount) : shownSum(session, terms, amount);
  return formatFields([
    ['order', id],
    ['kind', WORDS[kind]],
    ['authority', authority],
    ['document', toHex(document)],
    ...(account === undefined ? [] : [['account', accounts.shown(account)] as const]),
    ...(kind === 'default' ? [] : [['amount', sum] as const]),
    ...(to === undefined ? [] : [['to', accounts.shown(to)] as const]),
    ...(until === undefined ? [] : [['until', new Date(until).toISOString()] as const]),
    ...(freeze === undefined ? [] : [['freeze', freeze] as const]),
    ...(freezeTerms === undefined ? [] : [['its terms', toHex(freezeTerms)] as const]),
    ...(member === undefined ? [] : [['member', member] as const]),
    ['terms', toHex(hash)],
  ]);
}

/** The asset of a lifting stands with the freeze. */
function liftedSum(amount: bigint | undefined): string {
  return amount === undefined ? 'all that is left of it' : `${amount} in minor units`;
}

/** An order as it stands. */
export function describeOrder(session: Session, order: OrderState, hash: Hash): string {
  const { status, by, proposers, confirmers, confirmBefore, closedAt, inForce } = order;
  const keys = (list: OrderState['proposers']): string => list.map(toChecksum).join(', ');
  const fields = formatFields([
    ['status', closedAt === undefined ? status : `${status} at ${new Date(closedAt).toISOString()}`],
    ['ordered by', by],
    ['proposal signed by', keys(proposers)],
    ...(confirmers.length === 0 ? [] : [['confirmation signed by', keys(confirmers)] as const]),
    ...(status === 'proposed' ? [['confirm before', new Date(confirmBefore).toISOString()] as const] : []),
    ...(order.kind === 'freeze' && status === 'confirmed'
      ? [['in force', inForce === undefined ? 'no more' : shownSum(session, order, inForce.amount)] as const]
      : []),
  ]);
  return `${describeTerms(session, termsOf(order), hash)}\n\n${fields}`;
}

/** An order for programs. */
export function orderData(session: Session, order: OrderState) {
  const { id, kind, status, authority, by, account, to, member, freeze, until, closedAt, inForce } = order;
  const time = (timestamp: number | undefined) => (timestamp === undefined ? null : new Date(timestamp).toISOString());
  return {
    ...{ id, kind, status, authority, by, terms: toHex(order.terms), document: toHex(order.document) },
    asset: order.currency ?? order.instrument ?? null,
    account: account === undefined ? null : toChecksum(account),
    amount: kind === 'lift' ? (order.amount?.toString() ?? null) : sumData(session, order, order.amount),
    to: to === undefined ? null : toChecksum(to),
    freeze: freeze ?? null,
    member: member ?? null,
    until: time(until),
    confirmBefore: time(order.confirmBefore),
    closedAt: time(closedAt),
    proposers: order.proposers.map(toChecksum),
    confirmers: order.confirmers.map(toChecksum),
    inForce: inForce === undefined ? null : { amount: sumData(session, order, inForce.amount) },
  };
}
