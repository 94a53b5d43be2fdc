import type { Address } from '../../primitives/types.js';
import type { AddressSchema } from '../api/byteStrings.js';
import type { StructOf } from '../api/composites.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import type { ReadonlyStateMap, StateMap } from '../api/state.js';
import type { IdentifierSchema } from '../api/strings.js';
import { t } from '../api/t.js';

/** What contracts hold for accounts, and the sum of it for each account: the same for money and for units. */

type LockKeySchemas = readonly [IdentifierSchema, IdentifierSchema, IdentifierSchema];
type SumKeySchemas = readonly [IdentifierSchema, AddressSchema];

/** What is locked (a currency, an instrument), the contract that holds it, the lock's name. */
export type LockKey = readonly [asset: string, contract: string, lock: string];

/** What a lock holds; who it is held for stands beside it, under the asset's own word. */
interface Lock {
  readonly amount: bigint;
}

/** Where the locks of one kind of asset are kept; no entry for nothing. */
export interface LockMaps<L extends Lock> {
  readonly locks: StateMap<LockKeySchemas, L>;
  readonly locked: StateMap<SumKeySchemas, bigint>;
}

/** A page of one contract's locks: what a view takes beside the asset. */
export const lockPage = { contract: t.id, limit: t.uint(RANGE_LIMIT), after: t.optional(t.id) };

/** Sets a lock that is not there yet. */
export function putIn<L extends Lock>({ locks, locked }: LockMaps<L>, key: LockKey, owner: Address, lock: L): void {
  locks.set(...key, lock);
  locked.set(key[0], owner, locked.get(key[0], owner) + lock.amount);
}

/** Adds to what a lock holds. */
export function addTo<L extends Lock>(
  { locks, locked }: LockMaps<L>,
  key: LockKey,
  owner: Address,
  held: L,
  amount: bigint,
): void {
  locks.set(...key, { ...held, amount: held.amount + amount });
  locked.set(key[0], owner, locked.get(key[0], owner) + amount);
}

/** Takes a part of what a lock holds out of it, or all. @returns what remains in it */
export function takeOut<L extends Lock>(
  { locks, locked }: LockMaps<L>,
  key: LockKey,
  owner: Address,
  held: L,
  amount: bigint,
): bigint {
  const remaining = held.amount - amount;
  if (remaining === 0n) locks.delete(...key);
  else locks.set(...key, { ...held, amount: remaining });
  const sum = locked.get(key[0], owner) - amount;
  if (sum === 0n) locked.delete(key[0], owner);
  else locked.set(key[0], owner, sum);
  return remaining;
}

/** What one contract holds of an asset, in the order of its locks. */
export function locksOf<L extends Lock>(
  locks: ReadonlyStateMap<LockKeySchemas, L>,
  asset: string,
  { contract, limit, after }: StructOf<typeof lockPage>,
): readonly ({ readonly lock: string } & L)[] {
  const last: LockKey | undefined = after === undefined ? undefined : [asset, contract, after];
  return locks.entriesUnder([asset, contract], limit, last).map(({ key: [, , lock], value }) => ({ lock, ...value }));
}
