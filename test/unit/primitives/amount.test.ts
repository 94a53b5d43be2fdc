import { expect } from 'chai';
import { AmountError, addAmounts, formatAmount, parseAmount, subtractAmounts } from '../../../primitives/amount.js';
import { MAX_AMOUNT } from '../../../primitives/limits.js';

describe('amounts', () => {
  it('reads and writes minor units in decimal digits', () => {
    for (const amount of [0n, 1n, 10n, 9_007_199_254_740_993n, MAX_AMOUNT]) {
      expect(parseAmount(amount.toString())).to.equal(amount);
      expect(formatAmount(amount)).to.equal(amount.toString());
    }
  });

  for (const text of [
    '',
    ' 1',
    '1 ',
    '01',
    '00',
    '-1',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    '1,000',
    '١',
    '1'.repeat(40),
    '1\n',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseAmount(text))
        .to.throw(AmountError)
        .with.property('code', 'AMOUNT_MALFORMED');
    });
  }

  it('refuses what leaves 0 to 2^128 - 1, in reading, in sums and in differences', () => {
    const outside = (action: () => unknown) =>
      expect(action).to.throw(AmountError).with.property('code', 'AMOUNT_OUT_OF_RANGE');
    outside(() => parseAmount((MAX_AMOUNT + 1n).toString()));
    outside(() => formatAmount(MAX_AMOUNT + 1n));
    outside(() => formatAmount(-1n));
    outside(() => addAmounts(MAX_AMOUNT, 1n));
    outside(() => subtractAmounts(1n, 2n));
    // A negative operand must not bring a sum back into the range.
    outside(() => addAmounts(5n, -1n));
    expect(addAmounts(MAX_AMOUNT - 1n, 1n)).to.equal(MAX_AMOUNT);
    expect(subtractAmounts(5n, 5n)).to.equal(0n);
  });
});
