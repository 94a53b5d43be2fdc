import type { Address } from '../../primitives/types.js';

/** What one account owes another, all obligations between the two in this direction together. */
export interface Owed {
  readonly debtor: Address;
  readonly creditor: Address;
  readonly amount: bigint;
}

/** What changes hands in the place of the obligations. */
export interface NetPayment {
  readonly from: Address;
  readonly to: Address;
  readonly amount: bigint;
}

/** What each account is owed less what it owes: n = Σin − Σout. All of them together are nothing. */
export function netsOf(accounts: readonly Address[], owed: Iterable<Owed>): ReadonlyMap<Address, bigint> {
  const nets = new Map<Address, bigint>(accounts.map((account) => [account, 0n]));
  for (const { debtor, creditor, amount } of owed) {
    nets.set(debtor, (nets.get(debtor) ?? 0n) - amount);
    nets.set(creditor, (nets.get(creditor) ?? 0n) + amount);
  }
  return nets;
}

/** Whoever owes pays whoever is owed, both in their order: fewer payments than accounts. */
export function pairNets(nets: ReadonlyMap<Address, bigint>): readonly NetPayment[] {
  const all = [...nets];
  const owed = all.filter(([, net]) => net > 0n).map(([account, net]) => ({ account, left: net }));
  const payments: NetPayment[] = [];
  let next = 0;
  for (const [from, net] of all) {
    for (let left = -net; left > 0n; ) {
      const creditor = owed[next];
      // All nets together are nothing, so that there is somebody for each unit that is owed.
      if (creditor === undefined) break;
      const amount = left < creditor.left ? left : creditor.left;
      payments.push({ from, to: creditor.account, amount });
      left -= amount;
      creditor.left -= amount;
      if (creditor.left === 0n) next += 1;
    }
  }
  return payments;
}
