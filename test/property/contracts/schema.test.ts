import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Fields,
  type KeySchema,
  type Schema,
  SchemaError,
  schemaFromJson,
  t,
} from '../../../contracts/api/index.js';
import { addressFromBytes } from '../../../primitives/address.js';
import { compareBytes, toHex } from '../../../primitives/bytes.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import { RlpError } from '../../../primitives/rlp.js';

/** A schema with values that it allows. */
interface Sample<T = unknown> {
  readonly schema: Schema<T>;
  readonly values: fc.Arbitrary<T>;
}

interface KeySample<T = unknown> {
  readonly schema: KeySchema<T>;
  readonly values: fc.Arbitrary<T>;
}

const pick = (letters: string, minLength: number, maxLength = minLength): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...letters), { minLength, maxLength }).map((list) => list.join(''));
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const addresses = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(addressFromBytes);
const amounts = fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: MAX_AMOUNT }));
const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isPrintable);

function isPrintable(text: string): boolean {
  try {
    t.text(140).size(text);
    return true;
  } catch {
    return false;
  }
}

const keySamples: readonly KeySample[] = [
  { schema: t.amount, values: amounts },
  { schema: t.address, values: addresses },
  { schema: t.bool, values: fc.boolean() },
  { schema: t.uint(), values: fc.nat({ max: Number.MAX_SAFE_INTEGER }) },
  { schema: t.uint(200), values: fc.nat({ max: 200 }) },
  { schema: t.uint(70_000), values: fc.nat({ max: 70_000 }) },
  { schema: t.text(140), values: printable },
  { schema: t.text(8, 0), values: fc.constantFrom('', 'a', 'ab', 'é', '𝄞') },
  { schema: t.id, values: pick('aZ09._-', 1, 64) },
  { schema: t.bic, values: fc.tuple(pick(UPPER, 4), pick(UPPER, 2), pick('A9', 2)).map((parts) => parts.join('')) },
  { schema: t.currency, values: pick(UPPER, 3) },
  { schema: t.day, values: fc.constantFrom(19_700_101, 20_240_229, 20_261_231, 99_991_231) },
  { schema: t.enum(['one', 'two', 'three']), values: fc.constantFrom('one', 'two', 'three') },
  { schema: t.bytes(40), values: fc.uint8Array({ maxLength: 40 }) },
  { schema: t.bytes(4), values: fc.array(fc.constantFrom(0, 1, 255), { maxLength: 4 }).map((b) => Uint8Array.from(b)) },
  { schema: t.fixedBytes(3), values: fc.uint8Array({ minLength: 3, maxLength: 3 }) },
  { schema: t.hex(3), values: fc.uint8Array({ minLength: 3, maxLength: 3 }).map(toHex) },
];

/** Schemas of every kind, inside each other. */
const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Sample>(...keySamples),
    tie('sample').map(({ schema, values }) => ({
      schema: t.list(schema, 3),
      values: fc.array(values, { maxLength: 3 }),
    })),
    tie('sample').map(({ schema, values }) => ({
      schema: t.optional(schema),
      values: fc.option(values, { nil: undefined }),
    })),
    fc.array(tie('sample'), { maxLength: 4 }).map((fields) => {
      const named = Object.fromEntries(fields.map(({ schema }, index) => [`field${index}`, schema]));
      const values = Object.fromEntries(fields.map(({ values: of }, index) => [`field${index}`, of]));
      return { schema: t.struct(named as Fields), values: fc.record(values) };
    }),
  ),
})).sample;

const sampleWithValue = samples.chain(({ schema, values }) => values.map((value) => ({ schema, value })));

function isRefusal(error: unknown): boolean {
  return error instanceof RlpError || error instanceof SchemaError;
}

