import type { Hash } from './bytes.js';
import { CodedError, invariant } from './errors.js';
import {
  bytesItem,
  fixedItem,
  formatError,
  hashItem,
  openFormat,
  readFormat,
  readItems,
  readUint,
  requireCount,
  uintItem,
  VERSION_ITEM,
} from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { LIMITS } from './limits.js';
import { type BlockVote, commitDigest, prepareDigest } from './message.js';
import { encode, encodeUint, type RlpReader, readHash } from './rlp.js';
import { nobleBackend, SIGNATURE_BYTES } from './signature.js';
import type { Certificate, CertificateType, SignatureBackend, Validator } from './types.js';
import { quorum } from './validator.js';

/** PROTOCOL §Formats, Certificate: a quorum's signatures over one block of one round. */

export type CertificateErrorCode =
  | 'CERTIFICATE_BITMAP_INVALID'
  | 'CERTIFICATE_SIGNATURE_COUNT'
  | 'CERTIFICATE_NO_QUORUM'
  | 'CERTIFICATE_SIGNATURE_INVALID';

/** A certificate that this validator set did not give. */
export class CertificateError extends CodedError<CertificateErrorCode> {}

const MAX_BITMAP_BYTES = LIMITS.validators / 8;
const MAX_CERTIFICATE_BYTES = LIMITS.validators * (SIGNATURE_BYTES + 2) + 128;
const TYPE_CODES: Readonly<Record<CertificateType, number>> = { prepare: 1, commit: 2 };

function bitmapBytes(validatorCount: number): number {
  return (validatorCount + 7) >> 3;
}

/** Indices of those who signed, ascending, as the bitmap says. */
export function certificateSigners(certificate: Certificate): number[] {
  const { signerBitmap } = certificate;
  const indices: number[] = [];
  for (let index = 0; index < signerBitmap.length * 8; index++) {
    if (((signerBitmap[index >> 3] as number) >> (index & 7)) & 1) indices.push(index);
  }
  return indices;
}

function requireSignatures(certificate: Certificate): void {
  const expected = certificateSigners(certificate).length;
  const actual = certificate.signatures.length;
  if (expected !== actual) {
    throw formatError('INCONSISTENT', 'signatures', `one for each of ${expected} bits`, `${actual}`);
  }
}

/** @throws FormatError */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  requireCount(certificate.signatures.length, 1, LIMITS.validators, 'signatures');
  requireSignatures(certificate);
  return encode([
    VERSION_ITEM,
    encodeUint(TYPE_CODES[certificate.type]),
    uintItem(certificate.height, 'height'),
    uintItem(certificate.round, 'round', LIMITS.round),
    hashItem(certificate.blockHash, 'blockHash'),
    bytesItem(certificate.signerBitmap, 'signerBitmap', 1, MAX_BITMAP_BYTES),
    certificate.signatures.map((signature) => fixedItem(signature, SIGNATURE_BYTES, 'signatures')),
  ]);
}

/** @throws RlpError, FormatError */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  return readCertificateFields(openFormat(bytes, MAX_CERTIFICATE_BYTES, 'certificate'));
}

/** A certificate inside another format. */
export function readCertificate(reader: RlpReader): Certificate {
  return readCertificateFields(readFormat(reader, 'certificate'));
}

function readCertificateFields(list: RlpReader): Certificate {
  const certificate: Certificate = {
    type: readType(list),
    height: readUint(list, 'height'),
    round: readUint(list, 'round', LIMITS.round),
    blockHash: readHash(list, 'blockHash'),
    signerBitmap: bytesItem(list.bytes(MAX_BITMAP_BYTES, 'signerBitmap'), 'signerBitmap', 1, MAX_BITMAP_BYTES),
    signatures: readItems(list, { min: 1, max: LIMITS.validators, field: 'signatures' }, readSignature),
  };
  list.done('certificate');
  requireSignatures(certificate);
  return certificate;
}

function readType(list: RlpReader): CertificateType {
  const code = list.uint(1, 'type');
  if (code === TYPE_CODES.prepare) return 'prepare';
  if (code === TYPE_CODES.commit) return 'commit';
  throw formatError('VALUE_OUT_OF_RANGE', 'type', '1 (prepare) or 2 (commit)', `${code}`);
}

