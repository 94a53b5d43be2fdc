import type { Hash } from '../../primitives/bytes.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import type { MethodSchemas } from './method.js';

/**
 * A key of the state as a byte string: each character stands for one byte (0–255), so that the order of strings in
 * JavaScript is the order of the bytes, and a key can index a Map without being copied.
 */
export type StateKey = string;

/** One entry of the state, as ranges give it. */
export interface StateEntry {
  readonly key: StateKey;
  readonly value: Uint8Array;
}

/** An account as its policy sees it at this position of the block. */
export interface AccountView {
  readonly account: Address;
  /** The member that the account belongs to. */
  readonly member: string;
  /** The member's roles; none for the account of a validator's key, which speaks for its node alone. */
  readonly roles: readonly string[];
  /** False while the account or its member is suspended. */
  readonly active: boolean;
}

/** Who calls, and when. */
export interface CallContext {
  readonly chainId: string;
  /** What every signature of this network holds. */
  readonly genesisHash: Hash;
  readonly height: number;
  readonly timestamp: TimestampMs;
  /** The account that the transaction is sent for; undefined in a view, in the genesis state and in a system call. */
  readonly sender: Address | undefined;
  readonly signers: readonly Address[];
  /** The contract that called this one, undefined when the transaction did. */
  readonly callerContract: string | undefined;
  /** True in a view: every write is refused. */
  readonly readOnly: boolean;
}

/**
 * What a contract may reach, and all that it may reach. The executor implements it over the block's overlay; a test
 * implements it over a Map. Every operation costs fuel by the schedule of the executor; running out ends the
 * transaction with `OUT_OF_FUEL`, whatever the contract does.
 */
export interface ContractHost {
  readonly context: CallContext;
  /** Reads within the contract's own namespace. */
  get(key: StateKey): Uint8Array | undefined;
  put(key: StateKey, value: Uint8Array): void;
  delete(key: StateKey): void;
  /** Entries whose key starts with the prefix, in the order of their bytes, after `after` if given; at most `limit`. */
  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[];
  /**
   * Uses up (scope, reference, day) for ever. False, and nothing changes, when it had been used before; the entry is
   * taken back with everything else when the transaction or the savepoint fails.
   */
  once(scope: string, reference: string, day: number): boolean;
  /** True when (scope, reference, day) had been used, by this transaction too. Uses nothing up. */
  used(scope: string, reference: string, day: number): boolean;
  /** Appends an event to the transaction's receipt. `data` is canonical by the event's schema. */
  emit(event: string, data: Uint8Array): void;
  /** Appends one payment's outcome to the transaction's receipt. */
  outcome(reference: string, code: string): void;
  /**
   * Calls another contract under this transaction's signers. A call that uses up the `fuelLimit` of its own, while the
   * caller has fuel left, fails with `OUT_OF_FUEL`, which the caller may catch.
   *
   * @returns the encoded return value
   */
  call(contract: string, method: string, args: Uint8Array, fuelLimit?: number): Uint8Array;
  /** What a method of a contract takes and gives; undefined where there is no such contract, or it has no such method. */
  schemasOf(contract: string, method: string): MethodSchemas | undefined;
  /** Runs `body`; when it throws a ContractFailure, takes back all that it wrote and gives that failure. */
  attempt(body: () => void): ContractFailureData | undefined;
  /** Opens an attempt without a closure; the same frame ends it, the innermost first. */
  beginAttempt(): void;
  /** Ends the innermost attempt of this frame: keeps what was written since, or takes it back. */
  endAttempt(verdict: 'keep' | 'takeBack'): void;
  /** Units of fuel that may be used before `OUT_OF_FUEL`. */
  readonly fuelLeft: number;
  /** Calls inside sandboxed programs that may still nest, over all frames of a transaction. Whoever runs one counts. */
  guestDepthLeft: number;
  /** Charges extra fuel for work that no host operation stands for. */
  useFuel(units: number): void;
  /** The account with its member's roles, undefined when nobody registered it. */
  account(account: Address): AccountView | undefined;
  /** The state root of one of the newest 256 committed heights, undefined of any other. */
  stateRoot(height: number): Hash | undefined;
  /** True when the transaction's signers satisfy the account's policy with active keys at this position. */
  authorises(account: Address): boolean;
}

/** A failure that a contract declared, or that the API raised for it: deterministic, and all that a receipt keeps. */
export interface ContractFailureData {
  readonly code: string;
  /** Canonical encoding by the error's schema. */
  readonly data: Uint8Array;
  /** `contract.method` whose schema the data follows: the innermost call that failed. What a receipt calls failedCall. */
  readonly failedCall: string;
}

/** What the executor needs of a contract, native or not: its name, version and a way in. */
export interface ExecutableContract {
  readonly name: string;
  readonly version: number;
  /** What a method takes and gives. A contract without it cannot be called by one that runs in a sandbox. */
  schemasOf?(method: string): MethodSchemas | undefined;
  /** @throws ContractFailure with a code that the ABI names. */
  dispatch(host: ContractHost, method: string, args: Uint8Array): Uint8Array;
}
