import type { MemberRole } from '../contracts/api/roles.js';
import type { NetworkParameters } from '../contracts/parameters/rules.js';
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
  /** Those of the keys that check what the others make; none: every key does both. */
  readonly checkers: readonly Address[];
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

/** The engine on which the network's bank contracts run: its nodes have exactly this one. */
export interface GenesisEngine {
  readonly version: number;
  /** Over everything on which a result depends: module, instrumentation, runtime, prices. */
  readonly hash: Hex;
}

/** The parameters in force at height 1; governance may change some of them later. */
export type GenesisParameters = NetworkParameters;

/** The readable genesis file. */
export interface Genesis {
  readonly version: 1;
  readonly chainId: string;
  readonly timestamp: TimestampMs;
  readonly parameters: GenesisParameters;
  readonly engine: GenesisEngine;
  readonly currencies: readonly GenesisCurrency[];
  readonly members: readonly GenesisMember[];
  /** BICs in the order of the validator list: leader of (h, r) = validators[(h + r) mod n]. */
  readonly validators: readonly string[];
}
