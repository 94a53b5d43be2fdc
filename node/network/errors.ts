import { CodedError } from '../../primitives/errors.js';

export type NetworkErrorCode =
  /** A peer sent a frame, or a message in it, that is longer than its protocol allows. */
  | 'FRAME_TOO_LARGE'
  /** A peer sent bytes that are no frame of ours. */
  | 'FRAME_MALFORMED'
  /** What we were asked to send is longer than its protocol allows: a caller's error. */
  | 'MESSAGE_TOO_LARGE'
  /** A peer's multiplexer broke the limits that we set for it. */
  | 'MULTIPLEXER_ABUSED'
  /** A peer reads more slowly than consensus speaks: its outbox is full. */
  | 'OUTBOX_OVERFLOW'
  /** A peer has read nothing for too long while messages waited. */
  | 'PEER_STALLED'
  /** A peer has sent nothing for too long, not even a heartbeat. */
  | 'PEER_SILENT'
  /** A peer is refused for a while for its faults. */
  | 'PEER_BANNED'
  /** The peer is no longer on the allow-list. */
  | 'PEER_REMOVED'
  /** There is no usable connection to the peer. */
  | 'PEER_NOT_CONNECTED'
  /** The connection to the peer ended. */
  | 'PEER_DISCONNECTED'
  /** Another connection to the same peer took the place of this one. */
  | 'CONNECTION_REPLACED'
  /** The streams of a new connection could not be opened. */
  | 'STREAM_FAILED'
  | 'REQUEST_TIMEOUT'
  /** As many requests to this peer are open as are allowed. */
  | 'REQUEST_LIMIT'
  /** The peer answered that it will not answer. */
  | 'REQUEST_REFUSED'
  /** No address could be listened on. */
  | 'LISTEN_FAILED'
  /** The network's options cannot work. */
  | 'NETWORK_OPTIONS_INVALID'
  | 'NETWORK_STOPPED';

/** Raised by the network room; the codes of peers' faults also name why a connection was closed. */
export class NetworkError extends CodedError<NetworkErrorCode> {}

/** The faults that cost a peer its connection and a ban at once. */
const FATAL_FAULTS: ReadonlySet<string> = new Set<NetworkErrorCode>([
  'FRAME_TOO_LARGE',
  'FRAME_MALFORMED',
  'MULTIPLEXER_ABUSED',
]);

export function isFatalFault(code: string): boolean {
  return FATAL_FAULTS.has(code);
}

/** A sentence for anything that was thrown: libp2p rejects with errors, aggregates of errors, and even with events. */
export function describeFailure(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(describeFailure).join('; ') || cause.message;
  if (cause instanceof Error) return `${cause.name}: ${cause.message}`;
  if (cause instanceof Event) {
    const error: unknown = 'error' in cause ? cause.error : undefined;
    return error === undefined ? `the connection ended (${cause.type})` : describeFailure(error);
  }
  return String(cause);
}
