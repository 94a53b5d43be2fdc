import { expect } from 'chai';
import { describeCatchUp } from '../../../api/catchUp.js';
import { SyncProgress } from '../../../node/engine/syncProgress.js';

describe('catching up', () => {
  it('is told as a person says it', () => {
    const told = (secondsLeft: number | null): string =>
      describeCatchUp(41_200, { targetHeight: 100_312, blocksPerSecond: 950, secondsLeft });
    expect(told(62)).to.equal('height 41,200 of 100,312, 950 blocks/s, about 1 min left');
    expect(told(59)).to.equal('height 41,200 of 100,312, 950 blocks/s, about 59 s left');
    expect(told(7_500)).to.equal('height 41,200 of 100,312, 950 blocks/s, about 2 h 5 min left');
    expect(told(null)).to.equal('height 41,200 of 100,312, 950 blocks/s, time left not known yet');
  });

  it('takes as long as the gap takes to close, while the network goes on', () => {
    const progress = new SyncProgress();
    progress.note(0, 1_000, 0);
    // 100 blocks a second here, 20 a second there: 80 of the gap a second.
    expect(progress.pace(1_000, 1_200, 10_000)).to.deep.equal({ blocksPerSecond: 100, secondsLeft: 3 });
  });

  it('has no end while the network is faster', () => {
    const progress = new SyncProgress();
    progress.note(0, 1_000, 0);
    expect(progress.pace(100, 1_200, 10_000)).to.deep.equal({ blocksPerSecond: 10, secondsLeft: undefined });
  });

  it('counts the newest 15 seconds', () => {
    const progress = new SyncProgress();
    for (let second = 0; second <= 100; second++) {
      const height = second < 60 ? second : 60 + (second - 60) * 10;
      progress.note(height, 10_000, second * 1_000);
      progress.note(height, 10_000, second * 1_000 + 1);
    }
    expect(progress.pace(460, 10_000, 100_000).blocksPerSecond).to.equal(10);
  });

  it('takes nothing from a pace of long ago', () => {
    const progress = new SyncProgress();
    progress.note(0, 100, 0);
    progress.note(50, 100, 1_000);
    expect(progress.pace(50, 200, 60_000)).to.deep.equal({ blocksPerSecond: 0, secondsLeft: undefined });
    progress.note(50, 200, 60_000);
    expect(progress.pace(60, 200, 61_000)).to.deep.equal({ blocksPerSecond: 10, secondsLeft: 14 });
  });

  it('is over where nothing is left', () => {
    const progress = new SyncProgress();
    expect(progress.pace(5, 5, 0)).to.deep.equal({ blocksPerSecond: 0, secondsLeft: 0 });
  });
});
