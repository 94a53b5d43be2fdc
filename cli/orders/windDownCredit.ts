import { callOf } from '../../contracts/api/method.js';
import { credit, prices, repo } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { eligibleOf } from '../collateral/creditBook.js';
import { Money, resultOf } from '../collateral/step.js';
import type { Invocation } from '../invocation.js';
import { openRepos } from '../repo/repoBook.js';
import { send, TransactionFailedError } from '../sending.js';
import type { Session } from '../session.js';
import type { WalletAccount } from '../wallet.js';

const c = credit.methods;
/** More than one pool holds. */
const MAX_SALES = 16;
const ALL_BPS = 10_000n;

/** What of a member's loan in one currency was paid out of its collateral. */
export interface Liquidated {
  readonly currency: string;
  readonly account: Address;
  readonly paid: bigint;
  readonly owed: bigint;
  readonly isReturned: boolean;
}

interface Work {
  readonly session: Session;
  readonly invocation: Invocation;
  readonly account: WalletAccount;
  readonly member: string;
}

/**
 * Sells collateral of a suspended member to the central bank itself, the largest position first, at its price less the haircut, until its
 * loan is paid or nothing is left that can be sold; gives back what is left.
 */
export async function liquidatePool(work: Work, currency: string): Promise<readonly Liquidated[]> {
  const { session, invocation, member, account: sender } = work;
  const account = await session.client.read(c.lineOf, { currency, member });
  if (account === undefined) return [];
  const money = new Money(session, currency);
  let [paid, surplus] = [0n, 0n];
  for (let sale = 0; sale < MAX_SALES; sale++) {
    const sold = await sellLargest(work, currency, account);
    if (sold === undefined) break;
    paid += sold.paid;
    surplus += sold.surplus;
    invocation.output.note(`sold collateral in ${currency}: ${money.shown(sold.paid)} of the loan is paid`);
  }
  const line = await session.client.read(c.line, { currency, account });
  const owed = line?.owed ?? 0n;
  const isReturned = owed === 0n && ((line?.positions.length ?? 0) > 0 || surplus > 0n);
  if (isReturned) {
    await send(session, invocation, { account: sender, calls: [callOf(c.returnPool, { currency, account })] });
    invocation.output.note(`gave back the collateral in ${currency} that nothing is owed for`);
  }
  return paid === 0n && owed === 0n && !isReturned ? [] : [{ currency, account, paid, owed, isReturned }];
}

interface Sold {
  readonly paid: bigint;
  readonly surplus: bigint;
}

/** Sells of the first position, from the largest on, that can be sold. @returns none where nothing is owed, or nothing could be sold */
async function sellLargest(work: Work, currency: string, account: Address): Promise<Sold | undefined> {
  const line = await work.session.client.read(c.line, { currency, account });
  if (line === undefined || line.owed === 0n) return undefined;
  const largestFirst = [...line.positions].sort((a, b) => (a.value === b.value ? 0 : a.value < b.value ? 1 : -1));
  for (const { instrument, units } of largestFirst) {
    if (units === 0n) continue;
    const sold = await sellPosition(work, { currency, account, instrument, maxUnits: units });
    if (sold !== undefined) return sold;
  }
  return undefined;
}

interface Position {
  readonly currency: string;
  readonly account: Address;
  readonly instrument: string;
  readonly maxUnits: bigint;
}

async function sellPosition(
  { session, invocation, account: sender }: Work,
  position: Position,
): Promise<Sold | undefined> {
  const { currency, instrument } = position;
  const price = await priceOf(session, currency, instrument);
  if (price === undefined) return undefined;
  const call = callOf(c.liquidate, { ...position, buyer: sender.account, price });
  try {
    const { receipt } = await send(session, invocation, { account: sender, calls: [call] });
    return resultOf(c.liquidate, receipt.results[0]);
  } catch (error) {
    // The central bank cannot pay, or may not have the units, an order keeps them, or their price is stale.
    if (!(error instanceof TransactionFailedError)) throw error;
    invocation.output.note(`${instrument} was not sold: ${error.message}`);
    return undefined;
  }
}

/** The price less the haircut, rounded up: the lowest that collateral is sold for. */
async function priceOf(session: Session, currency: string, instrument: string): Promise<bigint | undefined> {
  const quote = await session.client.read(prices.methods.quote, { instrument });
  const eligible = await eligibleOf(session, currency, instrument);
  if (quote === undefined || eligible === undefined) return undefined;
  return (quote.price * (ALL_BPS - BigInt(eligible.haircutBps)) + ALL_BPS - 1n) / ALL_BPS;
}

/** Takes back what a suspended account has offered, and nobody accepted. @returns the ids */
export async function cancelRepoOffers(work: Work, account: Address): Promise<readonly string[]> {
  const { session, invocation, account: sender } = work;
  const found: string[] = [];
  for (const { id, status, seller, substitute } of await openRepos(session, account)) {
    if (seller !== account) continue;
    const isOffer = status === 'offered';
    if (!isOffer) invocation.output.note(`the repo ${id} is open: its buyer ends it by notice, vostro repo fail ${id}`);
    if (!isOffer && substitute === undefined) continue;
    const call = isOffer ? callOf(repo.methods.cancel, { id }) : callOf(repo.methods.dropSubstitute, { id });
    await send(session, invocation, { account: sender, calls: [call] });
    invocation.output.note(`took back what was offered in the repo ${id}`);
    found.push(id);
  }
  return found;
}
