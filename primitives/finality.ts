import { encodeHeader, headerHash, readHeader } from './block.js';
import { equalBytes, type Hash, toHex } from './bytes.js';
import { type CertificateErrorCode, encodeCertificate, readCertificate, verifyCertificate } from './certificate.js';
import { CodedError, type ErrorDetails } from './errors.js';
import {
  hashItem,
  openFormat,
  readItems,
  readUint,
  requireCount,
  requireSize,
  uintItem,
  VERSION_ITEM,
} from './format.js';
import { type Sha256, sha256, TAGS, taggedHashWith } from './hash.js';
import { LIMITS } from './limits.js';
import { verifyMerkleProof } from './merkle.js';
import { encodeOutcome, encodeReceipt, readOutcome, readReceipt } from './receipt.js';
import { encode, encodeListOf, type RlpReader, readHash } from './rlp.js';
import { nobleBackend } from './signature.js';
import type { StateTreeShape } from './stateTree.js';
import type {
  BlockHeader,
  Certificate,
  FinalityProof,
  Handover,
  Outcome,
  OutcomeProof,
  Receipt,
  SignatureBackend,
  Validator,
} from './types.js';
import { encodeValidators, readValidators, validatorsHash } from './validator.js';

/** PROTOCOL §Formats, Finality proof: its bytes, and when it holds. Offline, from the genesis file alone. */

/** Of a tree of 2^30 leaves. */
const MAX_PATH = 30;
const PATH = { min: 0, max: MAX_PATH, field: 'path' } as const;
const HANDOVERS = { min: 0, max: LIMITS.handoversPerProof, field: 'handovers' } as const;

/** @throws FormatError when a part is out of its bounds */
export function encodeFinalityProof(proof: FinalityProof): Uint8Array {
  const bytes = encodeListOf([
    encode(VERSION_ITEM),
    encodeReceipt(proof.receipt),
    encode(uintItem(proof.index, 'index')),
    encode(uintItem(proof.count, 'count')),
    encodePath(proof.path),
    encodeHeader(proof.header),
    encodeCertificate(proof.certificate),
    encodeHandovers(proof.handovers),
    proof.outcome === undefined ? encode([]) : encodeOutcomeProof(proof.outcome),
  ]);
  requireSize(bytes.length, LIMITS.proofBytes, 'proof');
  return bytes;
}

function encodePath(path: readonly Hash[]): Uint8Array {
  requireCount(path.length, PATH.min, PATH.max, PATH.field);
  return encode(path.map((node) => hashItem(node, 'path')));
}

/** The changes of validators that a proof carries. @throws FormatError */
export function encodeHandovers(handovers: readonly Handover[]): Uint8Array {
  requireCount(handovers.length, HANDOVERS.min, HANDOVERS.max, HANDOVERS.field);
  return encodeListOf(handovers.map(encodeHandover));
}

function encodeHandover(handover: Handover): Uint8Array {
  return encodeListOf([
    encodeHeader(handover.header),
    encodeCertificate(handover.certificate),
    encodeValidators(handover.nextValidators),
  ]);
}

function encodeOutcomeProof(proof: OutcomeProof): Uint8Array {
  return encodeListOf([
    encodeOutcome(proof.outcome),
    encode(uintItem(proof.index, 'outcome.index')),
    encodePath(proof.path),
  ]);
}

/** Reads a proof without judging it; its byte fields are views of `bytes`. @throws RlpError, FormatError */
export function decodeFinalityProof(bytes: Uint8Array): FinalityProof {
  const list = openFormat(bytes, LIMITS.proofBytes, 'proof');
  const proof: FinalityProof = {
    receipt: readReceipt(list),
    index: readUint(list, 'index'),
    count: readUint(list, 'count'),
    path: readItems(list, PATH, readNode),
    header: readHeader(list),
    certificate: readCertificate(list),
    handovers: readHandovers(list),
  };
  const outcome = readOutcomeProof(list);
  list.done('proof');
  return outcome === undefined ? proof : { ...proof, outcome };
}

function readNode(reader: RlpReader): Hash {
  return readHash(reader, 'path');
}

/** @throws RlpError, FormatError */
export function readHandovers(reader: RlpReader): Handover[] {
  return readItems(reader, HANDOVERS, readHandover);
}

function readHandover(reader: RlpReader): Handover {
  const item = reader.list('handover');
  const header = readHeader(item);
  const certificate = readCertificate(item);
  const nextValidators = readValidators(item);
  item.done('handover');
  return { header, certificate, nextValidators };
}

