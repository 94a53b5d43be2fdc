import { COMPRESSED_KEY_BYTES, DIGEST_BYTES, SIGNATURE_BYTES } from '../../primitives/signature.js';
import type { SignatureBackend } from '../../primitives/types.js';
import type { SignatureCheck } from './types.js';

const KEY_BYTES = COMPRESSED_KEY_BYTES;
/** Bytes of one check as it goes to a worker: key, digest, signature. */
export const PACKED_CHECK_BYTES = KEY_BYTES + DIGEST_BYTES + SIGNATURE_BYTES;

/** True when each part has its length; a check that has not is not valid, and need not be asked about. */
export function isPackable(check: SignatureCheck): boolean {
  return (
    check.publicKey.length === KEY_BYTES &&
    check.digest.length === DIGEST_BYTES &&
    check.signature.length === SIGNATURE_BYTES
  );
}

/** Writes a packable check as number `index` of a job. */
export function packCheck(job: Uint8Array, index: number, check: SignatureCheck): void {
  const start = index * PACKED_CHECK_BYTES;
  job.set(check.publicKey, start);
  job.set(check.digest, start + KEY_BYTES);
  job.set(check.signature, start + KEY_BYTES + DIGEST_BYTES);
}

/** Answers a job: one byte for each check, 1 for valid. */
export function answerJob(job: Uint8Array, backend: SignatureBackend): Uint8Array<ArrayBuffer> {
  const answers = new Uint8Array(job.length / PACKED_CHECK_BYTES);
  for (let i = 0; i < answers.length; i++) {
    const start = i * PACKED_CHECK_BYTES;
    const digestStart = start + KEY_BYTES;
    const signatureStart = digestStart + DIGEST_BYTES;
    const valid = backend.verify(
      job.subarray(signatureStart, signatureStart + SIGNATURE_BYTES),
      job.subarray(digestStart, signatureStart),
      job.subarray(start, digestStart),
    );
    answers[i] = valid ? 1 : 0;
  }
  return answers;
}
