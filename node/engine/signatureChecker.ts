import type { SignatureBackend } from '../../primitives/types.js';
import type { SignatureCheck, SignatureVerifier } from '../signatures/types.js';
import { byteKey } from './blockBody.js';
import { RecentSet } from './recentSet.js';

/** So many checks cost less here than the way to a worker and back. */
const INLINE_CHECKS = 8;

/**
 * Checks the signatures of consensus messages: few at once, many in the workers, and each only once. A vote that came
 * alone comes again in certificates, in proposals and when it is resent.
 */
export class SignatureChecker {
  private readonly valid: RecentSet<string>;

  constructor(
    private readonly options: { readonly remembered: number },
    private readonly modules: { readonly backend: SignatureBackend; readonly verifier: SignatureVerifier },
  ) {
    this.valid = new RecentSet(this.options.remembered);
  }

  /** How many of them would have to be checked. */
  countUnknown(checks: readonly SignatureCheck[]): number {
    return checks.filter((check) => !this.valid.has(checkKey(check))).length;
  }

  /** True when all are valid. @throws SignatureServiceError when the workers cannot tell */
  async areValid(checks: readonly SignatureCheck[]): Promise<boolean> {
    const unknown = checks.filter((check) => !this.valid.has(checkKey(check)));
    const { backend, verifier } = this.modules;
    const answers =
      unknown.length <= INLINE_CHECKS
        ? unknown.map(({ signature, digest, publicKey }) => backend.verify(signature, digest, publicKey))
        : await verifier.verifyMany(unknown, 'urgent');
    unknown.forEach((check, position) => {
      if (answers[position] === true) this.valid.add(checkKey(check));
    });
    return unknown.every((_, position) => answers[position] === true);
  }
}

/** All three have one length each, once they are valid: no two checks share a key. */
function checkKey({ signature, digest, publicKey }: SignatureCheck): string {
  return byteKey(signature) + byteKey(digest) + byteKey(publicKey);
}
