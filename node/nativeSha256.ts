import { hash } from 'node:crypto';
import { concatBytes, type Hash } from '../primitives/bytes.js';
import { TAGS } from '../primitives/hash.js';
import type { TransactionHasher } from '../primitives/transaction.js';

const HASH_BYTES = 32;
/** Longer ones are so dear to hash that a copy of their own is nothing beside it. */
const SCRATCH_BYTES = 16_384;

/**
 * SHA-256, natively, in memory of its own: for what is kept by itself. As text, of one character a byte, it comes in less
 * time than a buffer takes.
 */
export function nativeSha256(bytes: Uint8Array): Hash {
  const text = hash('sha256', bytes, 'binary');
  const digest = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) digest[i] = text.charCodeAt(i);
  return digest;
}

/**
 * The same in memory that many digests share, which takes two thirds of the time: for what is used at once, or kept with its
 * neighbours. A view alone would keep all of that memory alive, and a message to another thread would copy it.
 */
export function pooledSha256(bytes: Uint8Array): Hash {
  const shared = Buffer.allocUnsafe(HASH_BYTES);
  shared.write(hash('sha256', bytes, 'binary'), 'latin1');
  // A Buffer's `slice` would share its bytes.
  return new Uint8Array(shared.buffer, shared.byteOffset, HASH_BYTES);
}

/** The hashes of transactions of one chain, natively; tags and bytes are joined in memory that is used again. */
export function nativeTransactionHasher(genesisHash: Hash): TransactionHasher {
  const hashOfId = prefixedSha256(concatBytes(TAGS.transaction, genesisHash));
  const hashOfLeaf = prefixedSha256(TAGS.transactionLeaf);
  return { id: hashOfId, leafHash: hashOfLeaf };
}

function prefixedSha256(prefix: Uint8Array): (bytes: Uint8Array) => Hash {
  const scratch = new Uint8Array(SCRATCH_BYTES);
  scratch.set(prefix);
  return (bytes) => {
    const length = prefix.length + bytes.length;
    if (length > SCRATCH_BYTES) return nativeSha256(concatBytes(prefix, bytes));
    scratch.set(bytes, prefix.length);
    return nativeSha256(scratch.subarray(0, length));
  };
}
