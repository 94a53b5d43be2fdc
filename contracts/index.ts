import { actions } from './actions/actions.js';
import { AbiError, type ContractAbi } from './api/abi.js';
import type { StandardContract } from './api/define.js';
import { assets } from './assets/assets.js';
import { cash } from './cash/cash.js';
import { credit } from './credit/credit.js';
import { deployment } from './deployment/deployment.js';
import { evidence } from './evidence/evidence.js';
import { defineGovernance } from './governance/governance.js';
import { htlc } from './htlc/htlc.js';
import { membership } from './membership/membership.js';
import { netting } from './netting/netting.js';
import { orders } from './orders/orders.js';
import { parameters } from './parameters/parameters.js';
import { payments } from './payments/payments.js';
import { pilots } from './pilots/pilots.js';
import { prices } from './prices/prices.js';
import { queue } from './queue/queue.js';
import { repo } from './repo/repo.js';
import { screening } from './screening/screening.js';
import { settlement } from './settlement/settlement.js';
import { subscriptions } from './subscriptions/subscriptions.js';
import { supervision } from './supervision/supervision.js';

/** Decides over every other standard contract. */
const governance = defineGovernance([
  actions,
  assets,
  cash,
  deployment,
  credit,
  evidence,
  htlc,
  membership,
  netting,
  orders,
  parameters,
  payments,
  pilots,
  prices,
  queue,
  repo,
  screening,
  settlement,
  subscriptions,
  supervision,
]);

/** The contracts that every network has from its genesis on, in the order of their names. */
export function standardContracts(): readonly StandardContract[] {
  return [
    actions,
    assets,
    cash,
    deployment,
    credit,
    evidence,
    governance,
    htlc,
    membership,
    netting,
    orders,
    parameters,
    payments,
    pilots,
    prices,
    queue,
    repo,
    screening,
    settlement,
    subscriptions,
    supervision,
  ];
}

/** A standard contract by its name. @throws AbiError `CONTRACT_UNKNOWN` */
export function standardContract(name: string): StandardContract {
  const found = standardContracts().find((contract) => contract.name === name);
  if (found !== undefined) return found;
  const expected = standardContracts()
    .map((contract) => contract.name)
    .join(', ');
  throw new AbiError('CONTRACT_UNKNOWN', `expected a contract (${expected}), found "${name}"`, {
    expected,
    actual: name,
  });
}

/** The ABI of each standard contract. */
export function standardAbis(): readonly ContractAbi[] {
  return standardContracts().map((contract) => contract.abi());
}

export {
  actions,
  assets,
  cash,
  credit,
  deployment,
  evidence,
  governance,
  htlc,
  membership,
  netting,
  orders,
  parameters,
  payments,
  pilots,
  prices,
  queue,
  repo,
  screening,
  settlement,
  subscriptions,
  supervision,
};
