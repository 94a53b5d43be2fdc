import type { Address } from '../../primitives/types.js';
import type { MethodKind, MethodRef } from '../api/method.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import type { Asset } from './asset.js';

/** What contracts lock that deal in money and in units alike. */

/** What of a context it takes to move what is locked. */
interface Caller {
  call<A, T>(method: MethodRef<A, T, MethodKind>, args: A): T;
  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T;
}

/** A lock of the contract that calls. */
interface OwnLock {
  readonly contract: string;
  readonly lock: string;
}

/** Sets an amount of the owner's aside, under the owner's authorisation, in a lock of the contract that calls. */
export function setAside(
  ctx: Caller,
  { currency, instrument }: Asset,
  lock: string,
  owner: Address,
  amount: bigint,
): void {
  if (currency !== undefined) ctx.call(cash.methods.lock, { currency, lock, debtor: owner, amount });
  if (instrument !== undefined) ctx.call(assets.methods.lock, { instrument, lock, holder: owner, amount });
}

/** Gives an amount out of a lock of the contract that calls. */
export function handOver(
  ctx: Caller,
  { currency, instrument }: Asset,
  lock: string,
  to: Address,
  amount: bigint,
): void {
  if (currency !== undefined) ctx.call(cash.methods.release, { currency, lock, creditor: to, amount });
  if (instrument !== undefined) ctx.call(assets.methods.release, { instrument, lock, to, amount });
}

/** What a lock holds; none where the members have given it back by themselves (`returnLock`), or where it never was. */
export function heldIn(ctx: Caller, { currency, instrument }: Asset, key: OwnLock): bigint | undefined {
  if (currency !== undefined) return ctx.view(cash.methods.lockOf, { currency, ...key })?.amount;
  return instrument === undefined ? undefined : ctx.view(assets.methods.lockOf, { instrument, ...key })?.amount;
}

/** Gives back to its owner what a lock of the contract that calls still holds. */
export function giveBack(ctx: Caller, asset: Asset, key: OwnLock, owner: Address): void {
  const held = heldIn(ctx, asset, key);
  if (held !== undefined) handOver(ctx, asset, key.lock, owner, held);
}
