import { expect } from 'chai';
import { encode as oracleEncode } from 'rlp';
import { fromHex, toHex } from '../../../primitives/bytes.js';
import {
  decode,
  encode,
  encodeBigint,
  encodeListOf,
  encodeUint,
  RlpError,
  type RlpErrorCode,
  type RlpInput,
  RlpReader,
} from '../../../primitives/rlp.js';
import { utf8Encode } from '../../../primitives/text.js';

/** The well-known vectors of the Ethereum wiki and test suite: value and its one encoding. */
const VECTORS: readonly (readonly [string, RlpInput, string])[] = [
  ['the empty string', new Uint8Array(), '0x80'],
  ['byte 0x00', Uint8Array.of(0), '0x00'],
  ['byte 0x01', Uint8Array.of(1), '0x01'],
  ['byte 0x7f', Uint8Array.of(0x7f), '0x7f'],
  ['byte 0x80', Uint8Array.of(0x80), '0x8180'],
  ['"dog"', utf8Encode('dog'), '0x83646f67'],
  ['integer 0', encodeUint(0), '0x80'],
  ['integer 15', encodeUint(15), '0x0f'],
  ['integer 1024', encodeUint(1024), '0x820400'],
  ['integer 100000', encodeUint(100000), '0x830186a0'],
  ['integer 2^53 - 1', encodeUint(Number.MAX_SAFE_INTEGER), '0x871fffffffffffff'],
  ['a big integer', encodeBigint(83729609699884896815286331701780722n), '0x8f102030405060708090a0b0c0d0e0f2'],
  [
    'a string of 55 bytes',
    utf8Encode('Lorem ipsum dolor sit amet, consectetur adipisicing eli'),
    '0xb74c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e6720656c69',
  ],
  [
    'a string of 56 bytes',
    utf8Encode('Lorem ipsum dolor sit amet, consectetur adipisicing elit'),
    '0xb8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e6720656c6974',
  ],
  ['the empty list', [], '0xc0'],
  ['["cat", "dog"]', [utf8Encode('cat'), utf8Encode('dog')], '0xc88363617483646f67'],
  ['sets of nothing', [[], [[]], [[], [[]]]], '0xc7c0c1c0c3c0c1c0'],
  [
    'a list of more than 55 bytes',
    ['asdf', 'qwer', 'zxcv', 'asdf', 'qwer', 'zxcv', 'asdf', 'qwer', 'zxcv', 'asdf', 'qwer'].map(utf8Encode),
    '0xf784617364668471776572847a78637684617364668471776572847a78637684617364668471776572847a78637684617364668471776572',
  ],
];

/** Input that is not the one form of anything, and the code that says why. */
const REFUSED: readonly (readonly [string, string, RlpErrorCode])[] = [
  ['no input', '0x', 'RLP_EMPTY_INPUT'],
  ['a byte after the item', '0x0000', 'RLP_TRAILING_BYTES'],
  ['a list after the item', '0x83646f67c0', 'RLP_TRAILING_BYTES'],
  ['a small byte with a prefix', '0x8100', 'RLP_NON_CANONICAL'],
  ['byte 0x7f with a prefix', '0x817f', 'RLP_NON_CANONICAL'],
  ['the same within a list', '0xc28105', 'RLP_NON_CANONICAL'],
  ['a short string in the long form', `0xb837${'61'.repeat(55)}`, 'RLP_NON_CANONICAL'],
  ['an empty string in the long form', '0xb800', 'RLP_NON_CANONICAL'],
  ['a short list in the long form', `0xf837${'61'.repeat(55)}`, 'RLP_NON_CANONICAL'],
  ['a length with a leading zero', `0xb90038${'61'.repeat(56)}`, 'RLP_NON_CANONICAL'],
  ['a list length with a leading zero', `0xf90038${'61'.repeat(56)}`, 'RLP_NON_CANONICAL'],
  ['a string cut short', '0x83646f', 'RLP_TRUNCATED'],
  ['a list cut short', '0xc883636174', 'RLP_TRUNCATED'],
  ['an item that leaves its list', '0xc283616263', 'RLP_TRUNCATED'],
  ['a length cut short', '0xb9ff', 'RLP_TRUNCATED'],
  ['a prefix alone', '0xbf', 'RLP_TRUNCATED'],
  ['a length of 2^32', `0xbc0100000000${'00'.repeat(16)}`, 'RLP_TRUNCATED'],
  ['a length of 2^64 - 1', '0xbfffffffffffffffff', 'RLP_TRUNCATED'],
  ['a list length of 2^64 - 1', '0xffffffffffffffffff', 'RLP_TRUNCATED'],
];

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof RlpError) return error.code;
    throw error;
  }
  return 'nothing refused';
}

