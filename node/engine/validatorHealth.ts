import type { Address } from '../../primitives/types.js';

/** What this node knows of one validator of the working height, from what it has heard and from certificates. */
export interface ValidatorHealth {
  readonly address: Address;
  /** BIC of the member whose key it is. */
  readonly member: string;
  readonly isSelf: boolean;
  /** Whether one of its nodes has a connection to this one. */
  readonly isConnected: boolean;
  /** Something was heard of it lately; itself while it takes part. */
  readonly isHeard: boolean;
  /** Since its node last said something of consensus; undefined while it has said nothing since this node started. */
  readonly heardAgoMs: number | undefined;
  /** Height and round of which it spoke last. */
  readonly height: number | undefined;
  readonly round: number | undefined;
  /** Rounds in a row that ended without a decision while it led them, since it was last silent. */
  readonly missedTurns: number;
  /**
   * Of the newest `certificates` that this node saw, how many it signed. A certificate closes with the first quorum of
   * signatures: a slow validator signs few, and is none the worse for it.
   */
  readonly signed: number;
  readonly certificates: number;
  /**
   * Its clock less this node's, as its last fresh proposal said; building and sending it make this a little smaller
   * than it is. Undefined while it has proposed nothing.
   */
  readonly clockOffsetMs: number | undefined;
  /** Nothing was heard of it for too long, or it let too many turns in a row go by. */
  readonly isSilent: boolean;
}
