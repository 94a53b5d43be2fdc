import { expect } from 'chai';
import { searchRate } from '../../../bench/load/rateSearch.js';
import { readLoadOptions } from '../../../bench/options.js';

async function search(capacity: number, { canGoOn = true, deadlineMs = 1, greatestRate = 1e9 } = {}) {
  const rates: number[] = [];
  const found = await searchRate({
    firstRate: 250,
    greatestRate,
    deadlineMs,
    nowMs: () => 0,
    run: async (rate) => {
      rates.push(rate);
      return { isServed: rate <= capacity, canGoOn: canGoOn || rate <= capacity };
    },
  });
  return { found, rates };
}

describe('the search for the highest rate', () => {
  it('doubles until a rate is not served, then halves the ratio until it is within 8 %', async () => {
    const { found, rates } = await search(1_300);
    expect(rates).to.deep.equal([250, 500, 1_000, 2_000, 1_414, 1_189, 1_297, 1_354]);
    expect(found).to.equal(1_297);
  });

  it('goes down from a first rate that is not served', async () => {
    const { found, rates } = await search(100);
    expect(rates.slice(0, 3)).to.deep.equal([250, 125, 63]);
    expect(found).to.be.within(92, 100);
  });

  it('ends after fourteen windows whatever the network serves, and at the greatest rate', async () => {
    expect((await search(Number.POSITIVE_INFINITY)).rates).to.have.length(14);
    expect(await search(Number.POSITIVE_INFINITY, { greatestRate: 600 })).to.deep.equal({
      found: 600,
      rates: [250, 500, 600],
    });
  });

  it('ends when the network does not recover, and when its time is over', async () => {
    expect((await search(600, { canGoOn: false })).rates).to.have.length(3);
    expect((await search(600, { deadlineMs: 0 })).rates).to.have.length(0);
  });

  it('names no rate where none was served', async () => {
    expect((await search(0)).found).to.equal(undefined);
  });
});

describe('the flags of a load', () => {
  const quick = {
    rate: undefined,
    seconds: 5,
    warmUpSeconds: 5,
    boundSeconds: 5,
    repeats: 1,
    halfOfSaturation: false,
    validators: 4,
    accounts: 1_000,
    delayMs: 0,
    dead: 0,
    mix: 'uniform',
    modes: ['single', 'batch'],
    batchSize: 5_000,
    idlePayments: 100,
    signatureWorkers: 1,
    generators: 1,
    out: undefined,
    json: false,
  };

  it('have defaults for a quick look', () => {
    expect(readLoadOptions([])).to.deep.equal(quick);
  });

  it('have others for figures that are told, each of which may still be chosen', () => {
    expect(readLoadOptions(['--full', '--repeats', '5', '--mode', 'idle'])).to.deep.equal({
      ...quick,
      ...{ seconds: 60, warmUpSeconds: 30, boundSeconds: 10, repeats: 5, delayMs: 0, dead: 0, halfOfSaturation: true },
      accounts: 100_000,
      modes: [],
    });
  });

  for (const flags of [
    ['--rate', '0'],
    ['--rate', '1e3'],
    ['--seconds', '301'],
    ['--accounts', '1'],
    ['--accounts', '500001'],
    ['--batch-size', '5001'],
    ['--mode', 'both'],
    ['--mode', 'toString'],
    ['--mix', 'cold'],
    ['--validators', '32'],
    ['--fast'],
    ['--rate', '10000', '--seconds', '100', '--warm-up', '1', '--mode', 'single'],
  ]) {
    it(`refuse ${flags.join(' ')}`, () => {
      expect(() => readLoadOptions(flags))
        .to.throw()
        .with.property('code', 'OPTION_INVALID');
    });
  }
});
