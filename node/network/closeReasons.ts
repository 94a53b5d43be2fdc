import type { CodedError } from '../../primitives/errors.js';
import { NetworkError } from './errors.js';

/** Why this node ends a connection by itself; each says what the operator may do about it. */

export function stoppedReason(): NetworkError {
  return new NetworkError('NETWORK_STOPPED', 'the network of this node was stopped', {
    hint: 'start the node to connect again',
  });
}

export function removedReason(peerId: string): NetworkError {
  return new NetworkError('PEER_REMOVED', `expected peers of the allow-list only, found ${peerId}`, {
    expected: 'a peer of the allow-list',
    actual: peerId,
    hint: 'a member that should connect registers this peer id for its node on the chain',
  });
}

export function replacedReason(peerId: string): NetworkError {
  return new NetworkError('CONNECTION_REPLACED', `expected one connection to ${peerId}, found two; one goes`, {
    expected: 'one connection',
    actual: 'two',
    hint: 'nothing: both ends keep the same one',
  });
}

export function roleChangedReason(peerId: string): NetworkError {
  return new NetworkError(
    'CONNECTION_REPLACED',
    `the role of ${peerId} changed; it is connected anew with its quotas`,
    {
      hint: 'nothing: it reconnects by itself',
    },
  );
}

export function bannedReason(peerId: string, banMs: number, fault: CodedError): NetworkError {
  return new NetworkError('PEER_BANNED', `${peerId} is refused for ${banMs} ms: ${fault.message}`, {
    expected: 'a peer that keeps the rules',
    actual: fault.code,
    hint: 'ask the member that runs it; it may return when the time is over',
    banMs,
  });
}
