import { expect } from 'chai';
import { DiskWatch } from '../../../node/diskWatch.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A watch whose disk and clock the test moves. */
function watched() {
  const done: string[] = [];
  let level: 'ok' | 'low' | 'critical' | 'unreadable' = 'ok';
  let next: (() => void) | undefined;
  const watch = new DiskWatch(
    { path: '/', watermarkBytes: 100, intervalMs: 5 },
    {
      engine: { pauseSigning: async () => void done.push('pause'), resumeSigning: () => void done.push('resume') },
      timers: {
        now: () => 0,
        monotonic: () => 0,
        set: (callback) => {
          next = callback;
          return { id: 0 };
        },
        clear: () => undefined,
      },
      logger: silent,
      onFatal: () => void done.push('fatal'),
      freeSpace: async () => {
        if (level === 'unreadable') throw new RangeError('no such file system');
        return { freeBytes: 0, level };
      },
    },
  );
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    watch,
    done,
    async see(found: typeof level) {
      level = found;
      const look = next;
      next = undefined;
      if (look === undefined) watch.start();
      else look();
      await settle();
    },
    isWaiting: () => next !== undefined,
  };
}

describe('the watch over free disk space', () => {
  it('stops new work first, then signing, and lets both go on when there is room again', async () => {
    const { watch, done, see } = watched();
    await see('ok');
    expect(watch.isLow).to.equal(false);
    await see('low');
    expect([watch.isLow, done]).to.deep.equal([true, []]);
    await see('critical');
    await see('critical');
    expect(done).to.deep.equal(['pause']);
    await see('low');
    expect([watch.isLow, done]).to.deep.equal([true, ['pause', 'resume']]);
    await see('ok');
    expect([watch.isLow, done]).to.deep.equal([false, ['pause', 'resume']]);
  });

  it('stops the node when the file system cannot be asked', async () => {
    const { done, see } = watched();
    await see('unreadable');
    expect(done).to.deep.equal(['fatal']);
  });

  it('looks no more once it is stopped', async () => {
    const { watch, see, isWaiting, done } = watched();
    await see('ok');
    watch.stop();
    await see('critical');
    expect([isWaiting(), done]).to.deep.equal([false, []]);
  });
});
