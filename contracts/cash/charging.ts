import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import type { Infer } from '../api/schema.js';
import { policyShortfall } from '../membership/policy.js';
import { signingMethod } from '../membership/signingMethod.js';
import { Allowance, type allowance } from './allowance.js';
import { type Controls, putControls } from './controls.js';
import type { CashContext, CashView } from './declaration.js';
import {
  type AccountLimits,
  type CounterpartyLimit,
  countedOn,
  counterpartyOn,
  limitOf,
  limitsOn,
  usedOn,
} from './limitBook.js';
import { countRuled } from './ruled.js';

/** Contracts that count what they take as it is submitted: what they set aside for it later is authorised already. */
export const COUNTED_BEFORE: readonly string[] = ['netting', 'queue'];

/** About what one payment takes where its account has limits, in nanoseconds. */
const CHARGE_FUEL = 400;

type Day = CalendarDay | undefined;

/** What an account authorises; a lock has no creditor. */
export interface Authorised {
  readonly amount: bigint;
  readonly creditor?: Address;
}

interface Owner {
  readonly currency: string;
  readonly account: Address;
}

/** Those of an account's limits that count on a business day. */
interface Limits {
  readonly day: Day;
  readonly own: AccountLimits;
  readonly counterparties: ReadonlyMap<Address, CounterpartyLimit>;
}

function readLimits(ctx: CashView, { currency, account }: Owner, kept: AccountLimits): Limits {
  const { day } = ctx.state.days.get(currency);
  const own = limitsOn(kept, day);
  if (own.counterparties === 0) return { day, own, counterparties: new Map() };
  const rows = ctx.state.counterparties.entriesUnder([currency, account], own.counterparties);
  return { day, own, counterparties: new Map(rows.map(({ key, value }) => [key[2], counterpartyOn(value, day)])) };
}

/** What an account may still authorise now, by who signs this transaction. */
export function allowanceOf(ctx: CashContext, owner: Owner, kept: AccountLimits): Infer<typeof allowance> {
  return describe(ctx, owner, readLimits(ctx, owner, kept));
}

function describe(ctx: CashContext, owner: Owner, { day, own, counterparties }: Limits): Infer<typeof allowance> {
  const { perPayment, perDay } = own;
  return {
    perPayment,
    ofKeys: largestOfKeys(ctx, owner, own, day),
    perDay: perDay === undefined ? undefined : { limit: perDay, used: usedOn(own, day) },
    counterparties: [...counterparties].flatMap(([creditor, limit]) =>
      limit.amount === undefined ? [] : [{ creditor, limit: limit.amount, used: usedOn(limit, day) }],
    ),
  };
}

/**
 * Counts what an account authorises against its limits and the rules of authorities, where it has any.
 *
 * @param isPaid the money goes to the creditors now
 * @throws ContractFailure `LIMIT_PER_PAYMENT`, `LIMIT_OF_KEY`, `LIMIT_COUNTERPARTY`, `LIMIT_PER_DAY`; those of `supervision`
 */
export function charge(
  ctx: CashContext,
  owner: Owner,
  controls: Controls,
  authorised: readonly Authorised[],
  isPaid: boolean,
): void {
  countRuled(ctx, owner, controls, authorised, { isNew: true, isOutgoing: true, isPaid });
  if (controls.limits === undefined) return;
  ctx.useFuel(CHARGE_FUEL * authorised.length);
  const limits = readLimits(ctx, owner, controls.limits);
  const left = new Allowance(describe(ctx, owner, limits));
  const towards = new Map<Address, bigint>();
  let total = 0n;
  for (const { amount, creditor } of authorised) {
    const refusal = left.limitRefusalOf(amount, creditor);
    if (refusal !== undefined) ctx.fail(refusal.code, refusal.data);
    left.take(amount, creditor);
    total += amount;
    if (creditor !== undefined) towards.set(creditor, (towards.get(creditor) ?? 0n) + amount);
  }
  const counterparties = keepCounterparties(ctx, owner, limits, towards);
  const own = { ...countedOn(limits.own, limits.day, total), counterparties };
  putControls(ctx.state.controls, owner.currency, owner.account, { ...controls, limits: own });
}

/** Writes what was authorised towards creditors, and forgets limits that are over. @returns how many are left */
function keepCounterparties(
  ctx: CashContext,
  { currency, account }: Owner,
  { day, counterparties }: Limits,
  towards: ReadonlyMap<Address, bigint>,
): number {
  let left = counterparties.size;
  for (const [creditor, limit] of counterparties) {
    const amount = towards.get(creditor);
    if (limit.amount === undefined) {
      ctx.state.counterparties.delete(currency, account, creditor);
      left -= 1;
    } else if (amount !== undefined) {
      ctx.state.counterparties.set(currency, account, creditor, countedOn(limit, day, amount));
    }
  }
  return left;
}

/**
 * The largest amount for which the keys that have signed satisfy the account's policy; undefined where any will do. What the
 * policy's own keys have done to it since the business day was opened helps nobody today: a key that they brought in counts, named
 * or not, as the one that is bounded most, and so does every key once they have loosened the policy.
 */
function largestOfKeys(
  ctx: CashContext,
  { currency, account }: Owner,
  { keys }: AccountLimits,
  day: Day,
): bigint | undefined {
  if (keys.length === 0 || day === undefined) return undefined;
  const amounts = [...new Set(keys.map(({ amount }) => amount))].sort((a, b) => (a < b ? 1 : -1));
  const lowest = amounts.at(-1);
  const policy = ctx.view(signingMethod, { account }) ?? ctx.fail('ACCOUNT_UNKNOWN', { account });
  const { timestamp: opened } = ctx.state.figures.get(currency, day).opened;
  const isLoosened = policy.loosenedAt !== undefined && policy.loosenedAt >= opened;
  const bounds = new Map(
    policy.keys.map(({ key, since }) => [key, isLoosened || since >= opened ? lowest : limitOf(keys, key)]),
  );
  const signing = { ...policy, keys: policy.keys.map(({ key }) => key) };
  const suffices = (amount: bigint | undefined): boolean =>
    policyShortfall(signing, ctx.signers, (key) => {
      const bound = bounds.get(key);
      return bound === undefined || (amount !== undefined && amount <= bound);
    }) === undefined;
  return suffices(undefined) ? undefined : (amounts.find(suffices) ?? 0n);
}
