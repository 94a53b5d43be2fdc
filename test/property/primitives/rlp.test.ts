import { expect } from 'chai';
import fc from 'fast-check';
import { decode as oracleDecode, encode as oracleEncode } from 'rlp';
import { concatBytes } from '../../../primitives/bytes.js';
import { CodedError } from '../../../primitives/errors.js';
import {
  decode,
  encode,
  encodeBigint,
  encodeListOf,
  encodeUint,
  RlpError,
  type RlpInput,
  RlpReader,
} from '../../../primitives/rlp.js';

const SEED = { seed: 20_260_101 };

const { tree: anyItem } = fc.letrec<{ tree: RlpInput }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.uint8Array({ maxLength: 80 }),
    fc.array(tie('tree'), { maxLength: 8 }) as fc.Arbitrary<RlpInput>,
  ),
}));

/** Bytes near to valid ones: an encoding with a few bytes changed, or noise with prefixes. */
const nearlyRlp = fc.oneof(
  fc
    .tuple(anyItem, fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }))
    .map(([item, changes]) => {
      const bytes = encode(item);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes;
    }),
  fc.uint8Array({ minLength: 1, maxLength: 80 }),
  fc
    .tuple(fc.constantFrom(0x81, 0xb8, 0xb9, 0xf8, 0xf9, 0xc1), fc.uint8Array({ maxLength: 70 }))
    .map(([prefix, rest]) => concatBytes(Uint8Array.of(prefix), rest)),
);

function readerAccepts(bytes: Uint8Array): boolean {
  const walk = (reader: RlpReader): void => {
    if (!reader.nextIsList()) {
      reader.bytes();
      return;
    }
    const inner = reader.list();
    while (inner.hasMore()) walk(inner);
  };
  try {
    const reader = new RlpReader(bytes);
    walk(reader);
    reader.done();
    return true;
  } catch (error) {
    if (error instanceof RlpError) return false;
    throw error;
  }
}

function tryDecode(bytes: Uint8Array) {
  try {
    return { item: decode(bytes) };
  } catch (error) {
    expect(error).to.be.instanceOf(CodedError);
    return undefined;
  }
}

describe('RLP, on any input', () => {
  it('gives back what was encoded, and encodes as the rlp package does', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const bytes = encode(item);
        expect(decode(bytes)).to.deep.equal(item);
        expect(bytes).to.deep.equal(oracleEncode(item as Uint8Array));
      }),
      SEED,
    );
  });

  it('re-encodes whatever it decodes to the same bytes', () => {
    fc.assert(
      fc.property(nearlyRlp, (bytes) => {
        const decoded = tryDecode(bytes);
        if (decoded !== undefined) expect(encode(decoded.item)).to.deep.equal(bytes);
      }),
      { ...SEED, numRuns: 2000 },
    );
  });

  it('accepts by offset exactly what it accepts whole, and never more than the rlp package', () => {
    fc.assert(
      fc.property(nearlyRlp, (bytes) => {
        const decoded = tryDecode(bytes);
        expect(readerAccepts(bytes)).to.equal(decoded !== undefined);
        if (decoded !== undefined) expect(oracleDecode(bytes)).to.deep.equal(decoded.item);
      }),
      { ...SEED, numRuns: 2000 },
    );
  });

  it('reads every integer back, and no other form of it', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (small, big) => {
        expect(new RlpReader(encode(encodeUint(small))).uint()).to.equal(small);
        expect(new RlpReader(encode(encodeBigint(big))).bigint(32)).to.equal(big);
        expect(encodeUint(small)).to.deep.equal(encodeBigint(BigInt(small)));
      }),
      SEED,
    );
  });

  it('joins encoded items as if it had encoded them together', () => {
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 6 }), (items) => {
        expect(encodeListOf(items.map((item) => encode(item)))).to.deep.equal(encode(items));
      }),
      SEED,
    );
  });
});
