import type { Address } from '../../primitives/types.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import type { Freeze } from '../freezes/freezeBook.js';
import type { Asset } from '../locks/asset.js';
import type { OrdersContext, OrdersView } from './declaration.js';

/** Money and units under one set of words. */

/** The currency that an order is about: its own, or that in which the instrument is denominated. */
export function currencyOf(ctx: OrdersView, { currency, instrument }: Asset): string {
  ctx.require((currency === undefined) !== (instrument === undefined), 'ASSET_INVALID');
  if (currency !== undefined) return currency;
  const id = instrument ?? '';
  const found = ctx.view(assets.methods.instrument, { instrument: id });
  return found?.currency ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument: id });
}

/** How often the units that an order counts have been split; none where it counts none. */
export function splitsOf(
  ctx: OrdersView,
  { instrument, amount }: Asset & { readonly amount?: bigint | undefined },
): number | undefined {
  if (instrument === undefined || amount === undefined) return undefined;
  return ctx.view(assets.methods.supply, { instrument }).splits;
}

/** The freezes of an account that are in force. */
export function freezesOf(ctx: OrdersView, { currency, instrument }: Asset, account: Address): readonly Freeze[] {
  return currency === undefined
    ? ctx.view(assets.methods.freezes, { instrument: instrument ?? '', account }).freezes
    : ctx.view(cash.methods.freezes, { currency, account }).freezes;
}

export function setFreezes(ctx: OrdersContext, asset: Asset, account: Address, freezes: readonly Freeze[]): void {
  const { currency, instrument } = asset;
  if (currency !== undefined) ctx.call(cash.methods.setFreezes, { currency, account, freezes });
  else ctx.call(assets.methods.setFreezes, { instrument: instrument ?? '', account, freezes });
}

/** What is taken from whom, by which order. */
interface Taking {
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
  readonly order: string;
  readonly freeze: string | undefined;
}

export function seize(ctx: OrdersContext, { currency, instrument }: Asset, taking: Taking): void {
  if (currency !== undefined) ctx.call(cash.methods.seize, { currency, ...taking });
  else ctx.call(assets.methods.seize, { instrument: instrument ?? '', ...taking });
}
