import type { Hash } from '../primitives/bytes.js';
import type { Evidence } from '../primitives/evidence.js';
import type { Address, BlockHeader, Certificate, TimestampMs, Validator } from '../primitives/types.js';
import type { RefusalCode } from './refusalCode.js';

/**
 * The shapes at the door of the protocol: messages, inputs, effects and the journal's record. PROTOCOL §Consensus.
 *
 * Validators are named by their index in the ordered list that decides the height at which the reducer works
 * (`working height` = head + 1), also in messages of the heights before and after it.
 */

// ---- messages

/** What a message says of the round that its sender last saw prepared: both fields or neither. */
export interface PreparedClaim {
  readonly preparedRound: number | undefined;
  readonly preparedHash: Hash | undefined;
}

/** Signed: height, round, blockHash. The rest justifies it. */
export interface Proposal {
  readonly type: 'proposal';
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
  readonly header: BlockHeader;
  /** Empty in round 0, else at least a quorum for exactly this round, by ascending sender, without certificates. */
  readonly roundChanges: readonly Signed<RoundChange>[];
  /** The certificate of the highest prepared round among the round changes; undefined where none is prepared. */
  readonly preparedCertificate: Certificate | undefined;
}

export interface Prepare {
  readonly type: 'prepare';
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
}

/** Its signature is the finality seal. */
export interface Commit {
  readonly type: 'commit';
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
}

/** Signed: height, round, preparedRound, preparedHash. */
export interface RoundChange extends PreparedClaim {
  readonly type: 'roundChange';
  readonly height: number;
  readonly round: number;
  /** Proof of the claim; undefined where there is no claim, and inside a proposal. */
  readonly preparedCertificate: Certificate | undefined;
}

/** Where its sender works. Never journaled: it binds nobody. */
export interface Status {
  readonly type: 'status';
  readonly height: number;
  readonly round: number;
}

/** What is journaled before it is signed. */
export type Vote = Proposal | Prepare | Commit | RoundChange;
export type UnsignedMessage = Vote | Status;

/** With the index of its sender, and 64 bytes over the digest of its signed fields (`messageDigest`). */
export type Signed<Message> = Message & { readonly sender: number; readonly signature: Uint8Array };
export type SignedMessage = Signed<Proposal> | Signed<Prepare> | Signed<Commit> | Signed<RoundChange> | Signed<Status>;

// ---- journal

/** The newest vote of each type that this node signed, or is about to sign, at one height. */
export interface SentVotes {
  readonly proposal: Proposal | undefined;
  readonly prepare: Prepare | undefined;
  readonly commit: Commit | undefined;
  readonly roundChange: RoundChange | undefined;
}

/** Everything that binds a validator at the height at which it works: on disk before it is signed. */
export interface JournalRecord {
  readonly height: number;
  readonly round: number;
  readonly sent: SentVotes;
  /** The newest prepared certificate seen for an accepted block. */
  readonly prepared: Certificate | undefined;
}

// ---- configuration and start

/** Constants of the network for one height; every validator has the same, but for `address`. */
export interface ConsensusConfig {
  readonly chainId: string;
  /** This node's validator key; undefined for an observer. */
  readonly address: Address | undefined;
  /** Duration of round 0; round r takes min(base · 3^r / 2^r, cap). */
  readonly timeoutBaseMs: number;
  /** More than the transfer and execution of a full block and four delays of the network. */
  readonly timeoutCapMs: number;
  /** How far a fresh block's timestamp may be ahead of this node's clock. */
  readonly maxClockDriftMs: number;
  /** Least time between the timestamps of two blocks. */
  readonly minBlockIntervalMs: number;
  /** An empty block is proposed when no other was for so long. */
  readonly heartbeatMs: number;
}

/** The newest committed block, and who decides the next. */
export interface ConsensusHead {
  readonly header: BlockHeader;
  readonly blockHash: Hash;
  /** Ordered list that decides height + 1. */
  readonly validators: readonly Validator[];
}

/** A body that is on this node's disk, as the reducer knows it. */
export interface HeldBody {
  readonly blockHash: Hash;
  readonly header: BlockHeader;
}

