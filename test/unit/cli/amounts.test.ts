import { expect } from 'chai';
import fc from 'fast-check';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../../../cli/amounts.js';
import { CliError } from '../../../cli/errors.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CliError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('an amount as it is typed', () => {
  it('becomes minor units exactly, whatever decimals the currency has', () => {
    expect(parseMajorAmount('1250.00', 2)).to.equal(125_000n);
    expect(parseMajorAmount('1250', 2)).to.equal(125_000n);
    expect(parseMajorAmount('0.1', 2)).to.equal(10n);
    expect(parseMajorAmount('9007199254740993.01', 2)).to.equal(900_719_925_474_099_301n);
    expect(parseMajorAmount('1250', 0)).to.equal(1250n);
    expect(parseMajorAmount('0.000001', 6)).to.equal(1n);
    expect(parseMajorAmount('007', 0)).to.equal(7n);
  });

  for (const text of [
    '12.345',
    '1.000,00',
    '1,000.00',
    '-1',
    '+1',
    '1e3',
    '',
    ' 1',
    '1.',
    '.5',
    '0x10',
    '１２',
    '1_000',
    'NaN',
  ]) {
    it(`is refused as "${text}"`, () => {
      expect(codeOf(() => parseMajorAmount(text, 2))).to.equal('AMOUNT_MALFORMED');
    });
  }

  it('is refused beyond 128 bits, and with a point where the currency has no decimals', () => {
    expect(parseMajorAmount(MAX_AMOUNT.toString(), 0)).to.equal(MAX_AMOUNT);
    expect(codeOf(() => parseMajorAmount((MAX_AMOUNT + 1n).toString(), 0))).to.equal('AMOUNT_MALFORMED');
    expect(codeOf(() => parseMajorAmount('9'.repeat(1_000_000), 0))).to.equal('AMOUNT_MALFORMED');
    expect(codeOf(() => parseMajorAmount('1.0', 0))).to.equal('AMOUNT_MALFORMED');
  });

  it('comes back as it went in', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_AMOUNT }), fc.integer({ min: 0, max: 6 }), (amount, decimals) => {
        expect(parseMajorAmount(formatMajorAmount(amount, decimals), decimals)).to.equal(amount);
      }),
      { seed: 20_240_905 },
    );
  });

  it('is shown with its thousands apart to people', () => {
    expect(formatAmountForPeople(123_456_789n, 2)).to.equal('1,234,567.89');
    expect(formatAmountForPeople(100n, 0)).to.equal('100');
    expect(formatAmountForPeople(5n, 2)).to.equal('0.05');
    expect(formatAmountForPeople(-123_400n, 2)).to.equal('-1,234.00');
  });
});
