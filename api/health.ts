import { LIMITS } from '../primitives/limits.js';
import { catchUp } from './catchUp.js';
import { type Infer, s } from './shape.js';

/** What one node sees of its network: the source of `vostro node status` and `vostro doctor`. Times are milliseconds. */

const name = s.text(LIMITS.nameBytes);
const bic = s.text(11);
const height = s.integer(0);
const round = s.integer(0, LIMITS.round);
const index = s.integer(0, LIMITS.validators);
/** Peers of the allow-list that one answer may hold: each member may run several nodes. */
const MAX_PEERS = 16_384;

/** One validator of the working height, as this node sees it. */
export const validatorHealth = s.record({
  address: s.address,
  member: bic,
  /** This node's own key. */
  self: s.boolean,
  connected: s.boolean,
  /** Something was heard of it lately; this node itself while it takes part. */
  heard: s.boolean,
  /** Since it was heard last; null while it has said nothing since this node started. */
  heardAgoMs: s.nullable(s.integer(0)),
  /** Of which it spoke last. */
  height: s.nullable(height),
  round: s.nullable(round),
  /** Rounds in a row that failed while it led them. */
  missedTurns: s.integer(0),
  /** Of the newest `certificates`, those that it signed. A certificate closes with the first quorum of signatures. */
  signed: s.integer(0),
  certificates: s.integer(0),
  /** Its clock less this node's, by its last fresh proposal; null while it has made none. */
  clockOffsetMs: s.nullable(s.integer(-Number.MAX_SAFE_INTEGER)),
  /** Nothing was heard of it for too long, or its turns to propose go by. */
  silent: s.boolean,
});

/** One node of the allow-list. */
export const peerHealth = s.record({
  peerId: s.text(128),
  member: bic,
  role: s.oneOf(['validator', 'observer']),
  connected: s.boolean,
  /** Refused for a while for its faults. */
  banned: s.boolean,
  /** Code for which its newest connection ended. */
  endedWith: s.nullable(s.text(64)),
  /** What the newest dial to it failed with. */
  dialFailure: s.nullable(s.text(256)),
});

/** Where consensus stands at a node that takes part in it. */
export const consensusState = s.record({
  /** Working height. */
  height,
  round,
  /** Index of the round's leader in the list of validators. */
  leader: index,
  /** Index of this node; null where its key is not in the list. */
  self: s.nullable(index),
  signing: s.boolean,
  /** Decided already, and on its way to the disk. */
  decided: s.boolean,
  /** A later height is known to be final: blocks are being fetched. */
  syncing: s.boolean,
});

export const health = s.record(
  {
    chainId: name,
    genesisHash: s.hash,
    node: s.text(256),
    version: s.text(64),
    role: s.oneOf(['validator', 'observer']),
    mode: s.oneOf(['validating', 'following', 'recovering', 'paused', 'stopped']),
    /** The node's own clock. */
    nowMs: s.integer(0),
    height,
    blockHash: s.hash,
    /** Of the newest block, in consensus time. */
    timestamp: s.integer(0),
    syncing: s.boolean,
    waitingTransactions: s.integer(0),
    quorum: s.integer(1, LIMITS.validators),
    parameters: s.record({
      minBlockIntervalMs: s.integer(0),
      heartbeatMs: s.integer(0),
      maxClockDriftMs: s.integer(0),
      roundTimeoutBaseMs: s.integer(0),
      roundTimeoutCapMs: s.integer(0),
    }),
    disk: s.record({
      level: s.oneOf(['ok', 'low', 'critical']),
      freeBytes: s.nullable(s.integer(0)),
      watermarkBytes: s.integer(0),
    }),
    /** Pairs of conflicting signatures that this node keeps. */
    evidence: s.integer(0),
    validators: s.list(validatorHealth, LIMITS.validators),
    peers: s.list(peerHealth, MAX_PEERS),
  },
  {
    consensus: consensusState,
    /** When the newest of the evidence that this node keeps was seen first, by its own clock. */
    evidenceSeenMs: s.integer(0),
    /** While peers have blocks that this node is fetching. */
    catchUp,
    /** While the signing journal is recovered: validators whose answer counts, and how many must answer. */
    recovery: s.record({ answered: s.integer(0), needed: s.integer(0) }),
  },
);

export type HealthJson = Infer<typeof health>;
export type ValidatorHealthJson = Infer<typeof validatorHealth>;
export type PeerHealthJson = Infer<typeof peerHealth>;
