import { expect } from 'chai';
import { type DayCount, type Fraction, yearFraction } from '../../../contracts/daycount/dayCount.js';
import { interestOf } from '../../../contracts/daycount/interest.js';

/** Digits after the point, rounded to the nearest: how the sources print. */
function printed({ numerator, denominator }: Fraction, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const rounded = (2n * numerator * scale + denominator) / (2n * denominator);
  return `${rounded / scale}.${(rounded % scale).toString().padStart(digits, '0')}`;
}

const days = (basis: DayCount, from: number, to: number, maturity?: number): bigint => {
  const { numerator, denominator } = yearFraction(basis, { from, to, maturity });
  expect(denominator).to.equal(360n);
  return numerator;
};

describe('day counts', () => {
  it('gives the parts of a year of the ISDA paper EMU and Market Conventions for ACT/ACT (ISDA, 1998)', () => {
    const published: readonly (readonly [number, number, string])[] = [
      [20031101, 20040501, '0.4977243806'],
      [19990201, 19990701, '0.4109589041'],
      [19990701, 20000701, '1.0013773486'],
      [20020815, 20030715, '0.9150684932'],
      [20030715, 20040115, '0.5040047908'],
      [19990730, 20000130, '0.5038925069'],
      [20000130, 20000630, '0.4153005464'],
      [19991130, 20000430, '0.4155400853'],
    ];
    for (const [from, to, expected] of published) {
      expect(printed(yearFraction('ACT/ACT ISDA', { from, to }), 10), `${from} to ${to}`).to.equal(expected);
    }
  });

  it('gives the days of the worked examples of ISDA for 30/360, the bond basis (2006 Definitions, 4.16 (f))', () => {
    const published: readonly (readonly [number, number, number])[] = [
      [20060820, 20070220, 180],
      [20070820, 20080220, 180],
      [20080220, 20080820, 180],
      [20060831, 20070228, 178],
      [20070228, 20070831, 183],
      [20070831, 20080229, 179],
      [20080229, 20080831, 182],
      [20060131, 20060228, 28],
      [20060228, 20060303, 5],
      [20060930, 20061031, 30],
      [20061031, 20061128, 28],
      [20070831, 20080228, 178],
      [20080228, 20080831, 183],
      [20070226, 20080229, 363],
      [20080229, 20090228, 359],
      [20080228, 20080331, 33],
    ];
    for (const [from, to, expected] of published) {
      expect(days('30/360', from, to), `${from} to ${to}`).to.equal(BigInt(expected));
    }
  });

  it('gives the days of the worked examples of ISDA for 30E/360, the Eurobond basis (4.16 (g))', () => {
    const published: readonly (readonly [number, number, number])[] = [
      [20060228, 20060831, 182],
      [20060831, 20070228, 178],
      [20070228, 20070831, 182],
      [20070831, 20080229, 179],
      [20080229, 20080831, 181],
      [20080831, 20090228, 178],
      [20060131, 20060228, 28],
      [20070226, 20080228, 362],
      [20080228, 20080331, 32],
    ];
    for (const [from, to, expected] of published) {
      expect(days('30E/360', from, to), `${from} to ${to}`).to.equal(BigInt(expected));
    }
  });

  it('gives the days of the worked examples of ISDA for 30E/360 ISDA (4.16 (h))', () => {
    const published: readonly (readonly [number, number, number])[] = [
      [20060228, 20060831, 180],
      [20060831, 20070228, 180],
      [20070831, 20080229, 180],
      [20080229, 20080831, 180],
      [20060131, 20060228, 30],
      [20060228, 20060303, 3],
      [20070226, 20080228, 362],
      [20080228, 20080331, 32],
    ];
    for (const [from, to, expected] of published) {
      expect(days('30E/360 ISDA', from, to), `${from} to ${to}`).to.equal(BigInt(expected));
    }
    expect(days('30E/360 ISDA', 20080831, 20090228, 20090228), 'on its maturity').to.equal(178n);
    expect(days('30E/360 ISDA', 20080831, 20090228, 20090831), 'before its maturity').to.equal(180n);
  });

  it('gives the published figures of Daml Finance for ACT/360, 30E/360 ISDA and ACT/365F', () => {
    expect(printed(yearFraction('ACT/360', { from: 20220223, to: 20230223 }), 10)).to.equal('1.0138888889');
    expect(printed(yearFraction('30E/360 ISDA', { from: 20220831, to: 20230228 }), 1)).to.equal('0.5');
    // 1.1 % on 10,000,000,000: ten digits of the rate for the period, and a last one that is rounded down.
    const rate = 11_000_000;
    const of = (from: number, to: number) => interestOf(10_000_000_000n, rate, yearFraction('ACT/365F', { from, to }));
    expect(of(20180918, 20190115), '119 days').to.equal(35_863_013n);
    expect(of(20190115, 20200116), '366 days').to.equal(110_301_369n);
    const growth = (from: number, to: number): Fraction => {
      const { numerator, denominator } = yearFraction('ACT/365F', { from, to });
      return { numerator: numerator * BigInt(rate), denominator: denominator * 1_000_000_000n };
    };
    expect(printed(growth(20180918, 20190115), 10)).to.equal('0.0035863014');
    expect(printed(growth(20190115, 20200116), 9)).to.equal('0.011030137');
  });

  it('rounds interest down, to the last minor unit, with amounts of 128 bits', () => {
    const year = yearFraction('ACT/365F', { from: 20250101, to: 20260101 });
    expect(interestOf(1_000_000n, 35_000_000, year)).to.equal(35_000n);
    expect(interestOf(99n, 10_000_000, year)).to.equal(0n);
    expect(interestOf(100n, 10_000_000, year)).to.equal(1n);
    const largest = (1n << 128n) - 1n;
    expect(interestOf(largest, 1_000_000_000, year)).to.equal(largest);
  });
});
