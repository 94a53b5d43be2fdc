import type { TrustedChain } from '../primitives/finality.js';
import type { Fetch } from './connection.js';
import type { TrustedState } from './lightClient.js';
import type { TransactionOutcome } from './outcomes.js';
import type { VerifierModules } from './verifier.js';
import type { WaitProgress } from './waiter.js';

export interface ClientOptions {
  /** Nodes of the network: `http://127.0.0.1:26700`. Several, so that no single one must be believed or up. */
  readonly urls: readonly string[];
  /** What is trusted from the start: chain id, genesis hash and validators of the genesis file. */
  readonly trust: TrustedChain;
  /** What an earlier client of this network came to trust beyond it: `client.light.state`. */
  readonly trustedState?: TrustedState;
  /** Nodes that get each transaction; f + 1 when left out. */
  readonly submitTo?: number;
  /** How long a transaction may wait to be included, when it does not say. */
  readonly ttlMs?: number;
  /** Time to wait for finality, when a call does not say. */
  readonly timeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly attempts?: number;
  readonly backoffMs?: number;
}

/** The world outside, replaceable in tests and in places without it. */
export interface ClientModules extends VerifierModules {
  readonly fetch?: Fetch;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly randomBytes?: (length: number) => Uint8Array;
}

export interface ManyOptions extends WaitProgress {
  /** Time for all of them together. */
  readonly timeoutMs?: number;
  /** Called with those that are refused at the door. */
  readonly onRefused?: (outcomes: readonly TransactionOutcome[]) => void;
}

/** How far a client has followed the chain. */
export interface Followed {
  /** Of the newest trusted header. */
  readonly height: number;
  /** What a node says of its own, without proof. */
  readonly headHeight: number;
  readonly hasAdvanced: boolean;
}

/** A balance that was proven from the trusted validators. */
export interface ProvenBalance {
  /** In minor units. */
  readonly amount: bigint;
  /** Of the block after which the account held it, and its consensus time. */
  readonly height: number;
  readonly timestamp: number;
}
