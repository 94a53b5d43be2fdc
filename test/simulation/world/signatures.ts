import { chooseBackend } from '../../../node/signatures/chooseBackend.js';
import type { SignatureVerifier, Signer } from '../../../node/signatures/types.js';
import { type Hex, toHex } from '../../../primitives/bytes.js';
import { invariant } from '../../../primitives/errors.js';
import { decompressPublicKey } from '../../../primitives/signature.js';
import type { Address, SignatureBackend } from '../../../primitives/types.js';

export type SignatureKind = 'stand-in' | 'real';

/** A pair of keys, both real: only what is signed with them may be a stand-in. */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  /** Compressed. */
  readonly publicKey: Uint8Array;
}

const SIGNATURE_BYTES = 64;
const HALF_BYTES = 32;

/**
 * Signatures that cost nothing: the digest, masked with the key in two ways. One that was moved to another digest or key,
 * or changed in any bit, is not valid. Anybody could make them, but in a world only the holder of a key does.
 */
export function standInBackend(keys: readonly KeyPair[]): SignatureBackend {
  const publicKeys = new Map<Hex, Uint8Array>(keys.map(({ privateKey, publicKey }) => [toHex(privateKey), publicKey]));
  const publicKeyOf = (privateKey: Uint8Array): Uint8Array => {
    const found = publicKeys.get(toHex(privateKey));
    invariant(found !== undefined, 'a world signs with its own keys only');
    return found;
  };
  return {
    name: 'noble',
    sign: (digest, privateKey) => standIn(digest, publicKeyOf(privateKey)),
    verify: (signature, digest, publicKey) => {
      if (signature.length !== SIGNATURE_BYTES || digest.length !== HALF_BYTES || publicKey.length !== 33) return false;
      for (let i = 0; i < HALF_BYTES; i++) {
        if (
          signature[i] !== first(digest, publicKey, i) ||
          signature[HALF_BYTES + i] !== second(digest, publicKey, i)
        ) {
          return false;
        }
      }
      return true;
    },
    publicKey: publicKeyOf,
    decompress: decompressPublicKey,
  };
}

function standIn(digest: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const signature = new Uint8Array(SIGNATURE_BYTES);
  for (let i = 0; i < HALF_BYTES; i++) {
    signature[i] = first(digest, publicKey, i);
    signature[HALF_BYTES + i] = second(digest, publicKey, i);
  }
  return signature;
}

function first(digest: Uint8Array, publicKey: Uint8Array, i: number): number {
  return (digest[i] as number) ^ (publicKey[i + 1] as number);
}

function second(digest: Uint8Array, publicKey: Uint8Array, i: number): number {
  return (digest[HALF_BYTES - 1 - i] as number) ^ (publicKey[1 + ((i + 7) % HALF_BYTES)] as number) ^ 0xa5;
}

export function backendOf(kind: SignatureKind, keys: readonly KeyPair[]): SignatureBackend {
  return kind === 'real' ? chooseBackend().backend : standInBackend(keys);
}

/** Checks at once, in this thread. */
export function verifierOf(backend: SignatureBackend): SignatureVerifier {
  return {
    verifyMany: async (checks) =>
      checks.map(({ signature, digest, publicKey }) => backend.verify(signature, digest, publicKey)),
    stop: async () => {},
  };
}

/** Signs as the holder of a key whose address is known already. */
export function signerOf(key: KeyPair & { readonly address: Address }, backend: SignatureBackend): Signer {
  const { address, publicKey, privateKey } = key;
  return { address, publicKey, sign: async (digest) => backend.sign(digest, privateKey) };
}
