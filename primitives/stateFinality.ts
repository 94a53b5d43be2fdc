import { encodeHeader, readHeader } from './block.js';
import { equalBytes, toHex } from './bytes.js';
import { encodeCertificate, readCertificate } from './certificate.js';
import { CodedError } from './errors.js';
import { encodeHandovers, readHandovers } from './finality.js';
import { bytesItem, openFormat, readItems, requireCount, requireSize, VERSION_ITEM } from './format.js';
import { type Sha256, sha256 } from './hash.js';
import { LIMITS } from './limits.js';
import { encode, encodeListOf, type RlpReader } from './rlp.js';
import { encodeStateProof, readStateProof, type StateProof, verifyStateProof } from './stateProof.js';
import { type StateTreeShape, stateValueHash } from './stateTree.js';
import type { BlockHeader, FinalityUpdate } from './types.js';

/**
 * PROTOCOL §Proof of the state: what the state after a block holds under some keys, or that it holds nothing there, with
 * all that proves it to whoever holds the genesis file.
 */

/** A key of the whole state, the contract's namespace included, and what stands under it. */
export interface StateFact {
  /** A character a byte. */
  readonly key: string;
  /** Undefined where the state holds nothing under the key. */
  readonly value: Uint8Array | undefined;
}

export interface StateFactProof extends StateFact {
  readonly proof: StateProof;
}

export interface StateFinalityProof extends FinalityUpdate {
  /** 1 to `LIMITS.keysPerStateProof`. */
  readonly entries: readonly StateFactProof[];
}

export type StateFinalityErrorCode = 'STATE_VALUE_MISMATCH';

/** A value that is not the one that is proven. */
export class StateFinalityError extends CodedError<StateFinalityErrorCode> {}

/** Of a contract's name, the slash, and the longest key of its own. */
const MAX_KEY_BYTES = LIMITS.nameBytes + 1 + 512;
const MAX_VALUE_BYTES = 1_048_576;
const ENTRIES = { min: 1, max: LIMITS.keysPerStateProof, field: 'entries' } as const;

/** @throws FormatError when a part is out of its bounds */
export function encodeStateFinalityProof(proof: StateFinalityProof): Uint8Array {
  requireCount(proof.entries.length, ENTRIES.min, ENTRIES.max, ENTRIES.field);
  const bytes = encodeListOf([
    encode(VERSION_ITEM),
    encodeHeader(proof.header),
    encodeCertificate(proof.certificate),
    encodeHandovers(proof.handovers),
    encodeListOf(proof.entries.map(encodeEntry)),
  ]);
  requireSize(bytes.length, LIMITS.proofBytes, 'proof');
  return bytes;
}

function encodeEntry({ key, value, proof }: StateFactProof): Uint8Array {
  const item = value === undefined ? [] : [bytesItem(value, 'value', 0, MAX_VALUE_BYTES)];
  return encodeListOf([
    encode(bytesItem(stateKeyBytes(key), 'key', 1, MAX_KEY_BYTES)),
    encode(item),
    encodeStateProof(proof),
  ]);
}

/** Reads a proof without judging it; its byte fields are views of `bytes`. @throws RlpError, FormatError */
export function decodeStateFinalityProof(bytes: Uint8Array): StateFinalityProof {
  const list = openFormat(bytes, LIMITS.proofBytes, 'proof');
  const proof: StateFinalityProof = {
    header: readHeader(list),
    certificate: readCertificate(list),
    handovers: readHandovers(list),
    entries: readItems(list, ENTRIES, readEntry),
  };
  list.done('proof');
  return proof;
}

function readEntry(reader: RlpReader): StateFactProof {
  const item = reader.list('entry');
  const key = stateKeyText(item.bytes(MAX_KEY_BYTES, 'key'));
  const [value] = readItems(item, { min: 0, max: 1, field: 'value' }, (one) => one.bytes(MAX_VALUE_BYTES, 'value'));
  const proof = readStateProof(item);
  item.done('entry');
  return { key, value, proof };
}

/**
 * Checks every entry against the state of a header that the caller has verified. PROTOCOL §Proof of the state Q2.
 *
 * @param hash SHA-256, native where the caller has it
 * @throws StateProofError, StateFinalityError
 */
export function verifyStateEntries(
  entries: readonly StateFactProof[],
  header: Pick<BlockHeader, 'stateRoot'>,
  shape: StateTreeShape,
  hash: Sha256 = sha256,
): readonly StateFact[] {
  return entries.map(({ key, value, proof }) => {
    const proven = verifyStateProof(proof, stateKeyBytes(key), header.stateRoot, shape);
    const found = value === undefined ? undefined : stateValueHash(value, hash);
    const isSame = proven === undefined ? found === undefined : found !== undefined && equalBytes(found, proven);
    if (isSame) return { key, value };
    const expected = proven === undefined ? 'no value' : `a value of hash ${toHex(proven)}`;
    const actual = found === undefined ? 'none' : `one of hash ${toHex(found)}`;
    throw new StateFinalityError('STATE_VALUE_MISMATCH', `the proven state: expected ${expected}, found ${actual}`, {
      expected,
      actual,
      hint: 'believe nothing of it, and ask another node',
    });
  });
}

/** A key of the state is a string whose characters each stand for one byte. */
export function stateKeyBytes(key: string): Uint8Array {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}

export function stateKeyText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
