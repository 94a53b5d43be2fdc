import type { Hash } from '../../primitives/bytes.js';
import { certificateDigest, certificateSigners, verifyCertificate } from '../../primitives/certificate.js';
import type { CodedError } from '../../primitives/errors.js';
import type { Certificate, SignatureBackend, Validator } from '../../primitives/types.js';
import type { SignatureCheck } from '../signatures/types.js';

/** Answers yes, so that only what needs no signature check is judged. */
const ACCEPTS_ALL: SignatureBackend = {
  name: 'noble',
  sign: (digest) => digest,
  verify: () => true,
  publicKey: (privateKey) => privateKey,
};

/** What is wrong with a certificate before any of its signatures is looked at; undefined when nothing is. */
export function certificateShapeFault(
  certificate: Certificate,
  validators: readonly Validator[],
  genesisHash: Hash,
): CodedError | undefined {
  return verifyCertificate(certificate, validators, genesisHash, ACCEPTS_ALL);
}

/** The signature checks of a certificate whose shape is right. */
export function certificateChecks(
  certificate: Certificate,
  validators: readonly Validator[],
  genesisHash: Hash,
): SignatureCheck[] {
  const digest = certificateDigest(certificate, genesisHash);
  return certificateSigners(certificate).map((index, position) => ({
    publicKey: (validators[index] as Validator).publicKey,
    digest,
    signature: certificate.signatures[position] as Uint8Array,
  }));
}
