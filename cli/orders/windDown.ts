import { callOf } from '../../contracts/api/method.js';
import type { Infer } from '../../contracts/api/schema.js';
import { assets, cash, membership, queue, settlement, subscriptions } from '../../contracts/index.js';
import { QUEUE_LIMITS } from '../../contracts/queue/records.js';
import { toChecksum } from '../../primitives/address.js';
import { invariant } from '../../primitives/errors.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { CliError, usageError } from '../errors.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import { send } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { isSimulated } from '../simulation.js';
import type { WalletAccount } from '../wallet.js';
import { cancelRepoOffers, type Liquidated, liquidatePool } from './windDownCredit.js';

/** More than a full queue takes. */
const MAX_STEPS = 1_000;
/** Open instructions of one page. */
const PAGE = 100;

type CancelResult = Infer<NonNullable<typeof queue.methods.cancelOf.returns>>;

/** What a winding down does it with. */
interface Work {
  readonly session: Session;
  readonly invocation: Invocation;
  /** The central bank's. */
  readonly account: WalletAccount;
  readonly member: string;
}

interface Cancelled {
  readonly currency: string;
  readonly cancelled: number;
  readonly amount: bigint;
  readonly dropped: number;
}

interface Reservation {
  readonly currency: string;
  readonly account: Address;
  readonly amount: bigint;
}

interface Done {
  readonly cancelled: readonly Cancelled[];
  readonly reservations: readonly Reservation[];
  /** Ids of those that were taken back. */
  readonly subscriptions: readonly string[];
  readonly allocations: readonly Allocation[];
  readonly loans: readonly Liquidated[];
  /** Repos in which an offer was taken back. */
  readonly repos: readonly string[];
}

interface Allocation {
  readonly instruction: string;
  readonly account: Address;
  readonly result: 'withdrawn' | 'committed';
  readonly deadline: number;
}

/**
 * Cancels what the accounts of a suspended member wait to pay and gives back what they have reserved and subscribed, in every currency
 * that the sender's member issues, and withdraws their allocations. Each step is a transaction of its own, so that a run after an interruption goes on with what is left.
 */
export async function windDown(invocation: Invocation): Promise<CommandResult> {
  if (isSimulated(invocation))
    throw usageError('--simulate', 'a command of one transaction', '`vostro default wind-down`');
  const member = argument(invocation, 0, 'bic');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  await requireSuspended(session, member);
  const work: Work = { session, invocation, account, member };
  const cancelled: Cancelled[] = [];
  const currencies = await issuedBy(work);
  for (const currency of currencies) cancelled.push(await cancelQueued(work, currency));
  const reservations: Reservation[] = [];
  for (const currency of currencies) reservations.push(...(await returnReserved(work, currency)));
  const cancelledOffers = await cancelSubscriptions(work, currencies);
  const allocations = await withdrawAllocations(work);
  const loans: Liquidated[] = [];
  for (const currency of currencies) loans.push(...(await liquidatePool(work, currency)));
  const repos: string[] = [];
  for (const { account: own } of await accountsOf(work)) repos.push(...(await cancelRepoOffers(work, own)));
  return describe(work, { cancelled, reservations, subscriptions: cancelledOffers, allocations, loans, repos });
}

/** @throws CliError `NOT_FOUND` */
async function requireSuspended({ client }: Session, member: string): Promise<void> {
  const found = await client.read(membership.methods.member, { member });
  if (found?.suspended === true) return;
  const actual = found === undefined ? 'no such member' : 'a member that is active';
  throw new CliError('NOT_FOUND', `expected a member that is suspended, found ${actual}`, {
    expected: 'a suspended member',
    actual,
    hint: '`vostro default declare` suspends it, once a second person has confirmed',
  });
}

/** Currencies of the sender's member: of others their own central banks cancel. */
async function issuedBy({ session: { client }, account }: Work): Promise<readonly string[]> {
  const { member: own } = await client.call('account', { account: account.account });
  const all = await client.read(cash.methods.currencies, {});
  return all.flatMap(({ currency, issuer }) => (issuer === own ? [currency] : []));
}

