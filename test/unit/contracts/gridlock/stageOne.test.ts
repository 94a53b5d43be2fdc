import { expect } from 'chai';
import fc from 'fast-check';
import { type GridlockRun, resolveGridlock } from '../../../../contracts/gridlock/gridlock.js';
import type { GridlockInput } from '../../../../contracts/gridlock/input.js';
import { inputOf, naiveFifo, naiveValue, networks, publishedCases } from '../../../support/gridlock.js';

const fifo = (input: GridlockInput): GridlockRun => resolveGridlock(input, { stages: 'fifo' });
const closing = (run: GridlockRun) => Object.fromEntries(run.positions.map((at) => [at.bank, at.closing]));

/** The same network under other names, in which the banks come in another order. */
function renamed({ banks, payments, limits }: GridlockInput, nameOf: (bank: string) => string): GridlockInput {
  return {
    banks: banks.map(({ bank, available }) => ({ bank: nameOf(bank), available })),
    payments: payments.map((payment) => ({
      ...payment,
      debtor: nameOf(payment.debtor),
      creditor: nameOf(payment.creditor),
    })),
    limits: limits.map(({ debtor, creditor, net }) => ({ debtor: nameOf(debtor), creditor: nameOf(creditor), net })),
  };
}

describe('stage one of the gridlock resolution', () => {
  it('settles a ring that no bank could begin, and closes it at 0, 70 and 100', () => {
    const run = fifo(inputOf({ A: 50, B: 100, C: 20 }, ['T1 A B 100', 'T2 B C 130', 'T3 C A 50']));
    expect(run.settled).to.deep.equal(['T1', 'T2', 'T3']);
    expect(closing(run)).to.deep.equal({ A: 0n, B: 70n, C: 100n });
    expect([run.value, run.outcome]).to.deep.equal([280n, 'settled']);
  });

  it('leaves the whole ring where one of its banks lacks a single unit', () => {
    const run = fifo(inputOf({ A: 50, B: 100, C: 20 }, ['T1 A B 100', 'T2 B C 130', 'T3 C A 151']));
    expect([run.settled, run.value]).to.deep.equal([[], 0n]);
  });

  for (const { id, balances, queue, fifo: expected } of publishedCases()) {
    it(`settles in the published case ${id} exactly what is known of it`, () => {
      const numbers = Object.fromEntries(Object.entries(balances).map(([bank, amount]) => [bank, Number(amount)]));
      const run = fifo(
        inputOf(
          numbers,
          queue.map((payment) => [payment.id, payment.from, payment.to, payment.amount].join(' ')),
        ),
      );
      const shown = Object.fromEntries(run.positions.map((at) => [at.bank, String(at.closing)]));
      expect({ settled: run.settled, closing: shown, value: String(run.value) }).to.deep.equal(expected);
    });
  }

  it('settles the best set of FIFO prefixes of 400 random networks, in any order of the banks', () => {
    const shape = { maxBanks: 4, maxPayments: 10, maxBalance: 12, maxAmount: 20, hasRules: false };
    const permuted = networks(shape).chain((input) =>
      fc.tuple(
        fc.constant(input),
        fc.shuffledSubarray(
          input.banks.map(({ bank }) => bank),
          { minLength: input.banks.length },
        ),
      ),
    );
    fc.assert(
      fc.property(permuted, ([input, order]) => {
        const best = naiveFifo(input);
        const run = fifo(input);
        expect([...run.settled].sort()).to.deep.equal(best.map(({ id }) => id).sort());
        expect(run.value).to.equal(naiveValue(best));
        const other = fifo(renamed(input, (bank) => `N${order.indexOf(bank)}`));
        expect(other.settled).to.deep.equal(run.settled);
      }),
      { numRuns: 400 },
    );
  });

  it('takes the higher rank first, and of one rank the older, wherever they stand in the file', () => {
    const payments = ['T1 A B 6', 'T2 A B 5 urgent', 'T3 A B 3 centralBank', 'T4 A B 2 clearing'];
    expect(fifo(inputOf({ A: 10, B: 0 }, payments)).settled).to.deep.equal(['T3', 'T4', 'T2']);
    expect(fifo(inputOf({ A: 9, B: 0 }, payments)).settled).to.deep.equal(['T3', 'T4']);
  });

  it('leaves held payments out, and lets what stands behind them pass', () => {
    const run = fifo(inputOf({ A: 5, B: 0 }, ['T1 A B 5 held', 'T2 A B 5']));
    expect(run.settled).to.deep.equal(['T2']);
    expect(run.queued).to.deep.equal([{ id: 'T1', reason: { code: 'HELD' } }]);
  });

  it('takes back for a limit before it takes back for want of money, so that others are not held up', () => {
    const run = fifo(inputOf({ A: 5, B: 0, C: 0 }, ['T1 A B 5', 'T2 A C 5'], ['A B 4']));
    expect(run.settled).to.deep.equal(['T2']);
    expect(run.queued[0]?.reason).to.deep.equal({ code: 'LIMIT', limit: 4n, net: 0n, needed: 5n });
  });

  it('counts what comes back against a limit, and binds payments of rank normal alone', () => {
    const both = ['T1 A B 5', 'T2 B A 2'];
    expect(fifo(inputOf({ A: 9, B: 9 }, both, ['A B 3'])).settled).to.deep.equal(['T1', 'T2']);
    expect(fifo(inputOf({ A: 9, B: 9 }, both, ['A B 2'])).settled).to.deep.equal(['T2']);
    expect(fifo(inputOf({ A: 9, B: 9 }, ['T1 A B 5 urgent', 'T2 A B 1'], ['A B 3'])).settled).to.deep.equal(['T1']);
  });

  it('settles nothing where nothing fits, and does not call that a deadlock', () => {
    const run = fifo(inputOf({ A: 0, B: 0 }, ['T1 A B 5']));
    expect([run.settled, run.value, run.outcome]).to.deep.equal([[], 0n, 'unsettled']);
    expect(fifo(inputOf({ A: 0 }, [])).outcome).to.equal('noneEligible');
  });
});
