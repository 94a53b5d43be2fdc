import { expect } from 'chai';
import fc from 'fast-check';
import { type KeySchema, type Schema, SchemaError, schemaFromJson } from '../../../contracts/api/index.js';
import { compareBytes, toHex } from '../../../primitives/bytes.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';
import { RlpError } from '../../../primitives/rlp.js';
import { keySamples, samples } from '../../support/schemaSamples.js';

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
