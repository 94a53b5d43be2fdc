import { expect } from 'chai';
import fc from 'fast-check';
import { LatencyHistogram } from '../../../bench/load/histogram.js';

function histogramOf(latenciesMs: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const latency of latenciesMs) histogram.record(latency);
  return histogram;
}

describe('the histogram of latencies', () => {
  it('tells each percentile to within one part in 128, never above the greatest latency', () => {
    const latencies = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(latencies, fc.integer({ min: 1, max: 1_000 }), (latenciesMs, permille) => {
        const sorted = [...latenciesMs].sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((sorted.length * permille) / 1_000));
        const exact = sorted[rank - 1] as number;
        const told = histogramOf(latenciesMs).percentileMs(permille / 10) as number;
        expect(told).to.be.within(exact - 0.011, exact * (1 + 1 / 128) + 0.011);
        expect(told).to.be.at.most((sorted.at(-1) as number) + 0.011);
      }),
      { seed: 11 },
    );
  });

  it('is the same whether its parts were counted apart or together', () => {
    const [one, other] = [
      [0.2, 3, 7_000],
      [0.1, 3, 55],
    ];
    const whole = histogramOf(one as number[]);
    whole.add(histogramOf(other as number[]).toData());
    expect(whole.toData()).to.deep.equal(histogramOf([...(one as number[]), ...(other as number[])]).toData());
    whole.add(new LatencyHistogram().toData());
    expect(whole.count).to.equal(6);
  });

  it('sums up what it holds', () => {
    const { count, meanMs, p50Ms, p99Ms, maxMs } = histogramOf([1, 2, 3, 4]).summary();
    expect({ count, meanMs, maxMs }).to.deep.equal({ count: 4, meanMs: 2.5, maxMs: 4 });
    expect(p50Ms).to.be.closeTo(2, 0.02);
    expect(p99Ms).to.equal(4);
  });

  it('of nothing says nothing, and takes what lies beyond its bounds at them', () => {
    expect(new LatencyHistogram().summary().p50Ms).to.equal(undefined);
    expect(histogramOf([-5, 1e12]).summary()).to.deep.include({ count: 2, p50Ms: 0, maxMs: 1_073_741.82 });
  });
});
