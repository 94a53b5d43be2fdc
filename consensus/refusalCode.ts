/** Why an input changed nothing: what is merely late or repeated has no code. */
export type RefusalCode =
  /** Of a height for which nothing is buffered. */
  | 'HEIGHT_TOO_FAR'
  /** The buffer for the next height has no more room for this sender. */
  | 'BUFFER_FULL'
  /** Proposed by another than the leader of its round. */
  | 'NOT_LEADER'
  /** The header does not hash to the block hash, or does not extend the head. */
  | 'HEADER_MISMATCH'
  /** No quorum of round changes for its round, or another block than the one prepared. */
  | 'NOT_JUSTIFIED'
  /** A fresh block that names another proposer. */
  | 'PROPOSER_MISMATCH'
  /** A fresh block not after its parent, or ahead of this node's clock. */
  | 'TIMESTAMP_OUT_OF_RANGE'
  /** A round change that contradicts itself, or without the certificate that it claims. */
  | 'ROUND_CHANGE_INVALID'
  /** It executes here to other roots, or not at all. */
  | 'BLOCK_INVALID'
  /** Its body could not be had. */
  | 'BODY_UNAVAILABLE'
  /** A second, different payload where one counts: reported as evidence too. */
  | 'CONFLICTING';
