import { expect } from 'chai';
import fc from 'fast-check';
import { calendarDayOf } from '../../../contracts/api/calendar.js';
import { DAY_COUNTS, type Fraction, yearFraction } from '../../../contracts/daycount/dayCount.js';
import { dayNumberOf, isLeapYear } from '../../../contracts/daycount/days.js';
import { interestOf } from '../../../contracts/daycount/interest.js';

const MS_PER_DAY = 86_400_000;
const dayAt = (number: number): number => calendarDayOf(number * MS_PER_DAY);

/** Days since 1970, up to the year 2170. */
const number = fc.integer({ min: 0, max: 73_000 });
const basis = fc.constantFrom(...DAY_COUNTS);
const rate = fc.integer({ min: 0, max: 10_000_000_000 });
const principal = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });

const isLess = (a: Fraction, b: Fraction): boolean => a.numerator * b.denominator < b.numerator * a.denominator;

function sorted(...numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b).map(dayAt);
}

describe('day counts', () => {
  it('number days one after the other, as the calendar has them', () => {
    fc.assert(
      fc.property(number, (at) => {
        expect(dayNumberOf(dayAt(at + 1)) - dayNumberOf(dayAt(at))).to.equal(1);
        expect(dayNumberOf(dayAt(at)) - dayNumberOf(19700101)).to.equal(at);
      }),
    );
  });

  it('add up where days are counted as they are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ACT/360' as const, 'ACT/365F' as const, 'ACT/ACT ISDA' as const),
        number,
        number,
        number,
        (actual, a, b, c) => {
          const [from = 0, middle = 0, to = 0] = sorted(a, b, c);
          const whole = yearFraction(actual, { from, to });
          const parts = [yearFraction(actual, { from, to: middle }), yearFraction(actual, { from: middle, to })];
          expect(parts.reduce((sum, part) => sum + part.numerator, 0n)).to.equal(whole.numerator);
        },
      ),
    );
  });

  it('give nothing for no days, never less for a later end, and under every basis about the same', () => {
    fc.assert(
      fc.property(basis, number, number, number, (of, a, b, c) => {
        const [from = 0, earlier = 0, to = 0] = sorted(a, b, c);
        const none = yearFraction(of, { from, to: from });
        // An end of the month that counts as the thirtieth gives a day or two back.
        expect(none.numerator <= 0n && none.numerator >= -2n).to.equal(true);
        if (earlier < to) {
          const [less, more] = [yearFraction(of, { from, to: earlier }), yearFraction(of, { from, to })];
          expect(isLess(more, less)).to.equal(false);
        }
        const exact = yearFraction('ACT/ACT ISDA', { from, to });
        const { numerator, denominator } = yearFraction(of, { from, to });
        const difference = numerator * exact.denominator - exact.numerator * denominator;
        const size = difference < 0n ? -difference : difference;
        // A sixtieth of it, and three days.
        expect(size * 120n <= (exact.numerator * 2n + exact.denominator) * denominator).to.equal(true);
      }),
    );
  });

  it('make a whole of every calendar year under ACT/ACT ISDA, leap years among them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1970, max: 2400 }), (year) => {
        const { numerator, denominator } = yearFraction('ACT/ACT ISDA', {
          from: year * 10_000 + 101,
          to: (year + 1) * 10_000 + 101,
        });
        expect(numerator).to.equal(denominator);
        const { numerator: days } = yearFraction('ACT/360', {
          from: year * 10_000 + 101,
          to: (year + 1) * 10_000 + 101,
        });
        expect(days).to.equal(isLeapYear(year) ? 366n : 365n);
      }),
    );
  });

  it('pay for parts of a principal never more than for the whole, and less by fewer units than there are parts', () => {
    fc.assert(
      fc.property(basis, number, number, rate, fc.array(principal, { maxLength: 20 }), (of, a, b, percent, parts) => {
        const [from = 0, to = 0] = sorted(a, b);
        const part = yearFraction(of, { from, to });
        fc.pre(part.numerator >= 0n);
        const paid = parts.reduce((sum, each) => sum + interestOf(each, percent, part), 0n);
        const whole = interestOf(
          parts.reduce((sum, each) => sum + each, 0n),
          percent,
          part,
        );
        expect(whole >= paid && whole - paid <= BigInt(parts.length)).to.equal(true);
      }),
    );
  });
});
