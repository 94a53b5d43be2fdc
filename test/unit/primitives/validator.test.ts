import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { FormatError } from '../../../primitives/format.js';
import {
  encodeValidators,
  faultTolerance,
  leaderIndex,
  quorum,
  validatorsHash,
} from '../../../primitives/validator.js';
import { testValidators } from '../../support/finalityFixture.js';

describe('a validator set', () => {
  it('has the quorums of the protocol, and any two of them share an honest validator', () => {
    const known = { 1: 1, 4: 3, 5: 4, 6: 4, 7: 5, 10: 7, 50: 34 };
    for (const [n, q] of Object.entries(known)) expect(quorum(Number(n)), `n = ${n}`).to.equal(q);
    for (let n = 1; n <= 128; n++) {
      const f = faultTolerance(n);
      const q = quorum(n);
      expect(n).to.be.at.least(3 * f + 1);
      expect(2 * q - n, `overlap at n = ${n}`).to.be.above(f);
      expect(n - f, `liveness at n = ${n}`).to.be.at.least(q);
    }
    expect(() => quorum(0)).to.throw('a set has validators');
  });

  it('is led by (height + round) mod n', () => {
    expect(leaderIndex(7, 0, 4)).to.equal(3);
    expect(leaderIndex(7, 1, 4)).to.equal(0);
    expect(leaderIndex(Number.MAX_SAFE_INTEGER, 1_000_000, 7)).to.equal(
      Number((BigInt(Number.MAX_SAFE_INTEGER) + 1_000_000n) % 7n),
    );
  });

  it('has another hash in another order, and no repeats', () => {
    const validators = testValidators('set', 4);
    expect(toHex(validatorsHash(validators))).to.not.equal(toHex(validatorsHash(validators.toReversed())));
    expect(() => encodeValidators([...validators, ...validators])).to.throw(FormatError, 'each address once');
    expect(() => encodeValidators([])).to.throw(FormatError);
    const [first] = validators;
    if (first === undefined) throw new TypeError('there are four');
    expect(() => encodeValidators([{ ...first, publicKey: new Uint8Array(65).fill(4) }])).to.throw(FormatError);
  });
});
