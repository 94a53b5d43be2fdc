import { expect } from 'chai';
import { compareBytes, concatBytes, equalBytes, fromHex, toHex } from '../../../primitives/bytes.js';
import { CodedError } from '../../../primitives/errors.js';

describe('bytes', () => {
  it('turn into hexadecimal and back, at every length', () => {
    for (const length of [0, 1, 2, 20, 32, 511, 512, 513, 1024, 5000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);
      expect(toHex(bytes)).to.equal(`0x${Buffer.from(bytes).toString('hex')}`);
      expect(fromHex(toHex(bytes), length)).to.deep.equal(bytes);
    }
    expect(fromHex('0xAbCd')).to.deep.equal(Uint8Array.of(0xab, 0xcd));
  });

  for (const text of ['', '00', '0x0', '0xgg', '0x0 ', 'x0', '0X00']) {
    it(`refuse ${JSON.stringify(text)} as hexadecimal`, () => {
      expect(() => fromHex(text))
        .to.throw(CodedError)
        .with.property('code', 'HEX_INVALID');
    });
  }

  it('refuse another length than was asked for', () => {
    expect(() => fromHex('0x0000', 3)).to.throw(CodedError, 'expected 0x and 6 digits');
  });

  it('are ordered byte by byte, a prefix first', () => {
    expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).to.be.below(0);
    expect(compareBytes(Uint8Array.of(2), Uint8Array.of(1, 255))).to.be.above(0);
    expect(compareBytes(Uint8Array.of(0x7f), Uint8Array.of(0x80))).to.be.below(0);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).to.equal(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).to.equal(false);
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).to.deep.equal(Uint8Array.of(1, 2, 3));
  });
});
