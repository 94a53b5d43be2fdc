import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';

/** The limits that an account sets itself. What tightens them counts at once, what loosens them from the next business day on. */

/** Keys that one setting may bound. */
export const MAX_KEY_LIMITS = 16;

/** Keys that are bounded at a time: those of several settings of one day. */
export const MAX_KEYS_IN_FORCE = 64;

/** Creditors that an account may bound in one currency. */
export const MAX_COUNTERPARTIES = 64;

export const keyLimit = t.struct({ key: t.address, amount: t.amount });

/** What an account bounds: none where a limit is left out. */
export const limitFields = {
  /** One payment, transfer or lock. */
  perPayment: t.optional(t.amount),
  /** All that it authorises on a business day. */
  perDay: t.optional(t.amount),
  /** Keys that count towards the threshold only up to an amount; a key that is not named counts for any. */
  keys: t.list(keyLimit, MAX_KEY_LIMITS),
};

const limitValues = t.struct(limitFields);

const usage = {
  /** The newest business day when it was changed last. */
  changedOn: t.optional(t.day),
  usedOn: t.optional(t.day),
  /** What was authorised on that business day. */
  used: t.amount,
};

export const accountLimits = t.struct({
  ...limitFields,
  keys: t.list(keyLimit, MAX_KEYS_IN_FORCE),
  /** What is in force from the first business day on that is opened after the one of the change. */
  next: t.optional(limitValues),
  ...usage,
  /** Creditors that it bounds. */
  counterparties: t.uint(MAX_COUNTERPARTIES),
});

export const counterpartyLimit = t.struct({
  amount: t.optional(t.amount),
  next: t.optional(t.struct({ amount: t.optional(t.amount) })),
  ...usage,
});

export type LimitValues = Infer<typeof limitValues>;
export type AccountLimits = Infer<typeof accountLimits>;
export type CounterpartyLimit = Infer<typeof counterpartyLimit>;
type Day = CalendarDay | undefined;

export const NO_LIMITS: AccountLimits = {
  ...{ perPayment: undefined, perDay: undefined, keys: [], next: undefined },
  ...{ changedOn: undefined, usedOn: undefined, used: 0n, counterparties: 0 },
};

export const NO_LIMIT: CounterpartyLimit = {
  ...{ amount: undefined, next: undefined, changedOn: undefined, usedOn: undefined, used: 0n },
};

/** True once a business day is the newest that was opened after the change: what was put off is in force. */
function isOver(changedOn: Day, newest: Day): boolean {
  return newest !== undefined && newest > (changedOn ?? 0);
}

/** The limits with what is in force of them on the newest business day in the first place. */
export function limitsOn(limits: AccountLimits, newest: Day): AccountLimits {
  const { next, changedOn } = limits;
  return next !== undefined && isOver(changedOn, newest) ? { ...limits, ...next, next: undefined } : limits;
}

/** The same of the limit towards one creditor. */
export function counterpartyOn(limit: CounterpartyLimit, newest: Day): CounterpartyLimit {
  const { next, changedOn } = limit;
  return next !== undefined && isOver(changedOn, newest) ? { ...limit, ...next, next: undefined } : limit;
}

/** What was authorised on a business day. */
export function usedOn({ usedOn: day, used }: Pick<AccountLimits, 'usedOn' | 'used'>, on: Day): bigint {
  return day === on ? used : 0n;
}

/** With a further sum authorised on a business day. It stops at what an amount holds: no limit is higher. */
export function countedOn<L extends Pick<AccountLimits, 'usedOn' | 'used'>>(limit: L, on: Day, amount: bigint): L {
  const sum = usedOn(limit, on) + amount;
  return { ...limit, usedOn: on, used: sum < MAX_AMOUNT ? sum : MAX_AMOUNT };
}

/** The limits as they are once the account wants others: of today's and the wanted the tighter ones, and the wanted from the next day on. */
export function changedLimits(limits: AccountLimits, wanted: LimitValues, newest: Day): AccountLimits {
  const now = limitsOn(limits, newest);
  const tight = {
    perPayment: tighter(now.perPayment, wanted.perPayment),
    perDay: tighter(now.perDay, wanted.perDay),
    keys: tighterKeys(now.keys, wanted.keys),
  };
  return { ...now, ...tight, next: isSame(tight, wanted) ? undefined : wanted, changedOn: newest };
}

/** What the account has wanted last. */
export function wantedOf(limits: AccountLimits): LimitValues {
  return limits.next ?? limits;
}

export function changedCounterparty(
  limit: CounterpartyLimit,
  wanted: bigint | undefined,
  newest: Day,
): CounterpartyLimit {
  const now = counterpartyOn(limit, newest);
  const amount = tighter(now.amount, wanted);
  return { ...now, amount, next: amount === wanted ? undefined : { amount: wanted }, changedOn: newest };
}

export function isSame(a: LimitValues, b: LimitValues): boolean {
  const isSameKeys =
    a.keys.length === b.keys.length && b.keys.every(({ key, amount }) => limitOf(a.keys, key) === amount);
  return a.perPayment === b.perPayment && a.perDay === b.perDay && isSameKeys;
}

/** True where nothing is bounded, and nothing will be. */
export function isNothing({ perPayment, perDay, keys, next, counterparties }: AccountLimits): boolean {
  const isFree = perPayment === undefined && perDay === undefined && keys.length === 0;
  return isFree && next === undefined && counterparties === 0;
}

export function limitOf(keys: LimitValues['keys'], key: Address): bigint | undefined {
  return keys.find((each) => each.key === key)?.amount;
}

function tighter(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

function tighterKeys(now: LimitValues['keys'], wanted: LimitValues['keys']): LimitValues['keys'] {
  const kept = now.map(({ key, amount }) => ({ key, amount: tighter(amount, limitOf(wanted, key)) ?? amount }));
  return [...kept, ...wanted.filter(({ key }) => limitOf(now, key) === undefined)];
}

/** True where more keys would be bounded than a row holds. */
export function hasTooManyKeys({ keys }: AccountLimits): boolean {
  return keys.length > MAX_KEYS_IN_FORCE;
}
