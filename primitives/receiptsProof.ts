import { encodeHeader, readHeader } from './block.js';
import { toHex } from './bytes.js';
import { encodeCertificate, readCertificate } from './certificate.js';
import { encodeHandovers, ProofError, readHandovers } from './finality.js';
import {
  bytesItem,
  formatError,
  openFormat,
  readItems,
  readUint,
  requireCount,
  requireSize,
  uintItem,
  VERSION_ITEM,
} from './format.js';
import { type Sha256, sha256, TAGS } from './hash.js';
import { LIMITS } from './limits.js';
import { type PairHasher, pureHasher, verifyMultiproof } from './merkle.js';
import { encode, encodeListOf, type RlpReader } from './rlp.js';
import type { BlockHeader, Certificate, FinalityUpdate, Handover } from './types.js';

/** PROTOCOL §Proof of receipts F6: several receipts of one block, with all that proves them final once. */

/** Each receipt is that of a transaction, and the last one perhaps that of the system's call. */
const RECEIPTS = { min: 1, max: LIMITS.transactionsPerBlock + 1, field: 'receipts' } as const;
const INDICES = { ...RECEIPTS, field: 'indices' } as const;
/** Of a multiproof of all those: fewer than one sibling for each in each of 30 levels, and a proof's size bounds it first. */
const MAX_NODE_BYTES = LIMITS.receiptsProofBytes;
const TAG_BYTES = 32;

export interface ReceiptsProof extends FinalityUpdate {
  /** Receipts of the block. */
  readonly count: number;
  /** Positions in the block, ascending. */
  readonly indices: readonly number[];
  /** Encoded, one for each index. */
  readonly receipts: readonly Uint8Array[];
  /** The multiproof of their leaves, 32 bytes a node. */
  readonly nodes: Uint8Array;
}

/** The parts that all proofs of a block share, encoded once. */
export interface EncodedSeal {
  readonly header: Uint8Array;
  readonly certificate: Uint8Array;
  readonly handovers: Uint8Array;
}

/** @throws FormatError when a part is out of its bounds */
export function encodeSeal(seal: {
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  readonly handovers: readonly Handover[];
}): EncodedSeal {
  return {
    header: encodeHeader(seal.header),
    certificate: encodeCertificate(seal.certificate),
    handovers: encodeHandovers(seal.handovers),
  };
}

/** Joins parts that are encoded already; whoever gives them has judged them. @throws FormatError when it is too large */
export function encodeReceiptsProof(
  seal: EncodedSeal,
  proven: Pick<ReceiptsProof, 'count' | 'indices' | 'receipts' | 'nodes'>,
): Uint8Array {
  const { count, indices, receipts, nodes } = proven;
  requireCount(receipts.length, RECEIPTS.min, RECEIPTS.max, RECEIPTS.field);
  requireCount(indices.length, receipts.length, receipts.length, INDICES.field);
  const bytes = encodeListOf([
    encode(VERSION_ITEM),
    seal.header,
    seal.certificate,
    seal.handovers,
    encode(uintItem(count, 'count')),
    encode(indices.map((index) => uintItem(index, 'indices'))),
    encodeListOf(receipts),
    encode(bytesItem(nodes, 'nodes', 0, MAX_NODE_BYTES)),
  ]);
  requireSize(bytes.length, LIMITS.receiptsProofBytes, 'proof');
  return bytes;
}

/** Reads a proof without judging it; its byte fields are views of `bytes`. @throws RlpError, FormatError */
export function decodeReceiptsProof(bytes: Uint8Array): ReceiptsProof {
  const list = openFormat(bytes, LIMITS.receiptsProofBytes, 'proof');
  const proof: ReceiptsProof = {
    header: readHeader(list),
    certificate: readCertificate(list),
    handovers: readHandovers(list),
    count: readUint(list, 'count'),
    indices: readItems(list, INDICES, readIndex),
    receipts: readItems(list, RECEIPTS, readReceiptBytes),
    nodes: list.bytes(MAX_NODE_BYTES, 'nodes'),
  };
  list.done('proof');
  if (proof.indices.length !== proof.receipts.length) {
    throw formatError(
      'INCONSISTENT',
      'receipts',
      `one for each of ${proof.indices.length} indices`,
      `${proof.receipts.length}`,
    );
  }
  return proof;
}

function readIndex(reader: RlpReader): number {
  return readUint(reader, 'indices');
}

function readReceiptBytes(reader: RlpReader): Uint8Array {
  return reader.raw('receipts');
}

/** What whoever verifies may have natively. */
export interface ReceiptHashing {
  readonly sha256: Sha256;
  readonly hasher: PairHasher;
}

/**
 * Checks that the receipts stand in the block of this header, which the caller has verified.
 * PROTOCOL §Proof of receipts F7, F8.
 *
 * @throws ProofError `PROOF_RECEIPT_NOT_IN_BLOCK`
 */
export function verifyReceiptsInHeader(
  proof: Pick<ReceiptsProof, 'count' | 'indices' | 'receipts' | 'nodes'>,
  header: BlockHeader,
  hashing: ReceiptHashing = { sha256, hasher: pureHasher },
): void {
  const { count, indices, receipts, nodes } = proof;
  const leaves = leavesOf(receipts, hashing.sha256);
  if (verifyMultiproof({ leaves, indices, count, nodes, root: header.receiptsRoot }, hashing.hasher)) return;
  const expected = `${receipts.length} receipts of ${count} under ${toHex(header.receiptsRoot)}`;
  throw new ProofError('PROOF_RECEIPT_NOT_IN_BLOCK', `receipts: expected ${expected}, found others`, {
    part: 'receipts',
    expected,
    actual: 'receipts, positions or nodes of another tree',
  });
}

/** Their leaves, packed. */
function leavesOf(receipts: readonly Uint8Array[], hash: Sha256): Uint8Array {
  const longest = receipts.reduce((most, { length }) => Math.max(most, length), 0);
  const tagged = new Uint8Array(TAG_BYTES + longest);
  tagged.set(TAGS.receiptLeaf, 0);
  const leaves = new Uint8Array(receipts.length * 32);
  receipts.forEach((receipt, index) => {
    tagged.set(receipt, TAG_BYTES);
    leaves.set(hash(tagged.subarray(0, TAG_BYTES + receipt.length)), index * 32);
  });
  return leaves;
}
