import { REFERENCES_IN_USE } from '../contracts/parameters/rules.js';

/** Bounds of a genesis file itself. */
export const GENESIS_LIMITS = {
  members: 1_024,
  keysPerMember: 10_000,
  accountsPerMember: 10_000,
  nodesPerMember: 64,
  currencies: 100,
  referencesInUse: REFERENCES_IN_USE,
} as const;