export interface ConsensusStart {
  readonly nowMs: TimestampMs;
  readonly head: ConsensusHead;
  /**
   * The journal's newest record; undefined signs nothing at all (an observer, or a journal that is not trusted: after its
   * recovery the host starts anew with `emptyRecord(H + 2)`). At or below the head it is superseded; at head + 1 it is
   * restored and what it names is sent again; above, nothing is signed until its height is reached.
   */
  readonly record: JournalRecord | undefined;
  /** Undecided bodies on disk. */
  readonly bodies: readonly HeldBody[];
  readonly workPending: boolean;
}

// ---- inputs

/**
 * A message from the network, or one of this node's own after it was signed.
 *
 * The host has checked: `sender` is an index of the working height's list; its signature; and, from the height before the
 * working one on, those of the embedded round changes, and each attached certificate with `verifyCertificate` against
 * that list (its quorum and every signature).
 * The reducer checks everything else: heights and rounds, leadership, that attachments belong to the message, that the
 * header hashes to the block hash and extends the head, justification, clock. Messages of height + 1 are checked against
 * the working height's list too; the reducer drops those that it buffered when the list changes.
 */
export interface MessageInput {
  readonly type: 'message';
  readonly message: SignedMessage;
}

/** The timer of (height, round) ran out. */
export interface TimeoutInput {
  readonly type: 'timeout';
  readonly height: number;
  readonly round: number;
}

/** Comes periodically: send this round's messages again, retry what did not succeed. */
export interface HealInput {
  readonly type: 'heal';
}

export interface PeerConnectedInput {
  readonly type: 'peerConnected';
  readonly validator: number;
}

/** Whether the mempool holds a transaction that could be included now; given when it changes. */
export interface WorkPendingInput {
  readonly type: 'workPending';
  readonly pending: boolean;
}

/** A delay of `scheduleProposal` has passed. */
export interface ProposalDueInput {
  readonly type: 'proposalDue';
  readonly height: number;
  readonly reason: 'interval' | 'heartbeat';
}

/** The block asked for by `buildBlock`; its execution here is this build. */
export interface BuiltInput {
  readonly type: 'built';
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
  readonly header: BlockHeader;
}

export interface BuildFailedInput {
  readonly type: 'buildFailed';
  readonly height: number;
  readonly round: number;
}

/** Answer to `executeBlock`. */
export interface ExecutedInput {
  readonly type: 'executed';
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
  /** As in the effect. */
  readonly header: BlockHeader;
  /**
   * `valid`: the body is here and executed to the roots of its header. `invalid`: it did not, or the host refuses to
   * run it. `unavailable`: the body could not be had; when the proposal comes again it is tried again.
   */
  readonly outcome: 'valid' | 'invalid' | 'unavailable';
}

/** A body that `fetchBody` asked for is here; the header is its own, hashes to `blockHash`, and commits to the body. */
export interface BodyAvailableInput {
  readonly type: 'bodyAvailable';
  readonly blockHash: Hash;
  readonly header: BlockHeader;
}

/** A block is on disk with its state in one synced batch, by `commitBlock` or by sync; heights may be skipped. */
export interface CommittedInput {
  readonly type: 'committed';
  readonly head: ConsensusHead;
  /** The constants in force after it; those before stay in force where it brings none. */
  readonly config?: ConsensusConfig;
}

/** A commit certificate that the host verified in full against the list of its height. */
export interface CertificateInput {
  readonly type: 'certificate';
  readonly certificate: Certificate;
  /** Who sent it, where that is a validator. */
  readonly from: number | undefined;
}

export type InputBody =
  | MessageInput
  | TimeoutInput
  | HealInput
  | PeerConnectedInput
  | WorkPendingInput
  | ProposalDueInput
  | BuiltInput
  | BuildFailedInput
  | ExecutedInput
  | BodyAvailableInput
  | CommittedInput
  | CertificateInput;

/** `nowMs` is the host's clock: used for a fresh block's timestamp and for delays, nothing else. */
export type Input = InputBody & { readonly nowMs: TimestampMs };

// ---- effects

/**
 * In this order, and before the next `persist`: make sure that each body that the record names in `sent.prepare` and
 * `sent.proposal` is on disk; check each vote with the signing guard; write the record and sync it; sign each vote;
 * release it to every validator; give it back as a `message` input. At most one a step.
 */