/** Walks everything with the offset reader: what the decoders of the hot path see. */
function walk(reader: RlpReader): void {
  while (reader.hasMore()) {
    if (reader.nextIsList()) walk(reader.list());
    else reader.bytes();
  }
}

function readOne(bytes: Uint8Array): void {
  const reader = new RlpReader(bytes);
  if (reader.nextIsList()) walk(reader.list());
  else reader.bytes();
  reader.done();
}

describe('RLP', () => {
  for (const [name, value, hex] of VECTORS) {
    it(`encodes ${name} as every other implementation does`, () => {
      expect(toHex(encode(value))).to.equal(hex);
      expect(toHex(oracleEncode(value as Uint8Array))).to.equal(hex);
    });

    it(`decodes ${name} back, whole and by offset`, () => {
      expect(decode(fromHex(hex))).to.deep.equal(value);
      readOne(fromHex(hex));
    });
  }

  for (const [name, hex, code] of REFUSED) {
    it(`refuses ${name}`, () => {
      expect(codeOf(() => decode(fromHex(hex)))).to.equal(code);
      // The reader is not told that there must be an input: it misses the item instead.
      const readerCode = code === 'RLP_EMPTY_INPUT' ? 'RLP_TRUNCATED' : code;
      expect(codeOf(() => readOne(fromHex(hex)))).to.equal(readerCode);
    });
  }

  it('refuses more bytes, items or depth than allowed, before it builds them', () => {
    const limits = { maxBytes: 1000, maxItems: 5, maxDepth: 3 };
    expect(codeOf(() => decode(encode(new Uint8Array(1000)), limits))).to.equal('RLP_TOO_LARGE');
    expect(codeOf(() => decode(encode([[], [], [], [], []]), limits))).to.equal('RLP_TOO_MANY_ITEMS');
    expect(decode(encode([[], [], [], []]), limits)).to.have.length(4);
    expect(codeOf(() => decode(encode([[[[]]]]), limits))).to.equal('RLP_TOO_DEEP');
    expect(decode(encode([[[]]]), limits)).to.deep.equal([[[]]]);
  });

  it('survives a megabyte of empty items and a nesting of ten thousand', () => {
    expect(codeOf(() => decode(encodeListOf([new Uint8Array(1_000_000).fill(0xc0)])))).to.equal('RLP_TOO_MANY_ITEMS');
    let nested = encode([]);
    for (let i = 0; i < 10_000; i++) nested = encodeListOf([nested]);
    expect(codeOf(() => decode(nested))).to.equal('RLP_TOO_DEEP');
  });

  it('refuses to encode a nesting that it would not decode, and what is no bytes', () => {
    let deep: RlpInput = [];
    for (let i = 0; i < 17; i++) deep = [deep];
    expect(codeOf(() => encode(deep))).to.equal('RLP_TOO_DEEP');
    expect(codeOf(() => encode('text' as unknown as RlpInput))).to.equal('RLP_NOT_ENCODABLE');
    expect(codeOf(() => encodeUint(-1))).to.equal('RLP_NOT_ENCODABLE');
    expect(codeOf(() => encodeUint(2 ** 53))).to.equal('RLP_NOT_ENCODABLE');
    expect(codeOf(() => encodeUint(0.5))).to.equal('RLP_NOT_ENCODABLE');
    expect(codeOf(() => encodeBigint(-1n))).to.equal('RLP_NOT_ENCODABLE');
    expect(codeOf(() => encodeBigint(1n << 256n))).to.equal('RLP_NOT_ENCODABLE');
  });

  it('gives decoded bytes of their own, whatever kind of array came in', () => {
    const input = Buffer.from([0x83, 1, 2, 3]);
    const decoded = decode(input) as Uint8Array;
    input[1] = 9;
    expect(decoded).to.deep.equal(Uint8Array.of(1, 2, 3));
    expect(decoded.constructor).to.equal(Uint8Array);
    expect(new RlpReader(input).bytes().constructor).to.equal(Uint8Array);
  });

  it('does not return its input when it encodes a single byte', () => {
    const input = Uint8Array.of(5);
    const encoded = encode(input);
    input[0] = 6;
    expect(encoded).to.deep.equal(Uint8Array.of(5));
  });
});