function readOutcomeProof(list: RlpReader): OutcomeProof | undefined {
  const item = list.list('outcome');
  if (!item.hasMore()) return undefined;
  const outcome = readOutcome(item);
  const index = readUint(item, 'outcome.index');
  const path = readItems(item, PATH, readNode);
  item.done('outcome');
  return { outcome, index, path };
}

// ---- verification

export type ProofErrorCode =
  | 'PROOF_CHAIN_MISMATCH'
  | 'PROOF_HEIGHT_NOT_COVERED'
  | 'PROOF_HANDOVER_OUT_OF_ORDER'
  | 'PROOF_HANDOVER_WITHOUT_CHANGE'
  | 'PROOF_VALIDATORS_MISMATCH'
  | 'PROOF_CERTIFICATE_MISMATCH'
  | 'PROOF_CERTIFICATE_INVALID'
  | 'PROOF_RECEIPT_NOT_IN_BLOCK'
  | 'PROOF_OUTCOME_NOT_IN_RECEIPT'
  | 'PROOF_TOO_MANY_HANDOVERS';

/** A proof that proves nothing to whoever trusts what was given; `details` name the part that failed. */
export class ProofError extends CodedError<ProofErrorCode> {}

/** What the verifier trusts: the genesis file, or a header that it verified before. */
export interface TrustedChain {
  readonly chainId: string;
  readonly genesisHash: Hash;
  /** The ordered list that decides height + 1. */
  readonly validators: readonly Validator[];
  /** Height of the newest trusted header, 0 (the default) for the genesis itself. */
  readonly height?: number;
  /** Shape of the state tree, as genesis says: needed where proofs of the state are to be verified. */
  readonly stateShape?: StateTreeShape;
}

/** A header that a quorum of its height's validators sealed. */
export interface FinalHeader {
  readonly header: BlockHeader;
  readonly blockHash: Hash;
  /** The ordered list that decided it. */
  readonly validators: readonly Validator[];
}

/** What a verified proof establishes. */
export interface VerifiedFinality extends FinalHeader {
  readonly receipt: Receipt;
  /** Position of the transaction in its block. */
  readonly index: number;
  readonly outcome?: Outcome;
}

function refuse(code: ProofErrorCode, part: string, expected: string, actual: string, more: ErrorDetails = {}) {
  return new ProofError(code, `${part}: expected ${expected}, found ${actual}`, { part, expected, actual, ...more });
}

/**
 * Checks everything: the receipt (and outcome) up to the header, the header's certificate, and each change of the
 * validator set from what is trusted to it.
 *
 * @throws ProofError naming the part that fails; RlpError or FormatError for values that no decoder gives
 */
export function verifyFinalityProof(
  proof: FinalityProof,
  trusted: TrustedChain,
  backend: SignatureBackend = nobleBackend,
): VerifiedFinality {
  const final = verifyFinalHeader(proof, trusted, backend);
  verifyReceiptInHeader(proof, final.header);
  const facts = { ...final, receipt: proof.receipt, index: proof.index };
  return proof.outcome === undefined ? facts : { ...facts, outcome: proof.outcome.outcome };
}

/**
 * The part of a proof that all receipts of a block share: verify it once for each block. PROTOCOL §Finality proof F1–F3.
 *
 * @throws ProofError
 */
export function verifyFinalHeader(
  proof: Pick<FinalityProof, 'header' | 'certificate' | 'handovers'>,
  trusted: TrustedChain,
  backend: SignatureBackend = nobleBackend,
): FinalHeader {
  const { header, certificate, handovers } = proof;
  if (handovers.length > LIMITS.handoversPerProof) {
    const limit = `at most ${LIMITS.handoversPerProof}`;
    throw refuse('PROOF_TOO_MANY_HANDOVERS', 'handovers', limit, `${handovers.length}`);
  }
  let { validators, height = 0 } = trusted;
  for (const [position, handover] of handovers.entries()) {
    const part = `handover ${position}`;
    if (handover.header.height <= height || handover.header.height >= header.height) {
      const range = `a height above ${height} and below ${header.height}`;
      throw refuse('PROOF_HANDOVER_OUT_OF_ORDER', part, range, `${handover.header.height}`);
    }
    validators = followHandover(handover, { ...trusted, validators }, part, backend);
    height = handover.header.height;
  }
  if (header.height <= height) {
    const hint = 'verify it from the genesis file, or from a trusted header below it';
    throw refuse('PROOF_HEIGHT_NOT_COVERED', 'header', `a height above ${height}`, `${header.height}`, { hint });
  }
  const blockHash = verifySeal(header, certificate, { ...trusted, validators }, 'header', backend);
  return { header, blockHash, validators };
}

