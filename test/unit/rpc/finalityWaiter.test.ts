import { expect } from 'chai';
import type { CommitResult } from '../../../node/execution/types.js';
import { FinalityWaiter, type WaitListener } from '../../../node/rpc/finalityWaiter.js';
import { idKey, RecentBlocks } from '../../../node/rpc/recentBlocks.js';
import { domainTag } from '../../../primitives/hash.js';
import { testHeader } from '../../support/finalityFixture.js';

const LIMITS = { maxBlocks: 4, maxTransactions: 100, maxReceiptBytes: 1_000 };

/** The transaction of a height and an index. */
const idAt = (height: number, index: number) => domainTag(`test/recent/${height}/${index}`);
const keyAt = (height: number, index: number) => idKey(idAt(height, index));

function committed(height: number, count: number): CommitResult {
  const included = Array.from({ length: count }, (_, index) => ({ id: idAt(height, index) }));
  return { head: { header: testHeader({ height }) }, included } as unknown as CommitResult;
}

describe('the recent blocks', () => {
  it('are no more than they may be, however little they hold', () => {
    const recent = new RecentBlocks(LIMITS);
    for (let height = 1; height <= 5_000; height++) recent.add(committed(height, 0));
    expect(recent.size).to.equal(4);
    expect([recent.covers(4_996), recent.covers(4_995)]).to.deep.equal([true, false]);
  });

  it('know where each of their transactions stands, and none of a block that was let go of', () => {
    const recent = new RecentBlocks({ ...LIMITS, maxTransactions: 7 });
    for (let height = 1; height <= 30; height++) {
      recent.add(committed(height, height % 4));
      // Whoever looks now and then, and whoever never does, finds the same.
      if (height % 5 !== 0) continue;
      for (let at = 1; at <= height; at++) {
        const isHeld = at > height - recent.size;
        for (let index = 0; index < at % 4; index++) {
          const place = recent.find(keyAt(at, index));
          expect([place?.block.height, place?.index], `${at}/${index} at ${height}`).to.deep.equal(
            isHeld ? [at, index] : [undefined, undefined],
          );
        }
      }
    }
  });

  it('keep the newest, be it larger than all may be', () => {
    const recent = new RecentBlocks(LIMITS);
    recent.add(committed(1, 3));
    recent.add(committed(2, 200));
    expect([recent.size, recent.find(keyAt(1, 0)), recent.find(keyAt(2, 199))?.index]).to.deep.equal([
      1,
      undefined,
      199,
    ]);
  });
});

describe('who waits for finality', () => {
  let tellOf: (result: CommitResult) => void;
  let waiter: FinalityWaiter;
  let demand: boolean[];
  let told: (readonly [height: number, indices: readonly number[]])[];
  const listener: WaitListener = {
    onFinal: ({ height }, indices) => told.push([height, indices]),
    onStop: () => told.push([0, []]),
  };

  beforeEach(() => {
    [demand, told] = [[], []];
    const commits = {
      subscribe: (tell: (result: CommitResult) => void) => {
        tellOf = tell;
        return () => undefined;
      },
    };
    const metrics = { count: () => undefined, gauge: () => undefined };
    const tell = { isWanted: false, tell: (isWanted: boolean) => demand.push(isWanted) };
    const options = { ...LIMITS, maxWaits: 2, maxWaitedIds: 10 };
    waiter = new FinalityWaiter(options, { commits, metrics, demand: tell as never });
    waiter.start();
  });

  it('has room from when it was kept until it is given back, whether a wait was made of it or not', () => {
    const [first, second] = [waiter.reserve(4), waiter.reserve(4)];
    expect(() => waiter.reserve(1)).to.throw('2 waits');
    waiter.release(first);
    waiter.release(first);
    expect(() => waiter.reserve(7)).to.throw('10 transactions');
    const wait = waiter.open(second, new Set([keyAt(1, 0)]), waiter.mark, listener);
    waiter.release(second);
    const third = waiter.reserve(9);
    expect(() => waiter.reserve(1)).to.throw('2 waits');
    expect(demand.at(-1)).to.equal(true);
    waiter.release(third);
    waiter.close(wait);
    expect(demand.at(-1)).to.equal(false);
    waiter.reserve(10);
  });

  it('begins in room that was kept for as many, once', () => {
    const room = waiter.reserve(1);
    const keys = new Set([keyAt(1, 0), keyAt(1, 1)]);
    expect(() => waiter.open(room, keys, 0, listener)).to.throw('no more than its room');
    waiter.open(room, new Set([keyAt(1, 0)]), 0, listener);
    expect(() => waiter.open(room, new Set([keyAt(1, 0)]), 0, listener)).to.throw('room is kept');
  });

  it('is told of what stands in blocks since its mark, block by block, and then of what comes', () => {
    tellOf(committed(1, 3));
    const { mark } = waiter;
    tellOf(committed(2, 3));
    tellOf(committed(3, 1));
    const keys = new Set([keyAt(3, 0), keyAt(2, 2), keyAt(2, 0), keyAt(4, 1), keyAt(9, 0)]);
    const wait = waiter.open(waiter.reserve(5), keys, mark, listener);
    expect([waiter.isMissing(wait, keyAt(2, 0)), waiter.isMissing(wait, keyAt(4, 1))]).to.deep.equal([false, true]);
    tellOf(committed(4, 2));
    expect(told).to.deep.equal([
      [2, [0, 2]],
      [3, [0]],
      [4, [1]],
    ]);
    expect(wait.missing).to.equal(1);
    waiter.close(wait);
    expect(waiter.isMissing(wait, keyAt(9, 0))).to.equal(false);
  });

  it('keeps room on a node that stops, and gets none there afterwards', () => {
    const room = waiter.reserve(1);
    waiter.stop();
    expect(waiter.isStopped).to.equal(true);
    expect(() => waiter.reserve(1)).to.throw('stopping');
    waiter.close(waiter.open(room, new Set([keyAt(1, 0)]), 0, listener));
    expect(told).to.deep.equal([]);
  });
});
