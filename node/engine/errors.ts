import { CodedError } from '../../primitives/errors.js';

export type JournalErrorCode =
  /** There is a journal, or the marker of one, where a new one was to be made. */
  | 'JOURNAL_EXISTS'
  /** The key has no journal: it was lost, or the key was moved without it. */
  | 'JOURNAL_MISSING'
  /** The file is neither whole nor a torn last write of a whole one. */
  | 'JOURNAL_DAMAGED'
  /** The file is an older copy of the journal, brought back from a backup. */
  | 'JOURNAL_RESTORED'
  /** The journal belongs to another key or another network. */
  | 'JOURNAL_FOREIGN'
  /** The key signed what this node did not sign: another machine has it, or the journal is not the newest. */
  | 'KEY_USED_ELSEWHERE'
  /** The disk refused a write or a sync: what it holds is unknown until it is opened again. */
  | 'JOURNAL_WRITE_FAILED'
  | 'JOURNAL_RECORD_TOO_LARGE';

/** Raised by the signing journal. */
export class JournalError extends CodedError<JournalErrorCode> {}

export type EngineErrorCode =
  /** An undecided body could not be written or read. */
  | 'BODY_STORE_FAILED'
  /** More undecided bodies than a height can honestly have. */
  | 'BODY_STORE_FULL'
  /** Evidence against a validator could not be written. */
  | 'EVIDENCE_FAILED'
  /** Evidence that a peer shows is not signed by whom it accuses. */
  | 'EVIDENCE_INVALID'
  /** A peer shows more evidence at a time than is looked at. */
  | 'EVIDENCE_LIMIT'
  /** A peer's message does not decode, or says what no honest node would say. */
  | 'MESSAGE_MALFORMED'
  /** A peer's message is of a type that this version does not know. */
  | 'MESSAGE_TYPE_UNKNOWN'
  /** A message's signature, or that of a certificate in it, is not valid. */
  | 'MESSAGE_SIGNATURE_INVALID'
  /** A peer's messages hold more signatures at a time than are checked for one peer. */
  | 'PEER_TOO_FAST'
  /** A message's sender does not validate at its height. */
  | 'SENDER_UNKNOWN'
  /** A peer's request does not decode or asks for more than may be asked. */
  | 'REQUEST_MALFORMED'
  /** A peer asks more often than it may. */
  | 'REQUEST_LIMIT'
  /** What was asked for is not here. */
  | 'NOT_FOUND'
  /** A peer's answer does not decode, or is not what was asked for. */
  | 'ANSWER_MALFORMED'
  /** A peer gave blocks that no certificate of their validators covers. */
  | 'ANSWER_UNPROVEN'
  /** A proposed block's body does not have the root that its header names. */
  | 'BODY_MISMATCH'
  /** More ask to be told of commits than may. */
  | 'ENGINE_OVERLOADED';

/** Raised by the engine; also what it holds against a peer. */
export class EngineError extends CodedError<EngineErrorCode> {}