/** PROTOCOL §Finality proof F1. */
function followHandover(
  handover: Handover,
  trusted: TrustedChain,
  part: string,
  backend: SignatureBackend,
): readonly Validator[] {
  const { header, certificate, nextValidators } = handover;
  if (equalBytes(header.validatorsHash, header.nextValidatorsHash)) {
    throw refuse('PROOF_HANDOVER_WITHOUT_CHANGE', part, 'a change of the validators', 'none');
  }
  verifySeal(header, certificate, trusted, part, backend);
  requireHash(validatorsHash(nextValidators), header.nextValidatorsHash, 'PROOF_VALIDATORS_MISMATCH', part);
  return nextValidators;
}

/** PROTOCOL §Finality proof F2: the header is of this chain and this set, and a quorum of the set committed to it. */
function verifySeal(
  header: BlockHeader,
  certificate: Certificate,
  trusted: TrustedChain,
  part: string,
  backend: SignatureBackend,
): Hash {
  if (header.chainId !== trusted.chainId) {
    throw refuse('PROOF_CHAIN_MISMATCH', part, `chain ${trusted.chainId}`, header.chainId);
  }
  requireHash(validatorsHash(trusted.validators), header.validatorsHash, 'PROOF_VALIDATORS_MISMATCH', part);
  const blockHash = headerHash(header);
  if (certificate.type !== 'commit' || certificate.height !== header.height) {
    const actual = `${certificate.type} certificate of height ${certificate.height}`;
    throw refuse('PROOF_CERTIFICATE_MISMATCH', part, `commit certificate of height ${header.height}`, actual);
  }
  requireHash(blockHash, certificate.blockHash, 'PROOF_CERTIFICATE_MISMATCH', part);
  const fault = verifyCertificate(certificate, trusted.validators, trusted.genesisHash, backend);
  if (fault !== undefined) {
    const cause: CertificateErrorCode = fault.code;
    throw new ProofError('PROOF_CERTIFICATE_INVALID', `${part}: ${fault.message}`, { ...fault.details, part, cause });
  }
  return blockHash;
}

function requireHash(expected: Hash, actual: Hash, code: ProofErrorCode, part: string): void {
  if (!equalBytes(expected, actual)) throw refuse(code, part, toHex(expected), toHex(actual));
}

/**
 * The part of a proof that is the receipt's own: it stands in the block of this header, which the caller has verified.
 * PROTOCOL §Finality proof F4, F5.
 *
 * @param hash SHA-256, native where the caller has it
 * @throws ProofError
 */
export function verifyReceiptInHeader(
  proof: Pick<FinalityProof, 'receipt' | 'index' | 'count' | 'path' | 'outcome'>,
  header: BlockHeader,
  hash: Sha256 = sha256,
): void {
  const { receipt, index, count, path, outcome } = proof;
  const leaf = taggedHashWith(hash, TAGS.receiptLeaf, encodeReceipt(receipt));
  if (!verifyMerkleProof({ leaf, index, count, path, root: header.receiptsRoot }, hash)) {
    const expected = `receipt ${index} of ${count} under ${toHex(header.receiptsRoot)}`;
    throw refuse('PROOF_RECEIPT_NOT_IN_BLOCK', 'receipt', expected, `leaf ${toHex(leaf)}`);
  }
  if (outcome !== undefined) verifyOutcomeInReceipt(outcome, receipt, hash);
}

/** PROTOCOL §Finality proof F5: one payment's outcome stands in the receipt of its batch. @throws ProofError */
export function verifyOutcomeInReceipt(proof: OutcomeProof, receipt: Receipt, hash: Sha256 = sha256): void {
  const { outcome, index, path } = proof;
  const { outcomesRoot: root, outcomeCount: count } = receipt;
  const leaf = taggedHashWith(hash, TAGS.outcomeLeaf, encodeOutcome(outcome));
  if (!verifyMerkleProof({ leaf, index, count, path, root }, hash)) {
    const expected = `outcome ${index} of ${count} under ${toHex(root)}`;
    throw refuse('PROOF_OUTCOME_NOT_IN_RECEIPT', 'outcome', expected, `leaf ${toHex(leaf)}`);
  }
}
