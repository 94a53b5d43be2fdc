import { type CatchUpJson, describeCatchUp } from '../api/catchUp.js';
import type { HealthJson, PeerHealthJson, ValidatorHealthJson } from '../api/health.js';
import type { Genesis } from '../genesis/types.js';
import { toChecksum } from '../primitives/address.js';
import { type Hash, toHex } from '../primitives/bytes.js';
import { quorum } from '../primitives/validator.js';
import type { DiskWatch } from './diskWatch.js';
import type { Engine } from './engine/engine.js';
import type { EngineStatus } from './engine/engineStatus.js';
import type { ValidatorHealth } from './engine/validatorHealth.js';
import type { Executor } from './execution/types.js';
import type { Mempool } from './mempool/types.js';
import type { PeerReport } from './network/types.js';
import type { NodeFacts } from './rpc/ports.js';
import type { Signer } from './signatures/types.js';

/** What a node tells of itself. */
export function nodeFacts(node: {
  readonly name: string;
  readonly version: string;
  readonly signer: Signer | undefined;
  readonly engine: Engine;
}): NodeFacts {
  const status = node.engine.status();
  return {
    node: node.name,
    version: node.version,
    role: node.signer === undefined ? 'observer' : 'validator',
    validator: node.signer?.address,
    peers: node.engine.network.connectedPeers().length,
    syncing: status.isBehind,
    catchUp: catchUpOf(status),
  };
}

function catchUpOf({ sync }: EngineStatus): CatchUpJson | undefined {
  const { height, targetHeight, blocksPerSecond, secondsLeft, peers } = sync;
  if (targetHeight <= height) return undefined;
  const sources = peers.map(({ isBenched, ...peer }) => ({ ...peer, benched: isBenched }));
  return { targetHeight, blocksPerSecond, secondsLeft: secondsLeft ?? null, sources };
}

/** A node that follows a busy network is always some blocks behind what it has just heard of. */
const NEARLY_THERE = 10;

/** Why this node should be sent no requests now. */
export function notReadyReasons({ engine, disk }: { readonly engine: Engine; readonly disk: DiskWatch }): string[] {
  const status = engine.status();
  const { mode } = status;
  const catchUp = catchUpOf(status);
  const reasons: string[] = [];
  if (mode === 'recovering' || mode === 'paused' || mode === 'stopped') reasons.push(`the engine is ${mode}`);
  if (catchUp !== undefined && catchUp.targetHeight - status.height > NEARLY_THERE) {
    reasons.push(`this node is catching up: ${describeCatchUp(status.height, catchUp)}`);
  }
  if (engine.network.connectedPeers().length === 0) reasons.push('no peer is connected');
  if (disk.isLow) reasons.push('free disk space is low');
  return reasons;
}

export interface HealthSources {
  readonly name: string;
  readonly version: string;
  readonly genesis: Genesis;
  readonly genesisHash: Hash;
  readonly signer: Signer | undefined;
  readonly engine: Engine;
  readonly executor: Pick<Executor, 'head'>;
  readonly mempool: Pick<Mempool, 'size'>;
  readonly disk: DiskWatch;
  readonly peers: () => readonly PeerReport[];
  /** Consensus time. */
  readonly nowMs: () => number;
}

/** What a node sees of its network. */
export function nodeHealth({ engine, executor, mempool, disk, ...node }: HealthSources): HealthJson {
  const { header, blockHash, validators, parameters } = executor.head();
  const status = engine.status();
  const catchUp = catchUpOf(status);
  const kept = engine.evidence();
  const newest = kept.at(-1);
  const { minBlockIntervalMs, heartbeatMs, maxClockDriftMs, roundTimeoutBaseMs, roundTimeoutCapMs } = parameters;
  const { level, freeBytes, watermarkBytes } = disk.report();
  return {
    chainId: node.genesis.chainId,
    genesisHash: toHex(node.genesisHash),
    node: node.name,
    version: node.version,
    role: node.signer === undefined ? 'observer' : 'validator',
    mode: status.mode,
    nowMs: node.nowMs(),
    height: header.height,
    blockHash: toHex(blockHash),
    timestamp: header.timestamp,
    syncing: status.isBehind,
    waitingTransactions: mempool.size,
    quorum: quorum(validators.length),
    parameters: { minBlockIntervalMs, heartbeatMs, maxClockDriftMs, roundTimeoutBaseMs, roundTimeoutCapMs },
    disk: { level, freeBytes: freeBytes ?? null, watermarkBytes },
    evidence: kept.length,
    validators: engine.validators().map(describeValidator),
    peers: node.peers().map(describePeer),
    ...(newest === undefined ? {} : { evidenceSeenMs: newest.firstSeenMs }),
    ...(catchUp === undefined ? {} : { catchUp }),
    ...describeConsensus(status),
  };
}

function describeConsensus({ consensus, recovery }: EngineStatus): Pick<HealthJson, 'consensus' | 'recovery'> {
  if (consensus === undefined) return recovery === undefined ? {} : { recovery };
  const { height, round, leader, self, isSigning, isDecided, isSyncing } = consensus;
  const state = { height, round, leader, signing: isSigning, decided: isDecided, syncing: isSyncing };
  return { consensus: { ...state, self: self ?? null } };
}

function describeValidator(validator: ValidatorHealth): ValidatorHealthJson {
  const { address, isSelf, isConnected, isHeard, isSilent, heardAgoMs, height, round, clockOffsetMs, ...counted } =
    validator;
  return {
    address: toChecksum(address),
    self: isSelf,
    connected: isConnected,
    heard: isHeard,
    silent: isSilent,
    heardAgoMs: heardAgoMs ?? null,
    height: height ?? null,
    round: round ?? null,
    clockOffsetMs: clockOffsetMs ?? null,
    ...counted,
  };
}

function describePeer({ isConnected, isBanned, endedWith, dialFailure, ...entry }: PeerReport): PeerHealthJson {
  return {
    ...entry,
    connected: isConnected,
    banned: isBanned,
    endedWith: endedWith ?? null,
    dialFailure: dialFailure ?? null,
  };
}
