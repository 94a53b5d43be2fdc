import type { Address } from '../../primitives/types.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import type { Asset } from '../locks/asset.js';
import type { Instruction, Leg, Model, SettlementView } from './declaration.js';
import { legsByAsset, movementsOf } from './netting.js';

/** What an account has of an asset at one point of the settlement, and what of it orders keep; none: everything. */
interface Position {
  held: bigint;
  readonly frozen?: bigint | undefined;
}

/**
 * Accounts that could not send as the instruction says, in the order of the legs: orders keep so much that what they have does not suffice. An
 * account whose freezes exceed all that it has sends by no leg, whatever comes in by others.
 */
export function frozenSenders(
  ctx: SettlementView,
  { legs, model }: Pick<Instruction, 'legs' | 'model'>,
): readonly { readonly account: Address; readonly asset: Asset }[] {
  return legsByAsset(legs).flatMap(({ asset, legs: own }) =>
    frozenSendersOf(ctx, asset, own, model).map((account) => ({ account, asset })),
  );
}

function frozenSendersOf(ctx: SettlementView, asset: Asset, legs: readonly Leg[], model: Model): readonly Address[] {
  const senders = [...new Set(legs.map(({ from }) => from))];
  const positions = new Map(senders.map((account) => [account, positionOf(ctx, asset, account)]));
  const refused = new Set(senders.filter((account) => !keepsFrozen(positions.get(account), 0n)));
  for (const { from, to, amount } of movementsOf(legs, model)) {
    const [sending, receiving] = [positions.get(from), positions.get(to)];
    if (!keepsFrozen(sending, amount)) refused.add(from);
    if (sending !== undefined) sending.held -= amount;
    if (receiving !== undefined) receiving.held += amount;
  }
  return senders.filter((account) => refused.has(account));
}

/** True where enough stays once an amount has left. */
function keepsFrozen(position: Position | undefined, amount: bigint): boolean {
  return position?.frozen !== undefined && position.held - amount >= position.frozen;
}

function positionOf(ctx: SettlementView, { currency, instrument }: Asset, account: Address): Position {
  if (currency !== undefined) return ctx.view(cash.methods.freezes, { currency, account });
  return ctx.view(assets.methods.freezes, { instrument: instrument ?? '', account });
}