async function cancelQueued(work: Work, currency: string): Promise<Cancelled> {
  const { session, invocation, account, member } = work;
  let [cancelled, amount, dropped] = [0, 0n, 0];
  let after: CancelResult['next'];
  for (let step = 0; step < MAX_STEPS; step++) {
    if (!(await hasWaiting(work, currency))) break;
    const call = callOf(queue.methods.cancelOf, { currency, member, limit: QUEUE_LIMITS.rows, after });
    const [bytes] = (await send(session, invocation, { account, calls: [call] })).receipt.results;
    const { returns } = queue.methods.cancelOf;
    invariant(bytes !== undefined && returns !== undefined, 'a cancellation has a result');
    const result = returns.decode(bytes);
    cancelled += result.cancelled;
    amount += result.amount;
    dropped += result.dropped;
    const sum = formatAmountForPeople(result.amount, session.network.decimalsOf(currency));
    invocation.output.note(
      `${currency} queue: cancelled ${result.cancelled} payments of ${sum}, dropped ${result.dropped} that were over`,
    );
    after = result.next;
    if (after === undefined) break;
  }
  return { currency, cancelled, amount, dropped };
}

/** Nothing is sent where no account of the member waits to pay anything. */
async function hasWaiting(work: Work, currency: string): Promise<boolean> {
  for (const { account } of await accountsOf(work)) {
    const { outgoing } = await work.session.client.read(queue.methods.position, { currency, account });
    if (outgoing > 0) return true;
  }
  return false;
}

/** What the accounts hold back for urgent payments. */
async function returnReserved(work: Work, currency: string): Promise<readonly Reservation[]> {
  const { session, invocation, account: sender } = work;
  const found: Reservation[] = [];
  for (const { account } of await accountsOf(work)) {
    const { reserved: amount } = await session.client.read(queue.methods.position, { currency, account });
    if (amount === 0n) continue;
    const calls = [callOf(queue.methods.returnReserved, { currency, account })];
    await send(session, invocation, { account: sender, calls });
    const sum = formatAmountForPeople(amount, session.network.decimalsOf(currency));
    invocation.output.note(`gave back ${sum} ${currency} that ${session.accounts.shown(account)} had reserved`);
    found.push({ currency, account, amount });
  }
  return found;
}

/** Subscriptions to instruments in these currencies that are not allotted. */
async function cancelSubscriptions(work: Work, currencies: readonly string[]): Promise<readonly string[]> {
  const { session, invocation, account: sender } = work;
  const { client } = session;
  const found: string[] = [];
  for (const { account } of await accountsOf(work)) {
    const open = await collectPages<{ readonly instrument: string; readonly id: string }>((after) =>
      client.read(subscriptions.methods.ofAccount, { account, limit: PAGE_ITEMS, after }),
    );
    for (const { instrument, id } of open) {
      const terms = await client.read(assets.methods.instrument, { instrument });
      if (terms === undefined || !currencies.includes(terms.currency)) continue;
      await send(session, invocation, { account: sender, calls: [callOf(subscriptions.methods.cancel, { id })] });
      invocation.output.note(`took back the subscription ${id} to ${instrument}`);
      found.push(id);
    }
  }
  return found;
}

function accountsOf({ session: { client }, member }: Work) {
  return collectPages<Awaited<ReturnType<typeof accountPage>>[number]>((last) =>
    accountPage(client, member, last?.label),
  );
}

function accountPage(client: Session['client'], member: string, after: string | undefined) {
  return client.read(membership.methods.accounts, { member, limit: PAGE_ITEMS, after });
}

