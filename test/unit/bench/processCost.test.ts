import { expect } from 'chai';
import { paymentCost } from '../../../bench/load/paymentCost.js';
import { type ProcessSample, roomOfThread, THREAD_ROOMS, type ThreadRoom } from '../../../bench/network/processCost.js';

function sample(cpuUs: number): ProcessSample {
  const cpuUsByRoom = Object.fromEntries(THREAD_ROOMS.map((room) => [room, cpuUs / 2])) as Record<ThreadRoom, number>;
  return { cpuUs, cpuUsByRoom, rssBytes: 100, switches: cpuUs / 10, writtenBytes: cpuUs * 2 };
}

describe('what a payment costs', () => {
  it('is told by thread, in the order in which Node.js makes them', () => {
    const rooms = Array.from({ length: 16 }, (_, position) => roomOfThread(position, 2));
    expect(rooms).to.deep.equal([
      'main',
      ...Array.from({ length: 6 }, () => 'V8 helpers'),
      ...Array.from({ length: 4 }, () => 'libuv pool'),
      ...['signatures', 'signatures', 'executor', 'LevelDB', 'LevelDB'],
    ]);
  });

  it('is an average over the nodes that ran all the time', () => {
    const before = { processes: [sample(1_000), sample(2_000), sample(5)], diskBytes: [10, 10, 10], counters: [] };
    const after = { processes: [sample(2_000), sample(5_000), undefined], diskBytes: [40, 40, 10], counters: [] };
    expect(paymentCost(before, after, 10)).to.deep.include({
      ...{ cpuUs: 200, switches: 20, diskGrowthBytes: 2, diskWrittenBytes: 400, rssBytes: 100 },
    });
    expect(paymentCost(before, after, 10).cpuUsByRoom['executor']).to.equal(100);
  });

  it('is not told where the system does not tell', () => {
    const nothing = { processes: [undefined], diskBytes: [0], counters: [] };
    expect(paymentCost(nothing, nothing, 0)).to.deep.include({ cpuUs: undefined, switches: undefined });
  });
});
