import type { Hex } from '../primitives/bytes.js';
import { CodedError, type ErrorDetails } from '../primitives/errors.js';

export type ClientErrorCode =
  /** No node could be reached: nothing was delivered. */
  | 'UNREACHABLE'
  /** It may or may not become final: `transactionId` says what to wait for. */
  | 'OUTCOME_UNKNOWN'
  /** A node answered with something that is no answer. */
  | 'RESPONSE_INVALID'
  /** A node of another network than the trusted genesis file's: nothing that it tells is about this one. */
  | 'NETWORK_MISMATCH'
  /** Two final blocks of one height: stop, and call the operators of the network. */
  | 'CHAIN_FORKED'
  /** What a light client kept is not of the trusted chain, or damaged. */
  | 'TRUSTED_STATE_INVALID'
  /** A node shows a state that is older than what this client has verified. */
  | 'NODE_BEHIND'
  /** A node's proof of the state does not hold. */
  | 'STATE_UNPROVEN'
  | 'OPTIONS_INVALID';

export class ClientError extends CodedError<ClientErrorCode> {}

/** The client stopped waiting. The transaction may still become final: never submit another one in its place. */
export class OutcomeUnknownError extends ClientError {
  readonly transactionId: Hex;

  constructor(transactionId: Hex, why: string, details: ErrorDetails = {}) {
    super('OUTCOME_UNKNOWN', `the outcome of ${transactionId} is not known: ${why}`, {
      hint: 'wait for it again, or submit the same signed bytes again: it settles at most once',
      ...details,
      transactionId,
    });
    this.transactionId = transactionId;
  }
}

/** What a node refused, with the code that it gave. */
export class NodeError extends CodedError {
  readonly url: string;

  constructor(url: string, code: string, message: string, details: ErrorDetails) {
    super(code, message, details);
    this.url = url;
  }
}

/** A request that got no answer. */
export class TransportError extends ClientError {
  /** False when the node cannot have seen the request. */
  readonly mayBeDelivered: boolean;
  readonly url: string;

  constructor(url: string, why: string, mayBeDelivered: boolean) {
    super('UNREACHABLE', `no answer of ${url}: ${why}`, { actual: why, url });
    this.url = url;
    this.mayBeDelivered = mayBeDelivered;
  }
}
