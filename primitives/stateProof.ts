import { compareBytes, concatBytes, equalBytes, type Hash, toHex } from './bytes.js';
import { CodedError } from './errors.js';
import { fixedItem, readFormat, readItems, requireCount, requireSize, VERSION_ITEM } from './format.js';
import { sha256 } from './hash.js';
import { encode, RlpReader, readHash } from './rlp.js';
import {
  MAX_STATE_DEPTH,
  requireStateShape,
  STATE_ENTRY_BYTES,
  STATE_SHAPE_LIMITS,
  type StateTreeShape,
  stateBit,
  stateKeyHash,
  statePageHash,
  statePath,
  stateRootHash,
} from './stateTree.js';

/** PROTOCOL §State tree, Proofs: that a key has a value, or none, under a header's state root. */

export interface StateProof {
  /** All entries of the page on the key's path: (key hash, value hash) pairs of 64 bytes, ascending; maybe none. */
  readonly entries: Uint8Array;
  /** Siblings from the page up to the top: as many as the page is deep. */
  readonly siblings: readonly Hash[];
}

export type StateProofErrorCode =
  | 'STATE_PATH_LENGTH'
  | 'STATE_PAGE_MALFORMED'
  | 'STATE_PAGE_TOO_FULL'
  | 'STATE_PAGE_UNSORTED'
  | 'STATE_PAGE_MISPLACED'
  | 'STATE_ROOT_MISMATCH';

/** Why a proof proves nothing. */
export class StateProofError extends CodedError<StateProofErrorCode> {}

const MAX_ENTRIES_BYTES = STATE_SHAPE_LIMITS.pageEntries * STATE_ENTRY_BYTES;
const SIBLINGS = { min: 0, max: MAX_STATE_DEPTH, field: 'siblings' } as const;
const MAX_PROOF_BYTES = MAX_ENTRIES_BYTES + MAX_STATE_DEPTH * 33 + 32;

/** @throws FormatError when a part is out of its bounds */
export function encodeStateProof(proof: StateProof): Uint8Array {
  requireCount(proof.siblings.length, SIBLINGS.min, SIBLINGS.max, SIBLINGS.field);
  requireCount(proof.entries.length, 0, MAX_ENTRIES_BYTES, 'entries');
  return encode([VERSION_ITEM, proof.entries, proof.siblings.map((node) => fixedItem(node, 32, 'siblings'))]);
}

/** Reads a proof without judging it; its fields are views of `bytes`. @throws RlpError, FormatError */
export function decodeStateProof(bytes: Uint8Array): StateProof {
  requireSize(bytes.length, MAX_PROOF_BYTES, 'stateProof');
  const reader = new RlpReader(bytes);
  const proof = readStateProof(reader);
  reader.done('stateProof');
  return proof;
}

/** The same inside another format. @throws RlpError, FormatError */
export function readStateProof(reader: RlpReader): StateProof {
  const list = readFormat(reader, 'stateProof');
  const entries = list.bytes(MAX_ENTRIES_BYTES, 'entries');
  const siblings = readItems(list, SIBLINGS, readSibling);
  list.done('stateProof');
  return { entries, siblings };
}

function readSibling(reader: RlpReader): Hash {
  return readHash(reader, 'siblings');
}

function refuse(code: StateProofErrorCode, what: string, expected: string, actual: string): StateProofError {
  return new StateProofError(code, `${what}: expected ${expected}, found ${actual}`, { expected, actual });
}

/**
 * What the state of a verified header holds under the key: the hash of the value (compare it with `stateValueHash`), or
 * undefined where the proof shows that there is none. The shape stands in genesis. PROTOCOL §Proofs P1–P3.
 *
 * @throws StateProofError naming what does not hold; StateShapeError
 */
export function verifyStateProof(
  proof: StateProof,
  key: Uint8Array,
  stateRoot: Hash,
  shape: StateTreeShape,
): Hash | undefined {
  requireStateShape(shape);
  const keyHash = stateKeyHash(key);
  const depth = proof.siblings.length;
  if (depth < shape.treeDepth || depth > MAX_STATE_DEPTH) {
    throw refuse('STATE_PATH_LENGTH', 'siblings', `${shape.treeDepth} to ${MAX_STATE_DEPTH}`, `${depth}`);
  }
  const path = statePath(keyHash, depth);
  checkEntries(proof.entries, path, depth, shape.pageEntries);
  let node = statePageHash(path, depth, proof.entries);
  proof.siblings.forEach((sibling, index) => {
    if (sibling.length !== 32) throw refuse('STATE_PATH_LENGTH', 'sibling', '32 bytes', `${sibling.length}`);
    const isRight = stateBit(keyHash, depth - 1 - index) === 1;
    node = sha256(isRight ? concatBytes(sibling, node) : concatBytes(node, sibling));
  });
  const root = stateRootHash(shape, node);
  if (!equalBytes(root, stateRoot)) {
    throw refuse('STATE_ROOT_MISMATCH', 'state root', toHex(stateRoot), toHex(root));
  }
  return valueHashOf(proof.entries, keyHash);
}

/** PROTOCOL §Proofs P2. The page must be one that the tree can hold: full pages, order and place are functions of the keys alone. */
function checkEntries(entries: Uint8Array, path: Uint8Array, depth: number, pageEntries: number): void {
  const count = entries.length / STATE_ENTRY_BYTES;
  if (!Number.isInteger(count)) {
    throw refuse('STATE_PAGE_MALFORMED', 'entries', `a multiple of ${STATE_ENTRY_BYTES} bytes`, `${entries.length}`);
  }
  if (count > pageEntries) throw refuse('STATE_PAGE_TOO_FULL', 'entries', `at most ${pageEntries}`, `${count}`);
  for (let index = 0; index < count; index++) {
    const keyHash = keyHashAt(entries, index);
    if (index > 0 && compareBytes(keyHashAt(entries, index - 1), keyHash) >= 0) {
      throw refuse('STATE_PAGE_UNSORTED', `entry ${index}`, 'a larger key hash than the one before', toHex(keyHash));
    }
    if (!equalBytes(statePath(keyHash, depth), path)) {
      throw refuse('STATE_PAGE_MISPLACED', `entry ${index}`, `a key hash under ${toHex(path)}`, toHex(keyHash));
    }
  }
}

function keyHashAt(entries: Uint8Array, index: number): Hash {
  return entries.subarray(index * STATE_ENTRY_BYTES, index * STATE_ENTRY_BYTES + 32);
}

function valueHashOf(entries: Uint8Array, keyHash: Hash): Hash | undefined {
  for (let start = 0; start < entries.length; start += STATE_ENTRY_BYTES) {
    if (equalBytes(entries.subarray(start, start + 32), keyHash)) return entries.slice(start + 32, start + 64);
  }
  return undefined;
}
