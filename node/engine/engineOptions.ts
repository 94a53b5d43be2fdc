import type { CommittedInput, ConsensusConfig } from '../../consensus/types.js';
import type { NetworkParameters } from '../../contracts/parameters/rules.js';
import type { Hash } from '../../primitives/bytes.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { Address, SignatureBackend } from '../../primitives/types.js';
import type { ChainHead, Executor } from '../execution/types.js';
import type { Mempool } from '../mempool/types.js';
import type { Network, NetworkHandlers } from '../network/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import type { SignatureVerifier, Signer } from '../signatures/types.js';
import type { Disk } from '../storage/disk.js';
import type { EngineLimits } from './limits.js';
import type { Timers } from './timers.js';

export interface EngineOptions {
  readonly chainId: string;
  readonly genesisHash: Hash;
  /** This node's own. */
  readonly peerId: string;
  /** Where to dial each peer that configuration or genesis gives an address for. */
  readonly peerAddresses: ReadonlyMap<string, readonly string[]>;
  /** Directory of the signing journal; its marker stands beside it. */
  readonly journalDirectory: string;
  /** Directory of undecided bodies. */
  readonly bodiesDirectory: string;
  readonly evidenceFile: string;
  readonly limits?: Partial<EngineLimits>;
}

/** What the engine asks of an executor. */
export type EngineExecutor = Pick<
  Executor,
  'head' | 'build' | 'rehearse' | 'execute' | 'commit' | 'commitAll' | 'blocks'
>;

export interface EngineModules {
  /** Started already; stopped after the engine. */
  readonly executor: EngineExecutor;
  /** Tells the engine of pending work by `Engine.onPending`. */
  readonly mempool: Mempool;
  /** The network calls back only once it is started, which the engine does. */
  readonly createNetwork: (handlers: NetworkHandlers) => Network;
  /** Undefined for an observer. */
  readonly signer: Signer | undefined;
  readonly backend: SignatureBackend;
  readonly verifier: SignatureVerifier;
  readonly hasher: PairHasher;
  readonly timers: Timers;
  readonly disk: Disk;
  /** Draws what nobody may foretell. */
  readonly randomBytes: (size: number) => Uint8Array;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Called once, when the engine cannot go on and has stopped: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

/** What of the parameters of a height decides agreement. */
export function consensusConfig(
  chainId: string,
  parameters: NetworkParameters,
  address: Address | undefined,
): ConsensusConfig {
  const { maxClockDriftMs, minBlockIntervalMs, heartbeatMs, roundTimeoutBaseMs, roundTimeoutCapMs } = parameters;
  return {
    chainId,
    address,
    timeoutBaseMs: roundTimeoutBaseMs,
    timeoutCapMs: roundTimeoutCapMs,
    maxClockDriftMs,
    minBlockIntervalMs,
    heartbeatMs,
  };
}

/** What consensus is told of a commit: the new head, and the constants that are in force after it. */
export function committedInput(
  { options, modules }: { readonly options: EngineOptions; readonly modules: EngineModules },
  head: ChainHead,
): CommittedInput {
  const config = consensusConfig(options.chainId, head.parameters, modules.signer?.address);
  return { type: 'committed', head, config };
}