function readSignature(reader: RlpReader): Uint8Array {
  return reader.fixed(SIGNATURE_BYTES, 'signatures');
}

/** A certificate's identity: H(tag ‖ certificate). Two quorums over one block give two certificates. */
export function certificateId(certificate: Certificate): Hash {
  return taggedHash(TAGS.certificate, encodeCertificate(certificate));
}

/** What each of its signers signed. */
export function certificateDigest(certificate: Certificate, genesisHash: Hash): Hash {
  const digest = certificate.type === 'commit' ? commitDigest : prepareDigest;
  return digest(genesisHash, certificate);
}

/**
 * Builds a certificate from verified signatures by the index of their validator.
 *
 * @throws InvariantError for an index outside the set
 */
export function buildCertificate(
  type: CertificateType,
  vote: BlockVote,
  validatorCount: number,
  signaturesByIndex: ReadonlyMap<number, Uint8Array>,
): Certificate {
  const indices = [...signaturesByIndex.keys()].sort((a, b) => a - b);
  const signerBitmap = new Uint8Array(bitmapBytes(validatorCount));
  const signatures: Uint8Array[] = [];
  for (const index of indices) {
    invariant(Number.isInteger(index) && index >= 0 && index < validatorCount, 'a signer is one of the set', {
      expected: `an index below ${validatorCount}`,
      actual: `${index}`,
    });
    signerBitmap[index >> 3] = (signerBitmap[index >> 3] as number) | (1 << (index & 7));
    signatures.push(signaturesByIndex.get(index) as Uint8Array);
  }
  const { height, round, blockHash } = vote;
  return { type, height, round, blockHash, signerBitmap, signatures };
}

function refuse(code: CertificateErrorCode, field: string, expected: string, actual: string): CertificateError {
  return new CertificateError(code, `certificate ${field}: expected ${expected}, found ${actual}`, {
    field,
    expected,
    actual,
  });
}

/**
 * Everything that can be told without a signature check: bitmap, number of signatures, quorum. PROTOCOL §Certificate
 * C1, C2.
 *
 * @returns undefined when it holds
 */
export function certificateShapeFault(certificate: Certificate, validatorCount: number): CertificateError | undefined {
  const { signerBitmap, signatures } = certificate;
  const signers = certificateSigners(certificate);
  const expectedBytes = bitmapBytes(validatorCount);
  if (signerBitmap.length !== expectedBytes) {
    return refuse('CERTIFICATE_BITMAP_INVALID', 'bitmap', `${expectedBytes} bytes`, `${signerBitmap.length}`);
  }
  const last = signers.at(-1) ?? -1;
  if (last >= validatorCount) {
    return refuse('CERTIFICATE_BITMAP_INVALID', 'bitmap', `bits below ${validatorCount}`, `bit ${last}`);
  }
  if (signatures.length !== signers.length) {
    return refuse('CERTIFICATE_SIGNATURE_COUNT', 'signatures', `${signers.length}`, `${signatures.length}`);
  }
  const needed = quorum(validatorCount);
  if (signers.length < needed) {
    return refuse('CERTIFICATE_NO_QUORUM', 'signers', `at least ${needed} of ${validatorCount}`, `${signers.length}`);
  }
  return undefined;
}

/**
 * PROTOCOL §Certificate C1–C3. Checks a certificate against the ordered list that decides its height. Every signature in it must be valid, not only
 * a quorum of them, so that no byte of it is without meaning. Whether type, height and block are the ones that the
 * caller wants is the caller's question.
 *
 * @returns undefined when it holds
 */
export function verifyCertificate(
  certificate: Certificate,
  validators: readonly Validator[],
  genesisHash: Hash,
  backend: SignatureBackend = nobleBackend,
): CertificateError | undefined {
  const fault = certificateShapeFault(certificate, validators.length);
  if (fault !== undefined) return fault;
  const signers = certificateSigners(certificate);
  const digest = certificateDigest(certificate, genesisHash);
  for (const [position, index] of signers.entries()) {
    const validator = validators[index] as Validator;
    if (!backend.verify(certificate.signatures[position] as Uint8Array, digest, validator.publicKey)) {
      return refuse('CERTIFICATE_SIGNATURE_INVALID', 'signature', `one of ${validator.address}`, 'another value');
    }
  }
  return undefined;
}
