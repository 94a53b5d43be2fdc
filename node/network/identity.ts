import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { NetworkError } from './errors.js';

const PRIVATE_KEY_BYTES = 32;

/**
 * The libp2p key of a raw secp256k1 private key, 32 bytes.
 *
 * @throws NetworkError `NETWORK_OPTIONS_INVALID`
 */
export function networkKey(privateKey: Uint8Array): PrivateKey {
  if (privateKey.length !== PRIVATE_KEY_BYTES) throw keyError(`${privateKey.length} bytes`);
  try {
    return privateKeyFromRaw(privateKey);
  } catch {
    throw keyError('32 bytes that are no key');
  }
}

/**
 * The peer id that a node with this raw secp256k1 private key (32 bytes) has.
 *
 * @throws NetworkError `NETWORK_OPTIONS_INVALID`
 */
export function peerIdOf(privateKey: Uint8Array): string {
  return peerIdFromPrivateKey(networkKey(privateKey)).toString();
}

function keyError(actual: string): NetworkError {
  return new NetworkError(
    'NETWORK_OPTIONS_INVALID',
    `expected a raw secp256k1 private key of ${PRIVATE_KEY_BYTES} bytes as the network's key, found ${actual}`,
    { expected: `${PRIVATE_KEY_BYTES} bytes`, actual, hint: 'make one with `vostro keys new`' },
  );
}
