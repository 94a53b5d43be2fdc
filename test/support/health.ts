import type { HealthJson, PeerHealthJson, ValidatorHealthJson } from '../../api/health.js';
import { toHex } from '../../primitives/bytes.js';
import { CHAIN_ID, GENESIS_HASH } from './finalityFixture.js';

/** 14:03:25 UTC of some day: the clock of the node that speaks. */
export const NOW_MS = Date.UTC(2026, 0, 5, 14, 3, 25);
export const BANKS = ['AURLDEFF', 'BORLFRPP', 'CYGNNLNA', 'DORAESMM'] as const;

const address = (index: number): string => `0x${String(index + 1).repeat(40)}`;

export function validatorOf(index: number, changes: Partial<ValidatorHealthJson> = {}): ValidatorHealthJson {
  return {
    address: address(index),
    member: BANKS[index] ?? 'NOBODYXX',
    self: index === 0,
    connected: index !== 0,
    heard: true,
    heardAgoMs: index === 0 ? null : 400,
    height: index === 0 ? null : 121,
    round: index === 0 ? null : 0,
    missedTurns: 0,
    signed: 80,
    certificates: 100,
    clockOffsetMs: index === 0 ? null : -20,
    silent: false,
    ...changes,
  };
}

export function peerOf(index: number, changes: Partial<PeerHealthJson> = {}): PeerHealthJson {
  return {
    peerId: `peer-${index}`,
    member: BANKS[index] ?? 'CBVODEFF',
    role: index < BANKS.length ? 'validator' : 'observer',
    connected: true,
    banned: false,
    endedWith: null,
    dialFailure: null,
    ...changes,
  };
}

/** What the first of four validators says while all is well: its newest block is a second old and nothing waits. */
export function healthOfFour(changes: Partial<HealthJson> = {}): HealthJson {
  return {
    chainId: CHAIN_ID,
    genesisHash: toHex(GENESIS_HASH),
    node: 'alpha',
    version: '0.0.0',
    role: 'validator',
    mode: 'validating',
    nowMs: NOW_MS,
    height: 120,
    blockHash: `0x${'ab'.repeat(32)}`,
    timestamp: NOW_MS - 1_000,
    syncing: false,
    waitingTransactions: 0,
    quorum: 3,
    parameters: {
      minBlockIntervalMs: 2,
      heartbeatMs: 5_000,
      maxClockDriftMs: 10_000,
      roundTimeoutBaseMs: 1_500,
      roundTimeoutCapMs: 20_000,
    },
    disk: { level: 'ok', freeBytes: 50_000_000_000, watermarkBytes: 268_435_456 },
    evidence: 0,
    validators: BANKS.map((_, index) => validatorOf(index)),
    peers: [1, 2, 3, 4].map((index) => peerOf(index)),
    consensus: { height: 121, round: 0, leader: 1, self: 0, signing: true, decided: false, syncing: false },
    ...changes,
  };
}
