import type { StateKey } from '../../contracts/api/host.js';
import type { NetworkParameters } from '../../contracts/parameters/rules.js';
import type { Hash } from '../../primitives/bytes.js';
import type { StateFactProof } from '../../primitives/stateFinality.js';
import type {
  Address,
  Block,
  BlockHeader,
  BlockProofs,
  Certificate,
  FinalityProof,
  FinalityUpdate,
  Handover,
  Outcome,
  Receipt,
  TimestampMs,
  TransactionPriority,
  Validator,
} from '../../primitives/types.js';
import type { CommittedReceipts } from './committedReceipts.js';
import type { ReceiptsProofsAnswer } from './receiptsProofs.js';

/** The newest committed block, and who decides the next. */
export interface ChainHead {
  readonly header: BlockHeader;
  readonly blockHash: Hash;
  /** Undefined at height 0 only. */
  readonly certificate: Certificate | undefined;
  /** Ordered list that decides height + 1. */
  readonly validators: readonly Validator[];
  /** The constants in force at height + 1. */
  readonly parameters: NetworkParameters;
}

/** A key as admission needs it. */
export interface DirectoryKey {
  readonly address: Address;
  readonly publicKey: Uint8Array;
  readonly member: string;
  readonly active: boolean;
}

/** An account's policy as admission needs it. */
export interface DirectoryAccount {
  readonly account: Address;
  readonly member: string;
  readonly threshold: number;
  readonly keys: readonly Address[];
  readonly checkers: readonly Address[];
  readonly active: boolean;
}

/** A member's node: who may connect. */
export interface DirectoryNode {
  readonly peerId: string;
  readonly member: string;
  readonly role: 'validator' | 'observer';
  /** Where its member says that it can be dialled. */
  readonly addresses: readonly string[];
}

/** What a commit changed in the registry; the first one, at start, holds everything. */
export interface DirectoryUpdate {
  readonly keys: readonly DirectoryKey[];
  readonly accounts: readonly DirectoryAccount[];
  /** The whole list when it changed, undefined otherwise. */
  readonly nodes: readonly DirectoryNode[] | undefined;
}

/** A transaction that a committed block holds, as the mempool forgets it and its waiters are woken. */
export interface IncludedTransaction {
  readonly id: Hash;
  readonly sender: Address;
  readonly reference: Uint8Array;
  readonly expiresAt: TimestampMs;
  readonly success: boolean;
  readonly code: string;
  readonly priority: TransactionPriority;
  /** What it took of the block: what the next ones owe to whom follows from it. */
  readonly fuelUsed: number;
  readonly sizeBytes: number;
}

export interface CommitResult {
  readonly head: ChainHead;
  readonly included: readonly IncludedTransaction[];
  readonly directory: DirectoryUpdate;
  /** Where somebody wanted them: see `ExecutorClientOptions.wantsReceipts`. */
  readonly receipts?: CommittedReceipts;
}

/** A sender's reference, as the chain remembers it. */
export interface SenderReference {
  readonly sender: Address;
  readonly reference: Uint8Array;
}

/** What a member had of earlier blocks beyond what others that waited had, as a share of a block. */
export interface MemberLead {
  readonly member: string;
  readonly lead: number;
}

export interface BuildRequest {
  readonly height: number;
  readonly parentHash: Hash;
  readonly proposer: Address;
  readonly timestamp: TimestampMs;
  /**
   * Candidates; those that may not be included are left out of the block. Of one member and priority they are tried in this
   * order; which member is next, its share of the block decides (PROTOCOL §Shares of a block).
   */
  readonly transactions: readonly Uint8Array[];
  /** Bytes of transactions that the block should hold at most, below the network's limit; the first whatever its size. */
  readonly maxBytes?: number;
  /** Fuel below the network's limit with which the block should end; the last one may go beyond it. */
  readonly maxFuel?: number;
  /** Members that are ahead of the others; who is not here is not. */
  readonly leads?: readonly MemberLead[];
  /** Ids of candidates that broke an executor before: they are left out unseen, as `HOST_EXCEPTION`. */
  readonly excluded?: readonly Hash[];
}

export interface BuildResult {
  readonly block: Block;
  readonly blockHash: Hash;
  /**
   * Candidates left out, with the code that says why; `retry` ones may go into a later block. Candidates behind the
   * point at which the block was full are in neither list. A malformed one is named by its leaf: it has no id.
   */
  readonly leftOut: readonly { readonly id: Hash; readonly code: string; readonly retry: boolean }[];
}

/** What a build came to that somebody else is about to propose. */
export interface Rehearsal {
  /** Undefined where a candidate broke the executor. */
  readonly blockHash: Hash | undefined;
  /** Candidates that broke it, as far as they are known. */
  readonly poisonous: readonly Hash[];
}

/** A block that executed here to the roots of its header, or why not. */
export type ExecuteResult =
  | { readonly valid: true }
  | {
      readonly valid: false;
      readonly code: string;
      readonly message: string;
      /** The transaction that breaks the rule; with `HOST_EXCEPTION`, the one to keep out of own proposals. */
      readonly transactionId?: Hash;
    };

export interface ReceiptRecord {
  readonly height: number;
  readonly index: number;
  readonly receipt: Receipt;
}

