import type { Hash } from '../../primitives/bytes.js';
import { certificateDigest, certificateSigners } from '../../primitives/certificate.js';
import type { Certificate, Validator } from '../../primitives/types.js';
import type { SignatureCheck } from '../signatures/types.js';

/** The signature checks of a certificate whose shape is right for these validators. */
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
