import { expect } from 'chai';
import { ExecutionNews } from '../../../node/execution/news.js';
import { RequestQueue, type RequestRank } from '../../../node/execution/requestQueue.js';
import { rejectionOf } from '../../support/rejection.js';
import { ManualTimers, settle } from '../engine/support/manualTimers.js';

describe('the queue of requests', () => {
  const options = { limits: { urgent: 2, query: 3, view: 3, simulation: 2 } };

  /** Work that notes its name when it runs. */
  function noted(order: string[], name: string): () => Promise<string> {
    return async () => {
      await Promise.resolve();
      order.push(name);
      return name;
    };
  }

  it('runs what consensus waits for before every query, each rank in its order', async () => {
    const order: string[] = [];
    const queue = new RequestQueue({ limits: { urgent: 10, query: 10, view: 10, simulation: 10 } });
    const all = ['q1', 'q2', 'u1', 'q3', 'u2'].map((name) =>
      queue.add(name.startsWith('u') ? 'urgent' : 'query', noted(order, name)),
    );
    expect(await Promise.all(all)).to.deep.equal(['q1', 'q2', 'u1', 'q3', 'u2']);
    // The first had begun before the others came.
    expect(order).to.deep.equal(['q1', 'u1', 'u2', 'q2', 'q3']);
  });

  it('runs one at a time', async () => {
    const queue = new RequestQueue({ limits: { urgent: 10, query: 10, view: 10, simulation: 10 } });
    let running = 0;
    const work = async () => {
      expect(++running).to.equal(1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    };
    await Promise.all(Array.from({ length: 6 }, (_, index) => queue.add(index % 2 === 0 ? 'urgent' : 'query', work)));
  });

  it('goes on after work that fails', async () => {
    const queue = new RequestQueue(options);
    const failed = queue.add('query', () => Promise.reject(new TypeError('broken')));
    const next = queue.add('query', () => 7);
    expect(await failed.catch((error: unknown) => String(error))).to.equal('TypeError: broken');
    expect(await next).to.equal(7);
  });

  it('refuses more than its ranks may hold', async () => {
    const queue = new RequestQueue(options);
    const first = queue.add('urgent', () => 0);
    const queries = [1, 2, 3].map((value) => queue.add('query', () => value));
    expect((await rejectionOf(queue.add('query', () => 4))).code).to.equal('EXECUTOR_BUSY');
    const urgent = [5, 6].map((value) => queue.add('urgent', () => value));
    expect((await rejectionOf(queue.add('urgent', () => 7))).code).to.equal('EXECUTOR_BUSY');
    expect(await Promise.all([first, ...queries, ...urgent])).to.deep.equal([0, 1, 2, 3, 5, 6]);
  });

  it('refuses what waits when it closes, and lets end what runs', async () => {
    const queue = new RequestQueue(options);
    const order: string[] = [];
    const running = queue.add('query', noted(order, 'running'));
    const waiting = queue.add('query', noted(order, 'waiting')).catch((error: unknown) => error);
    await queue.close();
    expect(await running).to.equal('running');
    expect(await waiting).to.include({ code: 'EXECUTOR_NOT_RUNNING' });
    expect((await rejectionOf(queue.add('urgent', () => 1))).code).to.equal('EXECUTOR_NOT_RUNNING');
    expect(order).to.deep.equal(['running']);
  });

  describe('for contracts that run for anybody', () => {
    let timers: ManualTimers;
    let news: ExecutionNews;
    let queue: RequestQueue;
    let order: string[];
    let startMs: number;
    beforeEach(() => {
      timers = new ManualTimers();
      news = new ExecutionNews();
      queue = new RequestQueue({ ...options, timers, news });
      order = [];
      startMs = timers.monotonic();
    });

    /** Work that takes so long, and notes when it began. */
    const take = (rank: RequestRank, name: string, ms: number) =>
      queue.add(rank, async () => {
        order.push(`${name} ${timers.monotonic() - startMs}`);
        // A timer that is due has to end before the clock goes on.
        await Promise.resolve();
        timers.advance(ms);
      });

    for (const rank of ['simulation', 'view'] as const) {
      it(`waits after a ${rank} three times as long as that took before the next one`, async () => {
        const all = [take(rank, 'a', 100), take(rank, 'b', 40), take(rank, 'c', 1)];
        await settle();
        timers.advance(299);
        await settle();
        expect(order).to.deep.equal(['a 0']);
        timers.advance(1);
        await settle();
        expect(order).to.deep.equal(['a 0', 'b 400']);
        timers.advance(120);
        await Promise.all(all);
        expect(order).to.deep.equal(['a 0', 'b 400', 'c 560']);
        await settle();
        expect(timers.pending).to.equal(0);
      });
    }

    it('lets everything else go on meanwhile, at once', async () => {
      const resting = [take('simulation', 's1', 100), take('simulation', 's2', 100)];
      await settle();
      await Promise.all([take('query', 'q', 5), take('view', 'v', 5), take('urgent', 'u', 5)]);
      expect(order).to.deep.equal(['s1 0', 'q 100', 'u 105', 'v 110']);
      timers.advance(285);
      await Promise.all(resting);
      expect(order.at(-1)).to.equal('s2 400');
    });

    it('never takes more than a quarter of the time, however short each is', async () => {
      let ran = 0;
      const again = (): Promise<void> =>
        queue
          .add('simulation', async () => {
            ran++;
            await Promise.resolve();
            timers.advance(0.5);
          })
          .then(again, () => undefined);
      void again();
      for (let elapsed = timers.monotonic(); elapsed < startMs + 1_000; elapsed = timers.monotonic()) {
        await settle(3);
        timers.advance(1);
      }
      // Short of it by what the timers of this test round up.
      expect(0.5 * ran).to.be.within(150, 251);
      await queue.close();
    });

    it('goes on at once where the rest is over before the next one comes', async () => {
      await take('view', 'a', 50);
      await settle();
      timers.advance(150);
      await take('view', 'b', 50);
      expect(order).to.deep.equal(['a 0', 'b 200']);
    });

    it('refuses more than may wait, and counts that and the waiting', async () => {
      const all = ['a', 'b', 'c'].map((name) => take('simulation', name, 100));
      const refused = await rejectionOf(take('simulation', 'd', 100));
      expect(refused).to.include({ code: 'EXECUTOR_BUSY' });
      expect(refused.details.hint).to.match(/try again later/);
      for (let turn = 0; turn < 2; turn++) {
        await settle();
        timers.advance(300);
      }
      await Promise.all(all);
      await settle();
      const counts = news.take()?.counts.map(({ name, by, labels }) => [name, labels.work, Math.round(1_000 * by)]);
      expect(counts).to.deep.equal([
        ['vostro_execution_refused_requests_total', 'simulation', 1_000],
        ['vostro_execution_waiting_seconds_total', 'simulation', 1_200],
      ]);
    });

    it('refuses what rests when it closes', async () => {
      await take('view', 'a', 100);
      const resting = rejectionOf(take('view', 'b', 100));
      await settle();
      await queue.close();
      expect((await resting).code).to.equal('EXECUTOR_NOT_RUNNING');
      expect(timers.pending).to.equal(0);
    });
  });
});
