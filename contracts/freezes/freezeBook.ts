import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';

/** What orders of authorities keep in an account, and the sums of it: the same for money and for units. */

/** Freezes of one account and asset. */
export const MAX_FREEZES = 16;

/** Without an amount it freezes everything, whatever arrives; in a block of the time `until` and later it counts no more. */
export const freeze = t.struct({ order: t.id, amount: t.optional(t.amount), until: t.optional(t.uint()) });
export const freezes = t.list(freeze, MAX_FREEZES);
export type Freeze = Infer<typeof freeze>;

/** No account has more, so that nothing leaves one of which as much is frozen. */
const EVERYTHING = MAX_AMOUNT;

/** The freezes that count in a block of this time. */
export function inForce(all: readonly Freeze[], timestamp: number): readonly Freeze[] {
  return all.filter(({ until }) => until === undefined || timestamp < until);
}

/** What all freezes in force keep together, at most `EVERYTHING`. */
export function frozenSum(all: readonly Freeze[], timestamp: number): bigint {
  if (all.length === 0) return 0n;
  let sum = 0n;
  for (const { amount } of inForce(all, timestamp)) sum += amount ?? EVERYTHING;
  return sum < EVERYTHING ? sum : EVERYTHING;
}

/** What may leave of what there is. */
export function availableOf(held: bigint, frozen: bigint): bigint {
  return held > frozen ? held - frozen : 0n;
}

/** A frozen sum as views and refusals tell it: none where everything is. */
export function shownFrozen(frozen: bigint): bigint | undefined {
  return frozen === EVERYTHING ? undefined : frozen;
}

/** The numbers of a refusal: of what there is, orders keep so much that less may leave than is asked for. */
export const frozenFields = {
  account: t.address,
  available: t.amount,
  /** None: everything. */
  frozen: t.optional(t.amount),
  required: t.amount,
};

/** What is to leave an account, of what there is, and what orders keep of it. */
export interface Leaving {
  readonly held: bigint;
  readonly frozen: bigint;
  readonly required: bigint;
}

/** The numbers of a refusal; undefined where at least as much stays as orders keep. */
export function frozenRefusal(account: Address, { held, frozen, required }: Leaving): FrozenRefusal | undefined {
  if (held - required >= frozen) return undefined;
  return { account, available: availableOf(held, frozen), frozen: shownFrozen(frozen), required };
}

type FrozenRefusal = Infer<typeof frozenSchema>;
const frozenSchema = t.struct(frozenFields);

/** What views tell of an account's freezes. */
export const freezesFields = {
  /** Free and locked together. */
  held: t.amount,
  /** What of the free part may leave. */
  available: t.amount,
  /** The sum of what is in force; none: everything. */
  frozen: t.optional(t.amount),
  /** More is frozen than there is, locks included: nothing of it goes anywhere. */
  isExceeded: t.bool,
  /** Those in force. */
  freezes,
};

/** An account's freezes as views tell them. */
export function describeFreezes(
  all: readonly Freeze[],
  { free, locked, timestamp }: { readonly free: bigint; readonly locked: bigint; readonly timestamp: number },
) {
  const frozen = frozenSum(all, timestamp);
  const held = free + locked;
  return {
    held,
    available: availableOf(free, frozen),
    frozen: shownFrozen(frozen),
    isExceeded: frozen > held,
    freezes: inForce(all, timestamp),
  };
}

/** What a seizure leaves of an account's freezes, and what of its amount they had kept. */
export function seizedFrom(
  all: readonly Freeze[],
  { free, amount, freeze: named, timestamp }: Seizure,
): { readonly freezes: readonly Freeze[]; readonly frozenUsed: bigint } {
  const beyond = availableOf(amount, availableOf(free, frozenSum(all, timestamp)));
  const consumed = inForce(all, timestamp).find(({ order }) => order === named);
  if (consumed === undefined) return { freezes: all, frozenUsed: beyond };
  const { amount: kept = amount } = consumed;
  const used = kept < amount ? kept : amount;
  const freezesLeft = all.flatMap((each) => (each === consumed ? lessened(each, used) : [each]));
  return { freezes: freezesLeft, frozenUsed: used > beyond ? used : beyond };
}

/** A freeze without a part of its amount; none once nothing is left of it. One of everything stays. */
export function lessened(one: Freeze, amount: bigint): readonly Freeze[] {
  if (one.amount === undefined) return [one];
  return one.amount > amount ? [{ ...one, amount: one.amount - amount }] : [];
}

interface Seizure {
  readonly free: bigint;
  readonly amount: bigint;
  /** The order whose freeze it uses up; none: it shrinks no freeze. */
  readonly freeze?: string | undefined;
  readonly timestamp: number;
}
