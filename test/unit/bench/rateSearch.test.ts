import { expect } from 'chai';
import { bestOf, searchRate } from '../../../bench/load/rateSearch.js';
import type { WindowReport } from '../../../bench/load/windowReport.js';
import { blockCost } from '../../../bench/network/nodeCounters.js';
import { readLoadOptions } from '../../../bench/options.js';

/** What a network with so much room makes of a rate. */
function window(rate: number, capacity: number): WindowReport {
  const committed = Math.min(rate, capacity);
  return {
    mode: 'single',
    offeredPerSecond: rate,
    offered: rate,
    committed,
    refused: {},
    unknown: rate - committed,
    paymentsPerSecond: committed,
    latency: { count: committed, p50Ms: 10, p99Ms: 20, maxMs: 30 },
    blocks: 1,
    transactionsPerBlock: committed,
    nodeCpuUsPerPayment: undefined,
    nodeDiskBytesPerPayment: 0,
    clientCpuUsPerPayment: 0,
    senderLagMs: 0,
    blockCost: blockCost([], []),
  };
}

function search(capacity: number, { canGoOn = true, deadlineMs = 1 } = {}) {
  return searchRate({
    firstRate: 250,
    deadlineMs,
    nowMs: () => 0,
    run: async (rate) => ({ report: window(rate, capacity), canGoOn: canGoOn || rate <= capacity }),
  });
}

describe('the search for the highest rate', () => {
  it('doubles until a rate is not served, then halves the distance twice', async () => {
    const reports = await search(1_300);
    expect(reports.map(({ offeredPerSecond }) => offeredPerSecond)).to.deep.equal([
      250, 500, 1_000, 2_000, 1_500, 1_250,
    ]);
    expect(bestOf(reports)?.offeredPerSecond).to.equal(1_250);
  });

  it('ends after nine windows whatever the network serves', async () => {
    expect(await search(Number.POSITIVE_INFINITY)).to.have.length(9);
  });

  it('ends when the network does not recover, and when its time is over', async () => {
    expect(await search(600, { canGoOn: false })).to.have.length(3);
    expect(await search(600, { deadlineMs: 0 })).to.have.length(0);
  });

  it('names no rate where none was served', async () => {
    expect(bestOf(await search(1))).to.equal(undefined);
  });
});

describe('the flags of a load', () => {
  it('have defaults for a run below two minutes', () => {
    expect(readLoadOptions([])).to.deep.equal({
      rate: undefined,
      seconds: 5,
      accounts: 1_000,
      modes: ['single', 'batch'],
      batchSize: 1_000,
      idlePayments: 100,
      json: false,
    });
  });

  for (const flags of [
    ['--rate', '0'],
    ['--rate', '1e3'],
    ['--seconds', '301'],
    ['--accounts', '1'],
    ['--batch-size', '5001'],
    ['--mode', 'both'],
    ['--fast'],
    ['--rate', '10000', '--seconds', '100', '--mode', 'single'],
  ]) {
    it(`refuse ${flags.join(' ')}`, () => {
      expect(() => readLoadOptions(flags))
        .to.throw()
        .with.property('code', 'OPTION_INVALID');
    });
  }
});
