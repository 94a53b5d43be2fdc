import { expect } from 'chai';
import { LatencyHistogram } from '../../../bench/load/histogram.js';
import type { WindowReport } from '../../../bench/load/windowReport.js';
import { blockCost } from '../../../bench/network/nodeCounters.js';
import { readLoadOptions } from '../../../bench/options.js';
import { barChart, lineChart, ticks } from '../../../bench/report/chart.js';
import { plotsOf } from '../../../bench/report/plots.js';
import { median, repeatedFigures, type StoredReport } from '../../../bench/report/storedReport.js';
import { number, reportTables } from '../../../bench/report/tables.js';
import { withFigures } from '../../../bench/report/writeReport.js';

function windowOf(kind: WindowReport['kind'], offeredPerSecond: number, repeat: number, p99Ms = 200): WindowReport {
  const histogram = new LatencyHistogram();
  histogram.record(p99Ms, 100);
  return {
    ...{ kind, mode: 'single', offeredPerSecond, seconds: 2, warmUpSeconds: 1, repeat },
    ...{ offered: 100, committed: 100, refused: {}, unknown: 0, paymentsPerSecond: offeredPerSecond },
    latency: histogram.summary(),
    histogram: histogram.toData(),
    timeline: [-1, 0, 1].map((second) => ({
      ...{ second, offered: 50, proven: 50, p50Ms: 10, p99Ms, nodeCpuUsPerPayment: 100 - second },
    })),
    ...{ blocks: 10, transactionsPerBlock: 10, senderLagMs: 0 },
    nodeCost: {
      ...{ cpuUs: 90, cpuUsByRoom: { main: 60, executor: 30 }, switches: 2, diskGrowthBytes: 300 },
      ...{ diskWrittenBytes: 700, networkSentBytes: 400, networkReceivedBytes: 400, rssBytes: 2e8 },
    },
    clientCost: { cpuUsPerPayment: 40, signingUsPerTransaction: 45, bytesPerPayment: 200 },
    blockCost: blockCost([], []),
  };
}

function stored(windows: readonly WindowReport[], flags: readonly string[] = []): StoredReport {
  return {
    version: 1,
    circumstances: {
      ...{ cores: 2, processor: 'a processor', memoryBytes: 8e9, nodeVersion: 'v20', commit: 'abc', loadBefore: 0.1 },
      ...{ startedAt: '2026-01-02T03:04:05.000Z', command: `npm run bench -- ${flags.join(' ')}` },
    },
    options: readLoadOptions(flags),
    report: {
      session: { provisionMs: 1_234, startMs: 5_678, rssBytes: [1e8, 2e8, 3e8], openingMs: 10 },
      idle: undefined,
      windows,
      ledger: { askedAccounts: 200, summedAccounts: 1_000, held: '5', issued: '5', isEachProven: true },
      nodes: 4,
    },
  };
}

describe('the figures of repeated windows', () => {
  it('are medians that were measured, of the last window of each repeat', () => {
    const windows = [
      windowOf('search', 9_000, 1),
      windowOf('saturation', 4_000, 1, 1_500),
      windowOf('saturation', 3_680, 1, 300),
      windowOf('half', 1_840, 1),
      windowOf('saturation', 3_680, 2, 500),
      windowOf('saturation', 3_000, 3, 400),
    ];
    expect(repeatedFigures(windows, 'single', 'saturation')).to.deep.include({
      ...{ isServed: true, offeredPerSecond: 3_680, leastPerSecond: 3_000, greatestPerSecond: 3_680, p99Ms: 400 },
    });
    expect(repeatedFigures(windows, 'single', 'half')?.offeredPerSecond).to.equal(1_840);
    expect(repeatedFigures(windows, 'batch', 'saturation')).to.equal(undefined);
    expect(median([3, undefined, 1, 2, 9])).to.equal(2);
    expect(median([])).to.equal(undefined);
  });
});

describe('the tables of a report', () => {
  const runs = [
    stored([windowOf('saturation', 4_000, 1)]),
    stored([windowOf('fixed', 3_400, 1, 1_200)], ['--validators', '7', '--accounts', '500000', '--workers', '2']),
  ];

  it('compare each run with the first, and say which rate was not served', () => {
    const text = reportTables(runs);
    expect(text).to.include('| 4 | 1,000 | uniform | single | 4,000 | 1 | 200 | 200 | 200 | – | 100 % |');
    expect(text).to.include('| 7 | 500,000 | uniform | single, 2 signature workers | not served: 3,400 | 1 |');
    expect(text).to.include('| 85 % |');
    expect(text).to.include('npm run bench -- --validators 7');
  });

  it('replace what stands between the marks of a page, and nothing else', () => {
    const [begin, end] = ['<!-- figures: begin, written by `npm run bench -- report` -->', '<!-- figures: end -->'];
    const page = `before\n${begin}\nold\n${end}\nafter`;
    expect(withFigures(page, 'new')).to.equal(`before\n${begin}\n\nnew\n\n${end}\nafter`);
    expect(withFigures(withFigures(page, 'x'), 'new')).to.equal(withFigures(page, 'new'));
    expect(() => withFigures('no marks', 'new'))
      .to.throw()
      .with.property('code', 'OPTION_INVALID');
  });

  it('group thousands', () => {
    expect([0, 999, 1_000, 1_234_567.8, undefined].map(number)).to.deep.equal([
      '0',
      '999',
      '1,000',
      '1,234,567.8',
      '–',
    ]);
  });
});

describe('the plots of a report', () => {
  it('are drawn for what was measured, and left out where nothing was', () => {
    const windows = [windowOf('search', 1_000, 1), windowOf('saturation', 2_000, 1)];
    expect(plotsOf(stored(windows)).map(({ file }) => file)).to.deep.equal([
      'latency-by-rate-single.svg',
      'latency-by-time-single.svg',
      'cpu-by-time-single.svg',
      'cpu-by-thread.svg',
    ]);
    expect(plotsOf(stored([]))).to.deep.equal([]);
  });

  it('hold every point inside of the drawing, and no number that is none', () => {
    const points = [-30, 0, 60].map((x) => ({ x, y: 10 ** (x / 20) }));
    for (const isLogarithmic of [true, false]) {
      const chart = { title: 'a < b', x: 's', y: 'ms', series: [{ name: 'p50', points }], isLogarithmic };
      const svg = lineChart({ ...chart, marks: [{ name: 'target', y: 1_000 }] });
      expect(svg).to.include('a &lt; b');
      expect(svg).not.to.match(/NaN|Infinity|undefined/);
      for (const [, x, y] of svg.matchAll(/cx="([\d.-]+)" cy="([\d.-]+)"/g)) {
        expect(Number(x)).to.be.within(0, 760);
        expect(Number(y)).to.be.within(0, 400);
      }
    }
    expect(lineChart({ title: '', x: '', y: '', series: [{ name: 'one', points: [{ x: 0, y: 0 }] }] })).not.to.include(
      'NaN',
    );
    expect(barChart('t', 'µs', [{ name: 'n', parts: [{ name: 'main', value: 0 }] }])).not.to.include('NaN');
  });

  it('have round numbers on their axes that cover the range', () => {
    expect(ticks(0, 5_300)).to.deep.equal([0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
    expect(ticks(-30, 60)).to.deep.equal([-40, -20, 0, 20, 40, 60]);
  });
});
