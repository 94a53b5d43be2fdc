import type { Hash } from '../primitives/bytes.js';
import type { BlockHeader, Certificate, Validator } from '../primitives/types.js';
import { leaderIndex } from '../primitives/validator.js';
import type { BodyBook } from './bodyBook.js';
import type { EvidenceWatch } from './evidence.js';
import type { NextHeightBuffer } from './nextHeightBuffer.js';
import type { RoundChangeBook } from './roundChangeBook.js';
import type {
  Commit,
  ConsensusConfig,
  ConsensusHead,
  JournalRecord,
  Prepare,
  Proposal,
  RoundChange,
  SentVotes,
  Signed,
} from './types.js';
import type { VoteBook } from './voteBook.js';

/** A justified proposal on its way to be accepted in its round. */
export interface Candidate {
  readonly round: number;
  readonly blockHash: Hash;
  readonly header: BlockHeader;
  /** A quorum prepared it in an earlier round: so honest validators have executed it. */
  readonly isPrepared: boolean;
  /** Who has its body: the proposer, then the signers of its prepared certificate. */
  readonly from: readonly number[];
}

/** What justifies the block that is being built. */
export interface Building {
  readonly round: number;
  readonly roundChanges: readonly Signed<RoundChange>[];
}

export interface Decision {
  readonly certificate: Certificate;
  isHandedOver: boolean;
}

/** Own votes as they came back signed, the newest of each type. */
export interface OwnMessages {
  proposal: Signed<Proposal> | undefined;
  prepare: Signed<Prepare> | undefined;
  commit: Signed<Commit> | undefined;
  roundChange: Signed<RoundChange> | undefined;
}

/** Everything that belongs to one height and is forgotten with it. */
export interface HeightState {
  readonly height: number;
  round: number;
  /** The block accepted in this round: Prepare was signed for it. */
  acceptedHash: Hash | undefined;
  candidate: Candidate | undefined;
  /** The first justified proposal of this round. */
  seenProposal: Signed<Proposal> | undefined;
  sent: SentVotes;
  prepared: Certificate | undefined;
  readonly own: OwnMessages;
  readonly prepares: VoteBook<Signed<Prepare>>;
  readonly commits: VoteBook<Signed<Commit>>;
  readonly roundChanges: RoundChangeBook;
  readonly bodies: BodyBook;
  /** Bodies that this round's leader misses, and who may have them. */
  readonly missingBodies: Map<string, { readonly blockHash: Hash; readonly from: readonly number[] }>;
  building: Building | undefined;
  decision: Decision | undefined;
  isTimerRunning: boolean;
  isIntervalOver: boolean;
  isHeartbeatDue: boolean;
  /** A vote of somebody for this height was seen: there is something to agree on. */
  isActive: boolean;
}

/** The protocol's state, changed in place by `step` and by nothing else. */
export interface ConsensusState {
  config: ConsensusConfig;
  head: ConsensusHead;
  /** Index of this node in the working height's list; undefined where it does not validate. */
  self: number | undefined;
  /** Whether there is a journal that may be trusted. */
  readonly isJournaled: boolean;
  /** A journal's record of a height that is not reached yet. */
  awaitedRecord: JournalRecord | undefined;
  /** The highest height with a verified commit certificate. */
  finalHeight: number;
  isWorkPending: boolean;
  current: HeightState;
  readonly next: NextHeightBuffer;
  readonly watch: EvidenceWatch;
  /** Who was answered about which past heights since the last heal. */
  readonly answered: Map<number, number[]>;
  /** Heights beyond the working one of which validators spoke since the last heal. */
  readonly ahead: Map<number, number>;
  /** The working height at the last heal. */
  healedHeight: number;
}

export function validatorsOf(state: ConsensusState): readonly Validator[] {
  return state.head.validators;
}

export function isLeader(state: ConsensusState, sender: number | undefined, round: number): boolean {
  return sender === leaderIndex(state.current.height, round, validatorsOf(state).length);
}

/**
 * Whether this node takes part in deciding the working height. An observer, a node without a trusted journal, one whose
 * journal is ahead of its chain, and one that knows its height to be decided sign nothing (rule 8, Journal).
 */
export function isSigning(state: ConsensusState): boolean {
  const { current } = state;
  return (
    state.self !== undefined &&
    state.isJournaled &&
    state.awaitedRecord === undefined &&
    state.finalHeight < current.height &&
    current.decision === undefined
  );
}
