import { LIMITS } from '../../primitives/limits.js';
import { ALL_CONTRACTS } from '../governance/records.js';

const CONTRACT_NAME = /^[a-z][a-zA-Z0-9]*$/;

/** Names that are not a bank's to take: those of the standard contracts, and what stands for all in a pause. */
export const RESERVED_NAMES: readonly string[] = [
  ALL_CONTRACTS,
  'actions',
  'assets',
  'cash',
  'contracts',
  'credit',
  'evidence',
  'governance',
  'htlc',
  'membership',
  'netting',
  'orders',
  'parameters',
  'payments',
  'pilots',
  'prices',
  'queue',
  'repo',
  'sandbox',
  'screening',
  'settlement',
  'subscriptions',
  'supervision',
];

/** Names that begin so are kept for standard contracts to come. */
export const RESERVED_PREFIX = 'vostro';

export function isContractName(name: string): boolean {
  return name.length <= LIMITS.nameBytes && CONTRACT_NAME.test(name);
}

/** True for a name that a bank may give its contract. */
export function isFreeName(name: string): boolean {
  return isContractName(name) && !RESERVED_NAMES.includes(name) && !name.startsWith(RESERVED_PREFIX);
}