export interface PersistEffect {
  readonly type: 'persist';
  readonly record: JournalRecord;
  readonly thenSend: readonly Vote[];
}

/** Sign and release to every validator, without the journal. */
export interface SendStatusEffect {
  readonly type: 'sendStatus';
  readonly status: Status;
}

/** Own messages, signed before, once more to every validator. */
export interface ResendEffect {
  readonly type: 'resend';
  readonly messages: readonly SignedMessage[];
}

/** The same to one validator. */
export interface SendToEffect {
  readonly type: 'sendTo';
  readonly to: number;
  readonly messages: readonly SignedMessage[];
}

/** Sends the commit certificate of a committed height to a validator that is still there. */
export interface SendCertificateEffect {
  readonly type: 'sendCertificate';
  readonly to: number;
  readonly height: number;
}

/** Replaces the timer that runs, if any: there is one. */
export interface ScheduleTimerEffect {
  readonly type: 'scheduleTimer';
  readonly height: number;
  readonly round: number;
  readonly durationMs: number;
}

export interface CancelTimerEffect {
  readonly type: 'cancelTimer';
}

/** Asks for `proposalDue` of this height after each of the two delays; replaces what an earlier height asked for. */
export interface ScheduleProposalEffect {
  readonly type: 'scheduleProposal';
  readonly height: number;
  readonly intervalMs: number;
  readonly heartbeatMs: number;
}

/** Answered by `built` or `buildFailed`. May be empty. */
export interface BuildBlockEffect {
  readonly type: 'buildBlock';
  readonly height: number;
  readonly round: number;
  readonly parentHash: Hash;
  readonly proposer: Address;
  readonly timestamp: TimestampMs;
}

/**
 * Get the body (from the proposal's transactions, the mempool, or the validators named), keep it, execute it; answered
 * by `executed`. A newer one (another round or height) makes an older one needless.
 */
export interface ExecuteBlockEffect {
  readonly type: 'executeBlock';
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
  readonly header: BlockHeader;
  /** A quorum prepared it in an earlier round: so honest validators have executed it. */
  readonly isPrepared: boolean;
  /** Who has the body, the likeliest first. */
  readonly from: readonly number[];
}

/** Get a body and keep it, without executing it; answered by `bodyAvailable`, asked again at each heal until then. */
export interface FetchBodyEffect {
  readonly type: 'fetchBody';
  readonly height: number;
  readonly blockHash: Hash;
  readonly from: readonly number[];
}

/** The body is needed no longer although its height is undecided; those of decided heights go with `committed`. */
export interface ReleaseBodyEffect {
  readonly type: 'releaseBody';
  readonly blockHash: Hash;
}

/** The block is final and its body is here: write it; answered by `committed`. */
export interface CommitBlockEffect {
  readonly type: 'commitBlock';
  readonly height: number;
  readonly blockHash: Hash;
  readonly certificate: Certificate;
}

/** Others seem to be further: fetch blocks up to `height` with their certificates. */
export interface RequestSyncEffect {
  readonly type: 'requestSync';
  readonly height: number;
  readonly from: readonly number[];
}

/** Two votes of one validator that an honest one never signs both: to be kept and shown. */
export interface ReportEvidenceEffect {
  readonly type: 'reportEvidence';
  readonly evidence: Evidence;
}

/** An input that changed nothing, for metrics; what is merely late or repeated is not reported. */
export interface RefusedEffect {
  readonly type: 'refused';
  readonly code: RefusalCode;
  /** Sender of the message, where it was one. */
  readonly from: number | undefined;
}

export type Effect =
  | PersistEffect
  | SendStatusEffect
  | ResendEffect
  | SendToEffect
  | SendCertificateEffect
  | ScheduleTimerEffect
  | CancelTimerEffect
  | ScheduleProposalEffect
  | BuildBlockEffect
  | ExecuteBlockEffect
  | FetchBodyEffect
  | ReleaseBodyEffect
  | CommitBlockEffect
  | RequestSyncEffect
  | ReportEvidenceEffect
  | RefusedEffect;
