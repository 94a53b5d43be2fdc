import { assets, subscriptions } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { assetHolder, ordersHolder } from './cashHolder.js';
import { ACCOUNTS, callOf, TestNetwork, TODAY_MS } from './settlementNetwork.js';

const { alfa, beta, gamma } = ACCOUNTS;
const { create, issue, transfer, amend: amendMethod, holding: holdingView } = assets.methods;

export const BOND = 'BOND';
export const bondTerms = {
  kind: 'bond' as const,
  issuer: alfa,
  name: 'Alfa 3 % 2030',
  currency: 'EUR',
  nominal: 1_000n,
  maturity: 20_300_115,
  cap: 1_000n,
};
const { kind: _kind, issuer: _issuer, currency: _currency, ...amendable } = bondTerms;

/** A network with alfa's instrument, of which beta holds 600 units and gamma 30. */
export function bondNetwork(change: object = {}): TestNetwork {
  const network = TestNetwork.funded([assetHolder('vault'), ordersHolder]);
  network.ok(alfa, [
    callOf(create, { instrument: BOND, ...bondTerms, ...change }),
    callOf(issue, { instrument: BOND, account: alfa, amount: 630n }),
    callOf(transfer, { instrument: BOND, from: alfa, to: beta, amount: 600n }),
    callOf(transfer, { instrument: BOND, from: alfa, to: gamma, amount: 30n }),
  ]);
  return network;
}

export function amend(change: object = {}, expectedVersion = 1) {
  return callOf(amendMethod, { instrument: BOND, expectedVersion, ...amendable, ...change });
}

export function holding(network: TestNetwork, account: Address): bigint {
  return network.view(holdingView, { account, instrument: BOND });
}

export const DEADLINE = TODAY_MS + 10_000;

/** Of beta's, unless the change says otherwise. */
export function subscribe(id: string, change: object = {}) {
  return callOf(subscriptions.methods.subscribe, {
    ...{ id, instrument: BOND, version: 1, account: beta, units: 100n, price: 990n, deadline: DEADLINE },
    ...change,
  });
}
