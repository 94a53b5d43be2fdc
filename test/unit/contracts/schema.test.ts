import { expect } from 'chai';
import { type Schema, SchemaError, t } from '../../../contracts/api/index.js';
import { toHex } from '../../../primitives/bytes.js';
import { CodedError } from '../../../primitives/errors.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';

const address = `0x${'5a'.repeat(20)}` as const;

/** The message of the refusal, or the value in which it was mistaken. */
function refusalOf(use: () => unknown): string {
  try {
    return `accepted ${String(use())}`;
  } catch (error) {
    return error instanceof CodedError ? error.message : `broke with ${String(error)}`;
  }
}

describe('a schema value', () => {
  it('encodes each kind to its one form', () => {
    const forms: readonly [Schema<unknown>, unknown, string][] = [
      [t.amount, 0n, '0x80'],
      [t.amount, 127n, '0x7f'],
      [t.amount, 128n, '0x8180'],
      [t.amount, 1_000_000n, '0x830f4240'],
      [t.amount, 2n ** 53n, '0x8720000000000000'],
      [t.amount, MAX_AMOUNT, `0x90${'ff'.repeat(16)}`],
      [t.uint(), Number.MAX_SAFE_INTEGER, '0x871fffffffffffff'],
      [t.uint(), 2 ** 32, '0x850100000000'],
      [t.address, address, `0x94${'5a'.repeat(20)}`],
      [t.bool, true, '0x01'],
      [t.bool, false, '0x80'],
      [t.enum(['all', 'each']), 'all', '0x80'],
      [t.enum(['all', 'each']), 'each', '0x01'],
      [t.text(35), 'é', '0x82c3a9'],
      [t.currency, 'EUR', '0x83455552'],
      [t.day, 20_260_105, '0x8401352509'],
      [t.bytes(3), Uint8Array.of(0), '0x00'],
      [t.hex(2), '0x0102', '0x820102'],
      [t.optional(t.amount), undefined, '0xc0'],
      [t.optional(t.amount), 0n, '0xc180'],
      [t.list(t.bool, 3), [true, false], '0xc20180'],
      [t.struct({ b: t.bool, a: t.uint(9) }), { a: 2, b: true }, '0xc20102'],
    ];
    for (const [schema, value, bytes] of forms) expect(toHex(schema.encode(value))).to.equal(bytes);
  });

  it('refuses text that a screen would not show as it was signed', () => {
    for (const bad of ['', 'a\nb', '\0', '\x7f', '\x9b', '\u2028', '\u202e', '\u2066', '\ud800', '\udc00x']) {
      expect(() => t.text(35).encode(bad), JSON.stringify(bad)).to.throw(SchemaError);
    }
    expect(() => t.text(3).encode('abcd')).to.throw(SchemaError);
    expect(t.text(1).decode(t.text(1).encode('𝄞'))).to.equal('𝄞');
  });

  it('holds identifiers to their standards, check digits included', () => {
    const accepted: readonly [Schema<string>, string][] = [
      [t.bic, 'DEUTDEFF'],
      [t.bic, 'DEUTDEFF500'],
      [t.lei, '529900T8BM49AURSDO55'],
      [t.isin, 'US0378331005'],
      [t.currency, 'CHF'],
      [t.id, 'bond-2030.A_1'],
    ];
    const refused: readonly [Schema<string>, string][] = [
      [t.bic, 'deutdeff'],
      [t.bic, 'DEUTDEFF5'],
      [t.bic, 'DEUT1EFF'],
      [t.lei, '529900T8BM49AURSDO56'],
      [t.lei, '592900T8BM49AURSDO55'],
      [t.isin, 'US0378331006'],
      [t.isin, 'US0373831005'],
      [t.currency, 'eur'],
      [t.id, ''],
      [t.id, 'a b'],
      [t.id, 'x'.repeat(65)],
    ];
    for (const [schema, text] of accepted) expect(schema.parseJson(text)).to.equal(text);
    for (const [schema, text] of refused) expect(() => schema.parseJson(text), text).to.throw(SchemaError);
  });

  it('knows the calendar', () => {
    for (const day of [20_240_229, 20_000_229, 20_261_231]) expect(t.day.parseJson(day)).to.equal(day);
    for (const day of [20_230_229, 21_000_229, 20_261_301, 20_260_431, 20_260_100, 0, 19_691_231, 1.5, '20260105']) {
      expect(() => t.day.parseJson(day), String(day)).to.throw(SchemaError);
    }
  });

  it('reads an address in any form that people write, and shows it with its checksum', () => {
    const shown = t.address.toJson(address);
    expect(t.address.parseJson(shown)).to.equal(address);
    expect(t.address.parseJson(address.toUpperCase().replace('X', 'x'))).to.equal(address);
    expect(() => t.address.parseJson(`${String(shown).slice(0, -1)}a`)).to.throw(SchemaError);
  });

  it('writes no address that is none', () => {
    for (const bad of [
      `0x${'g'.repeat(40)}`,
      `0x${'A'.repeat(40)}`,
      `0x${'1'.repeat(39)}`,
      `1x${'1'.repeat(40)}`,
      `0x${'é'.repeat(40)}`,
    ]) {
      expect(() => t.address.encode(bad as typeof address), bad).to.throw(SchemaError);
      expect(() => t.address.encodeKey(bad as typeof address), bad).to.throw(SchemaError);
    }
  });

  it('names where the value stands, what was expected and what was found', () => {
    const schema = t.struct({ payments: t.list(t.struct({ amount: t.amount, note: t.optional(t.text(3)) }), 2) });
    const refusals = [
      [{ payments: [{ amount: '1' }, { amount: '12.5' }] }, '$.payments[1].amount: expected decimal digits'],
      [
        { payments: [{ amount: 5 }] },
        '$.payments[0].amount: expected minor units as a string of decimal digits, found 5',
      ],
      [{ payments: [{ amount: '1', note: 'long' }] }, '$.payments[0].note: expected 1 to 3 printable characters'],
      [
        { payments: [{ amount: '1', memo: 'x' }] },
        '$.payments[0]: expected only the fields amount, note, found "memo"',
      ],
      [{ payments: [{}] }, '$.payments[0].amount: expected minor units as a string of decimal digits, found nothing'],
      [{ payments: [{}, {}, {}] }, '$.payments: expected 0 to 2 items, found a list of 3'],
      [{}, '$.payments: expected a list, found nothing'],
      [null, '$: expected an object, found null'],
      [{ payments: [], __proto__: { amount: 1 } }, 'accepted'],
    ] as const;
    for (const [json, message] of refusals) expect(refusalOf(() => schema.parseJson(json, '$'))).to.contain(message);
    expect(refusalOf(() => schema.parseJson(JSON.parse('{"payments":[],"__proto__":{}}')))).to.contain(
      'found "__proto__"',
    );
  });

  it('tells an amount that left its range from a value of another kind', () => {
    const codeOf = (value: unknown): string => {
      try {
        t.amount.encode(value as bigint);
        return 'none';
      } catch (error) {
        return error instanceof SchemaError ? error.code : 'other';
      }
    };
    expect(codeOf(-1n)).to.equal('AMOUNT_OVERFLOW');
    expect(codeOf(MAX_AMOUNT + 1n)).to.equal('AMOUNT_OVERFLOW');
    expect(codeOf(5)).to.equal('VALUE_INVALID');
    expect(codeOf('5')).to.equal('VALUE_INVALID');
  });

  it('stops at the first item too many, before it reads the rest', () => {
    const many = t.list(t.bool, 1_000).encode(new Array<boolean>(1_000).fill(true));
    expect(refusalOf(() => t.list(t.bool, 999).decode(many))).to.contain('at most 999 items');
  });

  it('takes no name of a prototype for a field, nor for a value', () => {
    const plain = t.struct({ a: t.bool, constructor: t.optional(t.bool) });
    expect(plain.toJson(plain.parseJson({ a: true }))).to.deep.equal({ a: true });
    expect(() => t.struct({ a: t.bool }).parseJson({ a: true, toString: 1 })).to.throw(SchemaError);
  });
});
