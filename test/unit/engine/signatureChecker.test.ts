import { expect } from 'chai';
import { SignatureChecker } from '../../../node/engine/signatureChecker.js';
import type { SignatureCheck, SignatureVerifier } from '../../../node/signatures/types.js';
import { nobleBackend } from '../../../primitives/signature.js';

/** More than are looked at on the main thread. */
const MANY = 20;

const checks: readonly SignatureCheck[] = Array.from({ length: MANY }, (_, index) => ({
  publicKey: new Uint8Array(33).fill(2),
  digest: new Uint8Array(32).fill(index),
  signature: new Uint8Array(64).fill(index),
}));

function checkerWith(answer: (asked: readonly SignatureCheck[]) => readonly boolean[]) {
  const asked: number[] = [];
  const verifier: SignatureVerifier = {
    verifyMany: async (unknown) => {
      asked.push(unknown.length);
      return answer(unknown);
    },
    stop: async () => undefined,
  };
  return { asked, checker: new SignatureChecker({ remembered: 64 }, { backend: nobleBackend, verifier }) };
}

describe('the checker of consensus signatures', () => {
  it('takes a signature that the workers gave no answer for as not valid, and asks again', async () => {
    const { checker, asked } = checkerWith((unknown) => unknown.slice(1).map(() => true));
    expect(await checker.areValid(checks)).to.equal(false);
    expect(checker.countUnknown(checks)).to.equal(1);
    expect(await checker.areValid(checks)).to.equal(false);
    expect(asked).to.deep.equal([MANY]);
  });

  it('looks at a valid one once, and at one that is not valid each time', async () => {
    const { checker, asked } = checkerWith((unknown) => unknown.map(({ digest }) => (digest[0] ?? 0) >= 10));
    expect(await checker.areValid(checks)).to.equal(false);
    expect(checker.countUnknown(checks)).to.equal(10);
    expect(await checker.areValid(checks)).to.equal(false);
    expect(await checker.areValid(checks.slice(10))).to.equal(true);
    expect(asked).to.deep.equal([MANY, 10]);
  });
});
