import type { CatchUpJson } from '../../api/catchUp.js';
import type { Result } from '../../api/methods.js';
import type { AbiCodec, ContractAbi } from '../../contracts/api/abi.js';
import type { Hash } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import type { KeptEvidence } from '../engine/evidence.js';
import type { ReceiptDemand } from '../execution/receiptDemand.js';
import type { CommitResult, Executor } from '../execution/types.js';
import type { Mempool } from '../mempool/types.js';
import type { Logger, Metrics } from '../ops/ports.js';

/** Tells of every block once the executor has written it, in order. */
export interface CommitFeed {
  /** @returns how to stop listening. Listeners must not throw. */
  subscribe(listener: (result: CommitResult) => void): () => void;
}

/** What the node knows of itself beside its chain. */
export interface NodeFacts {
  readonly node: string;
  readonly version: string;
  readonly role: 'validator' | 'observer';
  /** Its address when it validates. */
  readonly validator: Address | undefined;
  readonly peers: number;
  readonly syncing: boolean;
  /** While peers have blocks that this node is fetching. */
  readonly catchUp: CatchUpJson | undefined;
}

export interface StatusProvider {
  facts(): NodeFacts;
  /** What the node sees of its network. */
  health(): Result<'health'>;
  /** Why the node should not be sent requests now; none when it is ready. */
  notReadyReasons(): readonly string[];
}

/** What the RPC needs of a contract: its ABI, and JSON ↔ bytes. */
export interface ContractPort {
  readonly codec: AbiCodec;
  abi(): ContractAbi;
}

/** The text that Prometheus scrapes. */
export interface MetricsText {
  text(): Promise<string>;
  readonly contentType: string;
}

export interface RpcModules {
  readonly executor: Executor;
  readonly mempool: Mempool;
  readonly commits: CommitFeed;
  /** Told whether anybody waits: the executor gives receipts with its commits then. */
  readonly demand?: ReceiptDemand;
  readonly status: StatusProvider;
  /** What this node keeps, in the order in which it was seen. */
  readonly evidence: () => readonly KeptEvidence[];
  /** Those that every network has, by name; `membership` and `cash` among them. */
  readonly contracts: ReadonlyMap<string, ContractPort>;
  /** Time of day in milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly metrics: Metrics;
  readonly metricsText: MetricsText;
  readonly logger: Logger;
}

export interface RpcOptions {
  /** Address to listen on; loopback unless an operator says otherwise. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly chainId: string;
  readonly genesisHash: Hash;
  /** Names that a Host header may have beside those of loopback and `host`. */
  readonly allowedHosts?: readonly string[];
  /** Requests in work at once, waits not counted. */
  readonly maxConcurrentRequests?: number;
  /** Waits at once. */
  readonly maxConcurrentWaits?: number;
  /** Ids of all waits together. */
  readonly maxWaitedIds?: number;
  /** Milliseconds that a client of the settlement door has to read the last bytes of an answer. */
  readonly readOutMs?: number;
}