describe('the offset reader', () => {
  const reader = (value: RlpInput) => new RlpReader(encode(value));

  it('reads integers in their one form only', () => {
    expect(reader(encodeUint(Number.MAX_SAFE_INTEGER)).uint()).to.equal(Number.MAX_SAFE_INTEGER);
    expect(reader(encodeUint(0)).uint()).to.equal(0);
    expect(codeOf(() => reader(Uint8Array.of(0)).uint())).to.equal('RLP_NON_CANONICAL');
    expect(codeOf(() => reader(Uint8Array.of(0, 1)).uint())).to.equal('RLP_NON_CANONICAL');
    expect(codeOf(() => reader(encodeBigint(2n ** 53n)).uint())).to.equal('RLP_TOO_LARGE');
    expect(codeOf(() => reader(encodeUint(256)).uint(1))).to.equal('RLP_TOO_LARGE');
    expect(codeOf(() => reader([]).uint())).to.equal('RLP_BYTES_EXPECTED');
    expect(reader(encodeBigint((1n << 128n) - 1n)).bigint()).to.equal((1n << 128n) - 1n);
    expect(codeOf(() => reader(encodeBigint(1n << 128n)).bigint())).to.equal('RLP_TOO_LARGE');
    expect(codeOf(() => reader(Uint8Array.of(0)).bigint())).to.equal('RLP_NON_CANONICAL');
  });

  it('reads bytes of a stated length, text and lists, and says which field was not so', () => {
    expect(reader(Uint8Array.of(1, 2)).fixed(2)).to.deep.equal(Uint8Array.of(1, 2));
    expect(codeOf(() => reader(Uint8Array.of(1, 2)).fixed(3))).to.equal('RLP_LENGTH_MISMATCH');
    expect(codeOf(() => reader(Uint8Array.of(1, 2)).bytes(1))).to.equal('RLP_TOO_LARGE');
    expect(codeOf(() => reader(Uint8Array.of(1, 2)).list())).to.equal('RLP_LIST_EXPECTED');
    expect(reader(utf8Encode('Zürich 🏦')).string()).to.equal('Zürich 🏦');
    expect(codeOf(() => reader(Uint8Array.of(0xc3, 0x28)).string())).to.equal('RLP_ILL_FORMED_TEXT');
    expect(() => reader(Uint8Array.of(1)).fixed(20, 'sender')).to.throw(RlpError, 'sender: expected 20 bytes');
  });

  it('stays within its own end, though the array goes on', () => {
    const bytes = Uint8Array.of(0x83, 1, 2, 3);
    expect(codeOf(() => new RlpReader(bytes, 0, 3).bytes())).to.equal('RLP_TRUNCATED');
    expect(codeOf(() => new RlpReader(bytes, 4).bytes())).to.equal('RLP_TRUNCATED');
    expect(codeOf(() => new RlpReader(Uint8Array.of(0x81, 0x80), 0, 1).bytes())).to.equal('RLP_TRUNCATED');
  });

  it('gives an item as it stands, to be hashed without being encoded again', () => {
    const outer = reader([utf8Encode('dog'), [Uint8Array.of(1)]]).list();
    expect(toHex(outer.raw())).to.equal('0x83646f67');
    expect(toHex(outer.raw())).to.equal('0xc101');
    expect(outer.hasMore()).to.equal(false);
  });

  it('gives bytes of one length as the hexadecimal of the same bytes, and refuses any other length', () => {
    const bytes = fromHex('0xc48300abff8401020304');
    const wrapped = new RlpReader(Uint8Array.of(0xff, ...bytes), 1);
    expect(wrapped.list().fixedHex(3)).to.equal('0x00abff');
    expect(() => wrapped.fixedHex(3)).to.throw('expected 3 bytes, found 4');
    expect(wrapped.fixedHex(4)).to.equal('0x01020304');
    wrapped.done();
  });

  it('goes on after an empty list, and after nothing else', () => {
    const reader = new RlpReader(fromHex('0xc0c18080'));
    expect(reader.skipEmptyList()).to.equal(true);
    expect(reader.skipEmptyList()).to.equal(false);
    reader.raw();
    expect(reader.skipEmptyList()).to.equal(false);
    reader.raw();
    expect(reader.skipEmptyList()).to.equal(false);
    reader.done();
  });
});
