import { expect } from 'chai';
import fc from 'fast-check';
import { isPlainName, utf8Length } from '../../../contracts/runtime/hostText.js';
import { isWellFormed, utf8Encode } from '../../../primitives/text.js';

describe('text that a contract hands over', () => {
  it('has the length of its UTF-8 form, and none when it has no such form', () => {
    const units = fc.array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.integer({ min: 0xd7f0, max: 0xe010 })));
    const property = fc.property(units, (codes) => {
      const text = String.fromCharCode(...codes);
      expect(utf8Length(text)).to.equal(isWellFormed(text) ? utf8Encode(text).length : undefined);
    });
    fc.assert(property, { numRuns: 2_000, seed: 1 });
  });

  it('is a plain name when a receipt can hold it', () => {
    expect(['Paid', 'INSUFFICIENT_FUNDS', 'a'.repeat(64)].every(isPlainName)).to.equal(true);
    expect(['', 'a b', 'é', 'a'.repeat(65), '\ud800'].some(isPlainName)).to.equal(false);
  });
});