export interface TransactionRecord {
  readonly height: number;
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A contract, and a key of its own. */
export interface ContractKey {
  readonly contract: string;
  readonly key: StateKey;
}

/** Keys of the newest committed state, or their absence, with all that proves them to whoever holds the genesis file. */
export interface StateProofAnswer {
  /** In the order in which they were asked for; each key as the tree holds it, the contract's namespace included. */
  readonly entries: readonly StateFactProof[];
  readonly header: BlockHeader;
  /** Undefined at height 0 only. */
  readonly certificate: Certificate | undefined;
  readonly handovers: readonly Handover[];
}

/** A transaction that nobody has sent. */
export interface SimulationRequest {
  /** The full bytes; its signatures may be any. */
  readonly bytes: Uint8Array;
  /** Time of the block that it is tried in; never before the head's. */
  readonly timestamp: TimestampMs;
}

/** An entry of the state that a transaction would change; undefined where there is none. */
export interface SimulatedChange {
  /** The contract's namespace included. */
  readonly key: StateKey;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** What a transaction would do, alone in the next block. */
export interface SimulationResult {
  readonly id: Hash;
  /** Of the block that it was tried in. */
  readonly height: number;
  readonly timestamp: TimestampMs;
  /** Why no block at this height may include it; what it does all the same stands beside. */
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly receipt: Receipt;
  /** What a transaction may use. */
  readonly maxFuel: number;
  /** Of a batch's payments, in their order; the first 1,000. */
  readonly outcomes: readonly Outcome[];
  /** In the order of their keys, as many as one answer holds. */
  readonly changes: readonly SimulatedChange[];
  readonly changeCount: number;
}

/** A block with what makes it final. */
export interface CertifiedBlock {
  readonly block: Block;
  readonly certificate: Certificate;
}

/**
 * The one way into the executor's thread, which owns the chain database. Signatures of transactions are checked before
 * (in the worker pool); that their signers are registered, and everything else, is checked here.
 */
export interface Executor {
  /** Opens or creates the database, checks the head against the state's root. @throws StorageError, GenesisError */
  start(): Promise<CommitResult>;
  stop(): Promise<void>;
  /** Builds on the head and keeps the result: the leader's build is its execution. */
  build(request: BuildRequest): Promise<BuildResult>;
  /** The same for a block of somebody else, tried once: what breaks the executor ends it. @throws as `build` */
  rehearse(request: BuildRequest): Promise<Rehearsal>;
  /** Executes a block on the head and keeps the result until the height is decided. */
  execute(block: Block): Promise<ExecuteResult>;
  /** Writes a decided block, executing it first where that is still to be done, in one synced batch. */
  commit(block: Block, certificate: Certificate): Promise<CommitResult>;
  /** The same for blocks that follow each other, in one write; those before the first that is refused. */
  commitAll(blocks: readonly CertifiedBlock[]): Promise<readonly CommitResult[]>;

  head(): ChainHead;
  /** Blocks with their certificates, ascending, until `maxBytes` is reached; at least one if there is one. */
  blocks(fromHeight: number, maxCount: number, maxBytes: number): Promise<readonly CertifiedBlock[]>;
  blockHash(height: number): Promise<Hash | undefined>;
  receipt(transactionId: Hash): Promise<ReceiptRecord | undefined>;
  /** With `outcomeReference`, proves that payment's outcome too. Undefined when there is no such transaction or outcome. */
  proof(transactionId: Hash, outcomeReference?: string): Promise<FinalityProof | undefined>;
  /**
   * Proofs of those of the transactions (at most 1,000) that are on the chain, grouped by block, ascending: the tree of a
   * block is hashed once, however many of its receipts are asked for.
   */
  proofs(transactionIds: readonly Hash[]): Promise<readonly BlockProofs[]>;
  /**
   * The same as bytes to pass on, the receipts of a block together: of as many of the transactions, from the first on, as one
   * answer holds.
   *
   * @param since height up to which whoever verifies knows the changes of validators: proofs leave those out
   */
  receiptsProofs(transactionIds: readonly Hash[], since: number): Promise<ReceiptsProofsAnswer>;
  /** The full signed bytes of a transaction on the chain, and where it stands. */
  transaction(transactionId: Hash): Promise<TransactionRecord | undefined>;
  outcomes(transactionId: Hash): Promise<readonly Outcome[] | undefined>;
  /** (sender, reference) → the included transaction's id, within the window. */
  referenceOwner(sender: Address, reference: Uint8Array): Promise<Hash | undefined>;
  /** The same for many at once, in their order: one request, however many transactions come in together. */
  referenceOwners(references: readonly SenderReference[]): Promise<readonly (Hash | undefined)[]>;
  /** Runs a read-only method. `args` and the answer are canonical by the ABI. @throws CodedError with the contract's code */
  view(contract: string, method: string, args: Uint8Array): Promise<Uint8Array>;
  /**
   * Runs a transaction on the head as if its signers had signed, and writes nothing. What breaks the executor there concerns
   * who asked: the node goes on.
   *
   * @throws RlpError, FormatError; `HOST_EXCEPTION`; ExecutionError `SIMULATIONS_SUSPENDED`
   */
  simulate(request: SimulationRequest): Promise<SimulationResult>;
  /**
   * What leads a verifier that knows the validators after `sinceHeight` on: to the head, or to the last height for which
   * the changes between fit into one update. Undefined at height 0, and where the head is no higher.
   */
  finalityUpdate(sinceHeight: number): Promise<FinalityUpdate | undefined>;
  /** Proves keys (at most 16) of contracts' own namespaces, all against the head's state root. */
  stateProof(keys: readonly ContractKey[]): Promise<StateProofAnswer>;
}

/** What the executor's thread serves: an executor that who asks from another thread need not tell twice what it knows. */
export interface ExecutorHost extends Executor {
  /**
   * `commit` of a block that was built or executed here, by its hash. Undefined, and nothing is written, where it is not
   * known any more: then `commit` brings the block.
   */
  commitExecuted(blockHash: Hash, certificate: Certificate): Promise<CommitResult | undefined>;
}
