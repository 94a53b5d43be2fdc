import { expect } from 'chai';
import { type Measured, runOpenLoop, type Settles, tickMs } from '../../../bench/load/openLoop.js';
import type { PreparedTransaction } from '../../../bench/load/preparedTransactions.js';
import { makeSchedule } from '../../../bench/load/schedule.js';

const STALL_MS = 120;

function transactions(count: number): PreparedTransaction[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `0x${index}`,
    bytes: Uint8Array.of(0),
    creditors: [1],
    debtor: 0,
    outcomesRoot: undefined,
  }));
}

/** Answers nothing until a stall is over, then everything at once. */
function stalledNetwork(): Settles {
  const stalled = new Promise<void>((resolve) => setTimeout(resolve, STALL_MS));
  return {
    settle: async (part, _deadlineMs, onSettled) => {
      await stalled;
      for (const transaction of part) onSettled(transaction, { status: 'final', height: 1, code: '' });
    },
  };
}

async function run(count: number, settlement: Settles): Promise<Measured[]> {
  const measured: Measured[] = [];
  const schedule = makeSchedule({ perSecond: 1_000, warmUpSeconds: 0, seconds: count / 1_000, shares: 1, share: 0 });
  await runOpenLoop(transactions(count), schedule, performance.now(), settlement, (each) => measured.push(each));
  return measured;
}

describe('the open-loop load', () => {
  it('sends at its rate while the network stalls, and counts the stall for every transaction due meanwhile', async () => {
    const measured = await run(20, stalledNetwork());
    expect(new Set(measured.map(({ transaction }) => transaction.id)).size).to.equal(20);
    // A generator that waits for answers would have one slow transaction and nineteen fast ones.
    const slow = measured.filter(({ dueMs, endMs }) => endMs - dueMs > 30);
    expect(slow).to.have.length(20);
    expect(measured.map(({ dueMs }) => Math.round(dueMs))).to.deep.equal(Array.from({ length: 20 }, (_, i) => i));
  });

  it('ends with the first fault that makes its figures worthless', async () => {
    const fault = new RangeError('a proof that proves nothing');
    const settle = async (): Promise<void> => {
      throw fault;
    };
    const thrown = await run(5, { settle }).catch((error: unknown) => error);
    expect(thrown).to.equal(fault);
  });

  it('gathers for longer where more falls due, within bounds', () => {
    expect([100, 1_250, 3_000, 5_000, 50_000].map(tickMs)).to.deep.equal([5, 12.5, 20, 20, 20]);
  });
});
