import { CodedError } from '../primitives/errors.js';

export type ConsensusErrorCode =
  /** A constant of the network is out of its bounds. */
  'CONSENSUS_CONFIG_INVALID';

/** Raised when the protocol cannot be started as told. */
export class ConsensusError extends CodedError<ConsensusErrorCode> {}

export type SigningErrorCode =
  /** Of a height below the one signed for last. */
  | 'SIGNING_HEIGHT_DECREASES'
  /** Of a round below one that was signed for. */
  | 'SIGNING_ROUND_DECREASES'
  /** Another payload for a (type, height, round) that was signed. */
  | 'SIGNING_CONFLICT'
  /** Without the certificate that allows it. */
  | 'SIGNING_UNJUSTIFIED';

/** What a validator's key must never sign; raised before it is signed. */
export class SigningError extends CodedError<SigningErrorCode> {}
