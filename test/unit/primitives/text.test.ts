import { expect } from 'chai';
import { isWellFormed, TextError, utf8Decode, utf8Encode } from '../../../primitives/text.js';

const ILL_FORMED: readonly (readonly [string, readonly number[]])[] = [
  ['an overlong slash', [0xc0, 0xaf]],
  ['a lone continuation', [0x80]],
  ['a cut sequence', [0xe2, 0x82]],
  ['an encoded surrogate', [0xed, 0xa0, 0x80]],
  ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['byte 0xff', [0x61, 0xff]],
];

describe('text', () => {
  it('never normalises: two spellings of one letter stay two strings', () => {
    for (const text of ['\u00e9', 'e\u0301', '\ufeffBOM', 'Ⅷ', '🏦', 'a'.repeat(100), '', '\u0000']) {
      expect(utf8Decode(utf8Encode(text))).to.equal(text);
    }
    expect(utf8Encode('\u00e9')).to.not.deep.equal(utf8Encode('e\u0301'));
  });

  it('refuses a lone surrogate instead of replacing it', () => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
      expect(isWellFormed(text)).to.equal(false);
      expect(() => utf8Encode(text)).to.throw(TextError);
    }
    expect(isWellFormed('\ud83c\udfe6')).to.equal(true);
  });

  for (const [name, bytes] of ILL_FORMED) {
    it(`refuses ${name}, in short and in long text`, () => {
      expect(() => utf8Decode(Uint8Array.from(bytes))).to.throw(TextError);
      const long = new Uint8Array(100).fill(0x61);
      long.set(bytes, 100 - bytes.length);
      expect(() => utf8Decode(long)).to.throw(TextError);
    });
  }
});
