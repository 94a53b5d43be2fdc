import { callOf } from '../../contracts/api/method.js';
import { cash, supervision } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address, Call } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { parseDuration } from '../governance/terms.js';
import { timeOf } from '../htlc/htlcBook.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatTable } from '../table.js';
import { currencyOf } from '../values.js';

const s = supervision.methods;
const MAX_COUNT = 1_000_000_000;

interface Bound {
  readonly session: Session;
  readonly currency: string;
  readonly account: Address;
}

async function boundOf(invocation: Invocation): Promise<Bound> {
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  return { session, currency, account: await session.accounts.address(invocation.options.required('of')) };
}

async function sendRule(
  invocation: Invocation,
  { session, ...bound }: Bound,
  call: Call,
  what: string,
): Promise<CommandResult> {
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [call] }, async (final) => {
    const { data, text } = await describeRules({ session, ...bound });
    return finalResult(final, `${what}\n${text}`, data as object);
  });
}

export async function setVelocity(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const bound = await boundOf(invocation);
  const { session, currency, account } = bound;
  const sum = options.text('maxSum');
  const rule = {
    windowMs: parseDuration(options.required('window'), '--window'),
    maxCount: options.integer('maxCount', 0, MAX_COUNT),
    maxSum: sum === undefined ? undefined : parseMajorAmount(sum, session.network.decimalsOf(currency)),
  };
  const call = callOf(s.setVelocity, { currency, account, ...rule });
  return sendRule(invocation, bound, call, `bound ${session.accounts.shown(account)} in ${currency}`);
}

export async function setExposure(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const bound = await boundOf(invocation);
  const { session, currency, account } = bound;
  const offsetting: Address[] = [];
  for (const name of options.list('offset')) offsetting.push(await session.accounts.address(name));
  const counterparty = options.required('counterparty');
  const limit = parseMajorAmount(options.required('limit'), session.network.decimalsOf(currency));
  const call = callOf(s.setExposure, { currency, account, counterparty, limit, offsetting });
  return sendRule(invocation, bound, call, `bound ${session.accounts.shown(account)} towards ${counterparty}`);
}

export async function endRule(invocation: Invocation): Promise<CommandResult> {
  const bound = await boundOf(invocation);
  const { session, currency, account } = bound;
  const counterparty = invocation.options.text('counterparty');
  const call =
    counterparty === undefined
      ? callOf(s.endVelocity, { currency, account })
      : callOf(s.endExposure, { currency, account, counterparty });
  return sendRule(invocation, bound, call, `ended a rule of ${session.accounts.shown(account)}`);
}

export async function showRules(invocation: Invocation): Promise<CommandResult> {
  return describeRules(await boundOf(invocation));
}

/** The rules that bind an account, and what they leave now. */
async function describeRules({ session, currency, account }: Bound): Promise<CommandResult> {
  const { client, network } = session;
  const { velocity, exposures } = await client.read(s.rules, { currency, account });
  const { day } = await client.read(cash.methods.businessDay, { currency });
  const left = await client.read(s.left, { currency, account, day });
  const decimals = network.decimalsOf(currency);
  const money = (amount: bigint): string => `${formatAmountForPeople(amount, decimals)} ${currency}`;
  const window = velocity === undefined ? '' : ` in ${velocity.windowMs / 1_000} s`;
  const rows: (readonly string[])[] = [];
  if (left.count !== undefined) {
    rows.push([`payments${window}`, String(left.count.limit), String(left.count.used), velocity?.by ?? '']);
  }
  if (left.sum !== undefined)
    rows.push([`sum${window}`, money(left.sum.limit), money(left.sum.used), velocity?.by ?? '']);
  for (const { counterparty, limit, used } of left.exposures) {
    const by = exposures.find((each) => each.counterparty === counterparty)?.by ?? '';
    rows.push([`towards ${counterparty} today`, money(limit), money(used), by]);
  }
  const right = { align: 'right' } as const;
  const columns = [{ title: 'RULE' }, { title: 'LIMIT', ...right }, { title: 'USED', ...right }, { title: 'SET BY' }];
  const amounts = ({ limit, used }: { readonly limit: bigint; readonly used: bigint }) => ({
    ...{ limit: formatMajorAmount(limit, decimals), used: formatMajorAmount(used, decimals) },
  });
  return {
    data: {
      ...{ account: toChecksum(account), currency },
      windowMs: velocity?.windowMs ?? null,
      count: left.count === undefined ? null : { limit: Number(left.count.limit), used: Number(left.count.used) },
      sum: left.sum === undefined ? null : amounts(left.sum),
      exposures: left.exposures.map(({ counterparty, ...rest }) => ({ counterparty, ...amounts(rest) })),
    },
    text: rows.length === 0 ? 'no rules' : formatTable(columns, rows),
  };
}

/** What the members let a supervisor do. */
export async function showMandate(invocation: Invocation): Promise<CommandResult> {
  const member = argument(invocation, 0, 'bic');
  const session = await openSession(invocation);
  const found = await session.client.read(s.mandate, { member });
  if (found === undefined) {
    return { data: { member, mandate: null }, text: `no mandate bounds ${member}: it may do what its role says` };
  }
  const { currencies, members, until, maxFreezeMs, maySeize } = found;
  const named = (list: readonly string[], all: string): string => (list.length === 0 ? all : list.join(', '));
  const text = [
    `${member} may order until ${timeOf(until)}`,
    `in ${named(currencies, 'every currency')}, over ${named(members, 'every member')}`,
    `freezes of at most ${maxFreezeMs / 3_600_000} hours, ${maySeize ? 'and seizures' : 'no seizures'}`,
  ].join('\n');
  return { data: { member, mandate: { currencies, members, until: timeOf(until), maxFreezeMs, maySeize } }, text };
}
