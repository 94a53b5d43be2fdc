import { expect } from 'chai';
import { makeSchedule } from '../../../bench/load/schedule.js';

describe('the schedule of a run', () => {
  const steady = { perSecond: 100, warmUpSeconds: 0, seconds: 2, shares: 1, share: 0 } as const;

  it('spaces transactions evenly over the window', () => {
    const { count, warmUpCount, dueMs, endMs } = makeSchedule(steady);
    expect({ count, warmUpCount, endMs }).to.deep.equal({ count: 200, warmUpCount: 0, endMs: 2_000 });
    expect([0, 1, 199].map(dueMs)).to.deep.equal([0, 10, 1_990]);
  });

  it('lets the rate rise over the first half of the warm-up, and holds it from there on', () => {
    const { count, warmUpCount, warmUpMs, dueMs, dueBy } = makeSchedule({ ...steady, warmUpSeconds: 4 });
    // From 10 a second to 100 over two seconds, then 100 for two: 110 and 200.
    expect({ warmUpCount, warmUpMs }).to.deep.equal({ warmUpCount: 310, warmUpMs: 4_000 });
    expect(count - warmUpCount).to.equal(200);
    expect(dueBy(1_000)).to.be.closeTo(32.5, 1);
    expect(dueMs(311) - dueMs(310)).to.be.closeTo(10, 1e-6);
    for (const index of [0, 1, 50, 109, 110, 111, 309]) {
      expect(dueMs(index + 1)).to.be.greaterThan(dueMs(index));
      expect(dueBy(dueMs(index)), `at the time of ${index}`).to.equal(index + 1);
    }
  });

  it('is shared by generators that take turns', () => {
    const shares = [0, 1].map((share) => makeSchedule({ ...steady, shares: 2, share }));
    expect(shares.map(({ count }) => count)).to.deep.equal([100, 100]);
    expect(shares.map(({ dueMs }) => [dueMs(0), dueMs(1)])).to.deep.equal([
      [0, 20],
      [10, 30],
    ]);
  });

  it('has one transaction in the window at the least', () => {
    expect(makeSchedule({ ...steady, perSecond: 0.1, seconds: 1 }).count).to.equal(1);
  });
});
