import type { Address } from '../../primitives/types.js';
import type { Asset } from '../locks/asset.js';
import { pairNets } from '../netting/nets.js';
import type { Leg, Model } from './declaration.js';

/** What an account sets aside of an asset before an instruction settles. */
export interface Obligation {
  readonly account: Address;
  readonly asset: Asset;
  readonly amount: bigint;
}

/** What changes hands when it does. */
export interface Movement {
  readonly asset: Asset;
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

interface AssetLegs {
  readonly asset: Asset;
  readonly legs: readonly Leg[];
}

/** The legs of each asset, assets and legs in the order in which they stand in the instruction. */
export function legsByAsset(legs: readonly Leg[]): readonly AssetLegs[] {
  const groups = new Map<string, { asset: Asset; legs: Leg[] }>();
  for (const leg of legs) {
    const { currency, instrument } = leg;
    // A currency and an instrument may have the same name.
    const key = currency === undefined ? `units ${instrument}` : `cash ${currency}`;
    const group = groups.get(key) ?? { asset: { currency, instrument }, legs: [] };
    group.legs.push(leg);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** True when an account's legs of the asset stand against each other before anything is set aside. */
function isNetted({ currency }: Asset, model: Model): boolean {
  return model === 'netBoth' || (model === 'netCash' && currency !== undefined);
}

/** What each account receives of one asset less what it sends; all of them together are nothing. */
export function netsOf(legs: readonly Leg[]): ReadonlyMap<Address, bigint> {
  const nets = new Map<Address, bigint>();
  for (const { from, to, amount } of legs) {
    nets.set(from, (nets.get(from) ?? 0n) - amount);
    nets.set(to, (nets.get(to) ?? 0n) + amount);
  }
  return nets;
}

function obligationsOfAsset({ asset, legs }: AssetLegs, model: Model): readonly Obligation[] {
  const owed = new Map<Address, bigint>();
  if (isNetted(asset, model)) {
    for (const [account, net] of netsOf(legs)) if (net < 0n) owed.set(account, -net);
  } else {
    for (const { from, amount } of legs) owed.set(from, (owed.get(from) ?? 0n) + amount);
  }
  return [...owed].map(([account, amount]) => ({ account, asset, amount }));
}

/** What every sender must set aside, in the order of the legs. */
export function obligationsOf(legs: readonly Leg[], model: Model): readonly Obligation[] {
  return legsByAsset(legs).flatMap((group) => obligationsOfAsset(group, model));
}

/** Whoever owes pays whoever is owed, both in the order of the legs: fewer movements than accounts. */
function netMovements({ asset, legs }: AssetLegs): readonly Movement[] {
  return pairNets(netsOf(legs)).map((payment) => ({ asset, ...payment }));
}

/** What changes hands when the instruction settles: every leg where it is gross, the nets where it is netted. */
export function movementsOf(legs: readonly Leg[], model: Model): readonly Movement[] {
  return legsByAsset(legs).flatMap((group) =>
    isNetted(group.asset, model)
      ? netMovements(group)
      : group.legs.map(({ from, to, amount }) => ({ asset: group.asset, from, to, amount })),
  );
}
