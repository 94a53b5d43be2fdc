import { expect } from 'chai';
import { ProposalPace } from '../../../node/engine/proposalPace.js';

describe('the pace of proposals', () => {
  let nowMs = 0;
  const timers = { now: () => 1_000_000 + nowMs, monotonic: () => nowMs };
  beforeEach(() => {
    nowMs = 0;
  });

  /** Decides blocks of one size at equal distances for three seconds, then asks at once. */
  function paceAt(bytesPerSecond: number, blocksPerSecond: number): ProposalPace {
    const pace = new ProposalPace({ longestMs: 200 }, timers);
    for (let i = 0; i < 3 * blocksPerSecond; i++) {
      nowMs += 1_000 / blocksPerSecond;
      pace.decided(bytesPerSecond / blocksPerSecond);
    }
    return pace;
  }

  it('holds nothing back while little is decided, in many blocks or few', () => {
    for (const blocksPerSecond of [2, 20, 50]) {
      expect(paceAt(20_000, blocksPerSecond).remainingMs(timers.now())).to.equal(0);
    }
  });

  it('waits longer the more is decided, up to a fifth of a second after the parent', () => {
    const waits = [40_000, 150_000, 300_000, 600_000, 5_000_000].map((rate) =>
      paceAt(rate, 20).remainingMs(timers.now()),
    );
    expect(waits).to.deep.equal([...waits].sort((a, b) => a - b));
    expect(waits[1]).to.be.within(20, 80);
    expect(waits.at(-1)).to.equal(200);
    const pace = paceAt(5_000_000, 20);
    expect(pace.remainingMs(timers.now() - 150)).to.equal(50);
    expect(pace.remainingMs(timers.now() - 250)).to.equal(0);
    expect(pace.remainingMs(timers.now() + 60_000), 'a parent of the future').to.equal(200);
  });

  it('holds nothing back any more two seconds after a burst', () => {
    const pace = paceAt(1_000_000, 10);
    nowMs += 2_000;
    pace.decided(200);
    expect(pace.remainingMs(timers.now())).to.equal(0);
  });
});
