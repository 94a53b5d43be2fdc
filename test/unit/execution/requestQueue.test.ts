import { expect } from 'chai';
import { RequestQueue } from '../../../node/execution/requestQueue.js';
import { rejectionOf } from '../../support/rejection.js';

describe('the queue of requests', () => {
  const options = { maxUrgent: 2, maxQueries: 3 };

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
    const queue = new RequestQueue({ maxUrgent: 10, maxQueries: 10 });
    const all = ['q1', 'q2', 'u1', 'q3', 'u2'].map((name) =>
      queue.add(name.startsWith('u') ? 'urgent' : 'query', noted(order, name)),
    );
    expect(await Promise.all(all)).to.deep.equal(['q1', 'q2', 'u1', 'q3', 'u2']);
    // The first had begun before the others came.
    expect(order).to.deep.equal(['q1', 'u1', 'u2', 'q2', 'q3']);
  });

  it('runs one at a time', async () => {
    const queue = new RequestQueue({ maxUrgent: 10, maxQueries: 10 });
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
});
