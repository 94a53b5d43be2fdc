import fc from 'fast-check';
import { type Fields, type KeySchema, type Schema, t } from '../../contracts/api/index.js';
import { addressFromBytes } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { MAX_AMOUNT } from '../../primitives/limits.js';

/** A schema with values that it allows. */
export interface Sample<T = unknown> {
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

export const keySamples: readonly KeySample[] = [
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
export const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
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
