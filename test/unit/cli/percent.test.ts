import { expect } from 'chai';
import { formatBps, formatRate, parseBps, parseRate } from '../../../cli/collateral/percent.js';

describe('percentages', () => {
  it('are read as basis points and as billionths a year, exactly', () => {
    expect(['0%', '5%', '0.25%', '10.5%', '100%'].map((text) => parseBps(text, '--haircut'))).to.deep.equal([
      ...[0, 500, 25, 1_050, 10_000],
    ]);
    expect(['3.6%', '0.0000001%', '5.5%', '1000%'].map((text) => parseRate(text, '--rate'))).to.deep.equal([
      ...[36_000_000, 1, 55_000_000, 10_000_000_000],
    ]);
  });

  it('are shown as they are written', () => {
    for (const text of ['0%', '0.25%', '10.5%', '100%']) expect(formatBps(parseBps(text, '--band'))).to.equal(text);
    for (const text of ['3.6%', '0.0000001%', '12%']) expect(formatRate(parseRate(text, '--rate'))).to.equal(text);
  });

  it('are refused where something would be lost of them', () => {
    for (const text of ['5', '0.123%', '-1%', '100.01%', '5 %', '.5%', '']) {
      expect(() => parseBps(text, '--haircut'), text).to.throw('--haircut: expected a percentage');
    }
    expect(() => parseRate('1000.1%', '--rate')).to.throw('--rate: expected a percentage');
  });
});
