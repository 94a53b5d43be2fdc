import { expect } from 'chai';
import { runChaosDrill } from './chaos/chaosDrill.js';
import { runFailpointDrill } from './failpoints/failpointDrill.js';
import { runStallDrill } from './stall/stallDrill.js';

/** Slices of `npm run drill`, small enough for every run of the tests; what they say while they work is of no interest. */
const quiet = (): void => undefined;

describe('a drill of real processes', function () {
  this.timeout(400_000);

  it('loses nothing and forks nothing while validators are killed, stopped, cut off and robbed of their data', async () => {
    const report = await runChaosDrill({ durationMs: 20_000, seed: 4, paymentsPerSecond: 5 }, quiet);
    expect(report.faults).to.deep.equal([]);
    expect(report.episodes).to.be.greaterThan(0);
    expect(report.settled).to.be.greaterThan(0);
  });

  it('brings back a validator killed around its journal, its votes and its commits, to the same chain and voting', async () => {
    const points = [
      'journal.betweenCopies',
      'send.some',
      'body.duringWrite',
      'commit.during',
      'start.markerBeforeRename',
    ] as const;
    const report = await runFailpointDrill({ kills: points.length, seed: 1, paymentsPerSecond: 5, points }, quiet);
    expect(report.faults).to.deep.equal([]);
    expect(report.killsByPoint).to.deep.equal(Object.fromEntries(points.map((point) => [point, 1])));
    expect(report.settled).to.be.greaterThan(0);
  });

  it('decides nothing without a quorum, says who is away, and goes on at once when it is back', async () => {
    const report = await runStallDrill({ awayMs: 20_000, silentMs: 5_000, paymentsPerSecond: 5 }, quiet);
    expect(report.faults).to.deep.equal([]);
    expect(report.doctor).to.match(/^no block for \d+ s: 2 of 4 validators are heard, 3 are needed; /);
    expect(report.missedTurns).to.be.greaterThan(0);
  });
});