describe('schema values', () => {
  it('give back every value that they have encoded', () => {
    fc.assert(
      fc.property(sampleWithValue, ({ schema, value }) => {
        const bytes = schema.encode(value);
        expect(schema.size(value)).to.equal(bytes.length);
        expect(schema.decode(bytes)).to.deep.equal(value);
      }),
      { numRuns: 600 },
    );
  });

  it('give back every value that they have written as JSON, through text', () => {
    // An optional inside an optional has one JSON for two values: its bytes tell them apart, its JSON does not.
    const isPlain = ({ schema }: { schema: Schema<unknown> }) =>
      !JSON.stringify(schema.schema()).includes('"optional"');
    fc.assert(
      fc.property(sampleWithValue.filter(isPlain), ({ schema, value }) => {
        const json = JSON.parse(JSON.stringify(schema.toJson(value)));
        expect(schema.parseJson(json)).to.deep.equal(value);
        expect(schema.parseJson(value)).to.deep.equal(value);
      }),
      { numRuns: 400 },
    );
  });

  it('refuse hostile bytes, or read what encodes to exactly these bytes', () => {
    const hostile = sampleWithValue.chain(({ schema, value }) => {
      const good = [...schema.encode(value)];
      const changed = fc
        .array(fc.tuple(fc.nat({ max: good.length }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 })
        .map((edits) => {
          const bytes = [...good];
          for (const [at, byte] of edits) bytes[at] = byte;
          return Uint8Array.from(bytes);
        });
      const bytes = fc.oneof(
        changed,
        fc.uint8Array({ maxLength: 80 }),
        fc.constant(Uint8Array.from(good.slice(0, -1))),
      );
      return bytes.map((input) => ({ schema, input }));
    });
    fc.assert(
      fc.property(hostile, ({ schema, input }) => {
        let value: unknown;
        try {
          value = schema.decode(input);
        } catch (error) {
          if (!isRefusal(error)) throw error;
          return;
        }
        expect(schema.encode(value)).to.deep.equal(input);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuse values of any other type without a fault of their own', () => {
    const strange = fc.oneof(fc.anything(), fc.constantFrom(-1, -1n, MAX_AMOUNT + 1n, NaN, 1.5, '\ud800', '\0', []));
    fc.assert(
      fc.property(samples, strange, ({ schema }, value) => {
        for (const use of [() => schema.encode(value), () => schema.parseJson(value, '$')]) {
          try {
            use();
          } catch (error) {
            if (!isRefusal(error)) throw error;
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('can be rebuilt from their JSON Schema alone', () => {
    fc.assert(
      fc.property(sampleWithValue, ({ schema, value }) => {
        const rebuilt = schemaFromJson(JSON.parse(JSON.stringify(schema.schema())));
        expect(rebuilt.encode(value)).to.deep.equal(schema.encode(value));
        expect(rebuilt.schema()).to.deep.equal(schema.schema());
      }),
      { numRuns: 300 },
    );
  });
});

const keyPair = fc
  .constantFrom(...keySamples)
  .chain(({ schema, values }) => fc.tuple(values, values).map(([a, b]) => ({ schema, a, b })));

const bytesOf = (key: string): Uint8Array => Uint8Array.from(key, (character) => character.charCodeAt(0));

describe('parts of state keys', () => {
  it('give back their value and tell their own end, whatever follows', () => {
    const key = fc
      .constantFrom(...keySamples)
      .chain(({ schema, values }) => values.map((value) => ({ schema, value })));
    fc.assert(
      fc.property(key, fc.constantFrom('', '\0', '\x01', '\xff', 'a\0'), ({ schema, value }, rest) => {
        const part = schema.encodeKey(value);
        expect(schema.keyEnd(`x${part}${rest}`, 1)).to.equal(1 + part.length);
        expect(schema.decodeKey(part)).to.deep.equal(value);
        expect(bytesOf(part).length).to.equal(part.length);
      }),
      { numRuns: 800 },
    );
  });

  it('are equal only for equal values, and never the start of one another', () => {
    fc.assert(
      fc.property(keyPair, ({ schema, a, b }) => {
        const [one, other] = [schema.encodeKey(a), schema.encodeKey(b)];
        expect(one.startsWith(other)).to.equal(toHex(schema.encode(a)) === toHex(schema.encode(b)));
      }),
      { numRuns: 800 },
    );
  });

  it('stand in the order of their values', () => {
    fc.assert(
      fc.property(keyPair, ({ schema, a, b }) => {
        const order = Math.sign(compareBytes(bytesOf(schema.encodeKey(a)), bytesOf(schema.encodeKey(b))));
        expect(order).to.equal(Math.sign(naturalOrder(schema, a, b)));
      }),
      { numRuns: 800 },
    );
  });
});

/** Numbers by value, names of an enum by position, everything else by its bytes. */
function naturalOrder(schema: KeySchema<unknown>, a: unknown, b: unknown): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  const names = schema.schema()['enum'];
  if (Array.isArray(names)) return names.indexOf(a) - names.indexOf(b);
  return compareBytes(new TextEncoder().encode(String(a)), new TextEncoder().encode(String(b)));
}
