import { expect } from 'chai';
import { summarise } from '../../../bench/load/latencies.js';
import { runOpenLoop } from '../../../bench/load/openLoop.js';
import type { PreparedTransaction } from '../../../bench/load/preparedTransactions.js';
import type { OnSettled, Settlement } from '../../../bench/load/settlement.js';

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
function stalledNetwork(): Pick<Settlement, 'settle'> {
  const stalled = new Promise<void>((resolve) => setTimeout(resolve, STALL_MS));
  return {
    settle: async (part: readonly PreparedTransaction[], _deadlineMs: number, onSettled: OnSettled) => {
      await stalled;
      for (const transaction of part) onSettled(transaction, { status: 'final', height: 1, code: '' });
    },
  };
}

describe('the open-loop load', () => {
  it('sends at its rate while the network stalls, and counts the stall for every transaction due meanwhile', async () => {
    const offered = transactions(20);
    const { measured } = await runOpenLoop(offered, 1_000, stalledNetwork() as Settlement);
    expect(measured.map(({ transaction }) => transaction)).to.have.members(offered);
    // A generator that waits for answers would have one slow transaction and nineteen fast ones.
    const slow = measured.filter(({ latencyMs }) => latencyMs > 30);
    expect(slow).to.have.length(offered.length);
  });

  it('ends with the first fault that makes its figures worthless', async () => {
    const fault = new RangeError('a proof that proves nothing');
    const settle = async (): Promise<void> => {
      throw fault;
    };
    const thrown = await runOpenLoop(transactions(5), 1_000, { settle } as unknown as Settlement).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.equal(fault);
  });
});

describe('percentiles', () => {
  it('are latencies that were measured', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(summarise(hundred)).to.deep.equal({ count: 100, p50Ms: 50, p99Ms: 99, maxMs: 100 });
    expect(summarise([7])).to.deep.equal({ count: 1, p50Ms: 7, p99Ms: 7, maxMs: 7 });
  });

  it('of nothing are nothing', () => {
    expect(summarise([])).to.deep.equal({ count: 0, p50Ms: undefined, p99Ms: undefined, maxMs: undefined });
  });
});
