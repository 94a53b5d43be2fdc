import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { compareBytes, equalBytes, fromHex } from '../../primitives/bytes.js';
import {
  COMPRESSED_KEY_BYTES,
  DIGEST_BYTES,
  hasKeyForm,
  nobleBackend,
  SIGNATURE_BYTES,
} from '../../primitives/signature.js';
import type { SignatureBackend } from '../../primitives/types.js';
import { SignatureServiceError } from './errors.js';
import { PublicKeyCache } from './publicKeyCache.js';

/** The part of the `secp256k1` package's binding that is used here: libsecp256k1, prebuilt, behind argument checks. */
export interface Secp256k1Binding {
  contextRandomize(seed: Uint8Array): void;
  privateKeyVerify(privateKey: Uint8Array): boolean;
  publicKeyCreate(privateKey: Uint8Array, compressed: boolean): Uint8Array;
  publicKeyConvert(publicKey: Uint8Array, compressed: boolean): Uint8Array;
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { readonly signature: Uint8Array };
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
}

export interface NativeBackendOptions {
  /** Keys of one generation of the cache of decompressed keys; at most twice as many are held, 200 bytes each. */
  readonly cachedKeys?: number;
  /** Gives the binding; another one only in tests. */
  readonly load?: () => Secp256k1Binding;
}

const DEFAULT_CACHED_KEYS = 32_768;
const PRIVATE_KEY_BYTES = 32;
/** Order of the group, SEC 2 §2.4.1. */
const ORDER = fromHex('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');

/** The package's entry falls back to a slow backend in silence where its binary does not load; this one throws instead. */
function loadBinding(): Secp256k1Binding {
  return createRequire(import.meta.url)('secp256k1/bindings.js') as Secp256k1Binding;
}

/** The digest as a scalar: libsecp256k1 and RFC 6979 §2.3.4 derive another nonce from a digest that exceeds the order. */
function reduceDigest(digest: Uint8Array): Uint8Array {
  if (compareBytes(digest, ORDER) < 0) return digest;
  const reduced = new Uint8Array(DIGEST_BYTES);
  let borrow = 0;
  for (let i = DIGEST_BYTES - 1; i >= 0; i--) {
    const difference = (digest[i] as number) - (ORDER[i] as number) - borrow;
    reduced[i] = difference & 0xff;
    borrow = difference < 0 ? 1 : 0;
  }
  return reduced;
}

/**
 * Suite 1 by libsecp256k1: the same answers as the pure backend on every input, about fifty times as fast. Each backend
 * keeps a bounded cache of decompressed keys (41 µs a check instead of 45).
 *
 * @throws SignatureServiceError `NATIVE_UNAVAILABLE` where the binary does not load or does not pass its self test.
 */
export function createNativeBackend(options: NativeBackendOptions = {}): SignatureBackend {
  const binding = loadOrThrow(options.load ?? loadBinding);
  const cache = new PublicKeyCache(options.cachedKeys ?? DEFAULT_CACHED_KEYS);
  const decompress = (compressed: Uint8Array): Uint8Array => binding.publicKeyConvert(compressed, false);

  const requirePrivateKey = (privateKey: Uint8Array): void => {
    const hasForm = privateKey instanceof Uint8Array && privateKey.length === PRIVATE_KEY_BYTES;
    if (hasForm && binding.privateKeyVerify(privateKey)) return;
    // The pure backend raises the error, so that both raise the same.
    nobleBackend.publicKey(privateKey);
  };
  return {
    name: 'native',
    sign(digest, privateKey) {
      requirePrivateKey(privateKey);
      if (!(digest instanceof Uint8Array) || digest.length !== DIGEST_BYTES)
        return nobleBackend.sign(digest, privateKey);
      return binding.ecdsaSign(reduceDigest(digest), privateKey).signature;
    },
    verify(signature, digest, publicKey) {
      try {
        // Hybrid keys, which the binding takes, are no keys here.
        if (signature.length !== SIGNATURE_BYTES || digest.length !== DIGEST_BYTES || !hasKeyForm(publicKey))
          return false;
        const compressed = publicKey.length === COMPRESSED_KEY_BYTES;
        return binding.ecdsaVerify(signature, digest, compressed ? cache.get(publicKey, decompress) : publicKey);
      } catch {
        // The binding throws on r or s beyond the order and on a key that is no point: both are plainly not valid.
        return false;
      }
    },
    publicKey(privateKey) {
      requirePrivateKey(privateKey);
      return binding.publicKeyCreate(privateKey, true);
    },
    decompress(publicKey) {
      try {
        if (publicKey instanceof Uint8Array && hasKeyForm(publicKey)) return decompress(publicKey);
      } catch {
        // The pure backend raises the error, so that both raise the same.
      }
      return nobleBackend.decompress(publicKey);
    },
  };
}

function loadOrThrow(load: () => Secp256k1Binding): Secp256k1Binding {
  try {
    const binding = load();
    binding.contextRandomize(randomBytes(32));
    selfTest(binding);
    return binding;
  } catch (error) {
    if (error instanceof SignatureServiceError) throw error;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new SignatureServiceError('NATIVE_UNAVAILABLE', `the secp256k1 binary does not load here: ${reason}`, {
      expected: `a prebuilt binary for ${process.platform}-${process.arch}`,
      actual: reason,
      hint: 'reinstall the dependencies on this machine; until then signatures are checked in JavaScript, far slower',
    });
  }
}

/**
 * What the pure backend makes of the key 2a…2a and the digest 17…17. To make it anew takes that backend's tables, a quarter
 * of a second in each thread that starts.
 */
export const SELF_TEST = {
  privateKey: new Uint8Array(PRIVATE_KEY_BYTES).fill(0x2a),
  digest: new Uint8Array(DIGEST_BYTES).fill(0x17),
  publicKey: fromHex('0x035be5e9478209674a96e60f1f037f6176540fd001fa1d64694770c56a7709c42c'),
  signature: fromHex(
    '0x49bdde15437e92db4febac82dd7037ccbf5d01d2b7fa559befdd7ff9a5b705f8773680be963e8815fc20da4f175bf5c5d99613de1a51a0fa5c06919be7c001ea',
  ),
} as const;

/** One known signature made, accepted, and refused when changed: a binary that gets this wrong is not used. */
function selfTest(binding: Secp256k1Binding): void {
  const { privateKey, digest } = SELF_TEST;
  const publicKey = binding.publicKeyCreate(privateKey, true);
  const signature = binding.ecdsaSign(digest, privateKey).signature;
  const changed = new Uint8Array(digest).fill(0x18, 31);
  const right =
    equalBytes(publicKey, SELF_TEST.publicKey) &&
    equalBytes(signature, SELF_TEST.signature) &&
    binding.ecdsaVerify(signature, digest, publicKey) &&
    !binding.ecdsaVerify(signature, changed, publicKey);
  if (right) return;
  throw new SignatureServiceError('NATIVE_UNAVAILABLE', 'the secp256k1 binary gives wrong answers in its self test', {
    expected: 'the answers of the pure backend',
    actual: 'other ones',
    hint: 'reinstall the dependencies on this machine',
  });
}
