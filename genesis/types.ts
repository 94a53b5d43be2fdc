import type { MemberRole } from '../contracts/api/roles.js';
import type { Hex } from '../primitives/bytes.js';
import type { Address, Suite, TimestampMs } from '../primitives/types.js';

export type { MemberRole };

export interface GenesisKey {
  readonly address: Address;
  readonly suite: Suite;
  /** Compressed, 33 bytes. */
  readonly publicKey: Hex;
  /** Signature over the possession digest of this chain's id, member and key. Not part of the genesis hash. */
  readonly possession: Hex;
}

export interface GenesisAccount {
  /** Address of the account's first key. */
  readonly account: Address;
  /** A short name for people, unique within the member: `settlement`. */
  readonly label: string;
  readonly threshold: number;
  readonly keys: readonly Address[];
}

export interface GenesisNode {
  readonly peerId: string;
  readonly role: 'validator' | 'observer';
  /** Hints where to dial it; configuration wins over them. */
  readonly addresses: readonly string[];
}

export interface GenesisMember {
  /** BIC, 8 or 11 characters: the member's id. */
  readonly bic: string;
  /** LEI, 20 characters with a valid check. */
  readonly lei: string;
  readonly name: string;
  readonly roles: readonly MemberRole[];
  readonly keys: readonly GenesisKey[];
  readonly accounts: readonly GenesisAccount[];
  readonly nodes: readonly GenesisNode[];
  /** The key with which it validates, one of `keys`; absent when it does not. */
  readonly validator?: Address;
}

export interface GenesisCurrency {
  /** ISO 4217 code. */
  readonly code: string;
  /** Decimals of the minor unit, 0 to 6. */
  readonly decimals: number;
  /** BIC of the central bank that issues it. */
  readonly issuer: string;
}

/** Parameters of the chain: every one of them decides validity, so every one stands here and nowhere else. */
export interface GenesisParameters {
  /** W: how far ahead a transaction may expire, and how long its reference is remembered. */
  readonly referenceWindowMs: number;
  /** Least time between two blocks. */
  readonly minBlockIntervalMs: number;
  /** An empty block is due when nothing was decided for so long. */
  readonly heartbeatMs: number;
  /** How far a proposal's timestamp may run ahead of a validator's clock. */
  readonly maxClockDriftMs: number;
  /** Timeout of round 0; a round's timeout is min(base · 3^r / 2^r, cap). */
  readonly roundTimeoutBaseMs: number;
  readonly roundTimeoutCapMs: number;
  readonly maxBlockBytes: number;
  readonly maxBlockTransactions: number;
  readonly maxBlockFuel: number;
  readonly maxTransactionFuel: number;
  /** Included transactions that one member's accounts may send in one quota window. */
  readonly quotaTransactions: number;
  readonly quotaWindowMs: number;
  /** Depth of the state tree: 2^depth pages at first. */
  readonly stateTreeDepth: number;
  /** Entries that a page may hold before it splits. */
  readonly statePageEntries: number;
}

/** The readable genesis file. */
export interface Genesis {
  readonly version: 1;
  readonly chainId: string;
  readonly timestamp: TimestampMs;
  readonly parameters: GenesisParameters;
  readonly currencies: readonly GenesisCurrency[];
  readonly members: readonly GenesisMember[];
  /** BICs in the order of the validator list: leader of (h, r) = validators[(h + r) mod n]. */
  readonly validators: readonly string[];
}