async function withdrawAllocations(work: Work): Promise<readonly Allocation[]> {
  const { session, invocation, account: sender } = work;
  const found: Allocation[] = [];
  for (const { account } of await accountsOf(work)) {
    for (const { id, allocation, deadline } of await openOf(session, account)) {
      if (allocation === 'none') continue;
      const isDue = allocation === 'withdrawable' || deadline <= invocation.host.nowMs();
      if (isDue) {
        await send(session, invocation, {
          account: sender,
          calls: [callOf(settlement.methods.withdraw, { id, account })],
        });
        invocation.output.note(`instruction ${id}: gave back the allocation of ${session.accounts.shown(account)}`);
      }
      found.push({ instruction: id, account, result: isDue ? 'withdrawn' : 'committed', deadline });
    }
  }
  return found;
}

async function openOf({ client }: Session, account: Address) {
  const all: Awaited<ReturnType<typeof openPage>>[number][] = [];
  for (let page = 0; page < MAX_STEPS; page++) {
    const more = await openPage(client, account, all.at(-1)?.id);
    all.push(...more);
    if (more.length < PAGE) break;
  }
  return all;
}

function openPage(client: Session['client'], account: Address, after: string | undefined) {
  return client.read(settlement.methods.openOf, { account, limit: PAGE, after });
}

function loanText({ network, accounts }: Session, { currency, account, paid, owed, isReturned }: Liquidated): string {
  const shown = (amount: bigint): string =>
    `${formatAmountForPeople(amount, network.decimalsOf(currency))} ${currency}`;
  const of = accounts.shown(account);
  const back = `gave back the collateral of ${of}`;
  if (paid === 0n) return isReturned ? back : `${of} owes ${shown(owed)}, and no collateral of it could be sold`;
  const rest = isReturned ? back : `${shown(owed)} is owed still`;
  return `collateral of ${of} paid ${shown(paid)} of its loan; ${rest}`;
}

function describe(
  { session, member }: Work,
  { cancelled, reservations, subscriptions, allocations, loans, repos }: Done,
): CommandResult {
  const { network, accounts } = session;
  const lines = cancelled.map(({ currency, cancelled: count, amount, dropped }) => {
    const sum = formatAmountForPeople(amount, network.decimalsOf(currency));
    return `${currency}: cancelled ${count} queued payments of ${sum}, dropped ${dropped} that were over`;
  });
  const withdrawn = allocations.filter(({ result }) => result === 'withdrawn');
  const committed = allocations.filter(({ result }) => result === 'committed');
  const text = [
    `wound down ${member}: what has settled stays settled`,
    ...lines,
    ...reservations.map(({ currency, account, amount }) => {
      const sum = formatAmountForPeople(amount, network.decimalsOf(currency));
      return `gave back ${sum} ${currency} that ${accounts.shown(account)} had reserved`;
    }),
    ...subscriptions.map((id) => `took back the subscription ${id}`),
    `gave back ${withdrawn.length} allocations`,
    ...loans.map((loan) => loanText(session, loan)),
    ...repos.map((id) => `took back what was offered in the repo ${id}`),
    ...committed.map(({ instruction, account, deadline }) => {
      const end = new Date(deadline).toISOString();
      return `${instruction} keeps the committed allocation of ${accounts.shown(account)} until ${end}: run this again then`;
    }),
  ].join('\n');
  const data = {
    member,
    queued: cancelled.map(({ currency, amount, ...rest }) => ({
      ...{ currency, amount: formatMajorAmount(amount, network.decimalsOf(currency)), ...rest },
    })),
    reservations: reservations.map(({ currency, account, amount }) => ({
      ...{ currency, account: toChecksum(account) },
      amount: formatMajorAmount(amount, network.decimalsOf(currency)),
    })),
    subscriptions,
    repos,
    loans: loans.map(({ currency, account, paid, owed, isReturned }) => ({
      ...{ currency, account: toChecksum(account), isReturned },
      paid: formatMajorAmount(paid, network.decimalsOf(currency)),
      owed: formatMajorAmount(owed, network.decimalsOf(currency)),
    })),
    allocations: allocations.map(({ account, deadline, ...rest }) => ({
      ...{ ...rest, account: toChecksum(account), deadline: new Date(deadline).toISOString() },
    })),
  };
  return { data, text };
}
