import { expect } from 'chai';
import fc from 'fast-check';
import { type GridlockRun, resolveGridlock } from '../../../../contracts/gridlock/gridlock.js';
import type { GridlockInput } from '../../../../contracts/gridlock/input.js';
import {
  fixedInput,
  inputOf,
  naiveFaults,
  naiveOptimum,
  naiveQueue,
  networks,
  publishedCases,
} from '../../../support/gridlock.js';

const all = (input: GridlockInput, maxSteps?: number): GridlockRun =>
  resolveGridlock(input, { stages: 'all', ...(maxSteps === undefined ? {} : { maxSteps }) });
const fifo = (input: GridlockInput): GridlockRun => resolveGridlock(input, { stages: 'fifo' });

const setOf = (input: GridlockInput, run: GridlockRun) =>
  naiveQueue(input).filter(({ id }) => run.settled.includes(id));

describe('the stages after stage one', () => {
  it('settle 97 % and more of the optimum of the published cases together, and never less than stage one', () => {
    let [value, optimum] = [0n, 0n];
    for (const { id, balances, queue, fifo: known, optimumValue } of publishedCases()) {
      const numbers = Object.fromEntries(Object.entries(balances).map(([bank, amount]) => [bank, Number(amount)]));
      const run = all(
        inputOf(
          numbers,
          queue.map((payment) => [payment.id, payment.from, payment.to, payment.amount].join(' ')),
        ),
      );
      expect(run.value >= BigInt(known.value), id).to.equal(true);
      value += run.value;
      optimum += BigInt(optimumValue);
    }
    expect(value * 100n >= optimum * 97n, `${value} of ${optimum}`).to.equal(true);
  });

  it('settle the optimum of random cases of the same kind, and know that it is one', () => {
    const shape = { maxBanks: 5, maxPayments: 11, maxBalance: 10, maxAmount: 20, hasRules: false };
    fc.assert(
      fc.property(networks(shape), (input) => {
        const run = all(input);
        expect(run.value).to.equal(naiveOptimum(input));
        expect(run.isBest).to.equal(true);
      }),
      { numRuns: 200 },
    );
  });

  it('settle the optimum of 60 fixed networks, to the last unit', () => {
    for (let number = 0; number < 60; number++) {
      const input = fixedInput(4, 12, 10, 20, number);
      expect(all(input).value, `network ${number}`).to.equal(naiveOptimum(input));
    }
  });

  it('settle the optimum under ranks, holds and limits, with what stage one settles of higher ranks', () => {
    const shape = { maxBanks: 4, maxPayments: 9, maxBalance: 12, maxAmount: 12, hasRules: true };
    fc.assert(
      fc.property(networks(shape), (input) => {
        const run = all(input);
        const kept = setOf(input, fifo(input)).filter(({ rank }) => rank !== 'normal');
        expect(naiveFaults(input, setOf(input, run))).to.deep.equal([]);
        expect(run.settled).to.include.members(kept.map(({ id }) => id));
        expect(run.value).to.equal(naiveOptimum(input, kept));
      }),
      { numRuns: 200 },
    );
  });

  it('find single payments behind one that is not funded, pairs, and cycles, each by its own stage', () => {
    const single = all(inputOf({ A: 5, B: 0 }, ['T1 A B 9', 'T2 A B 5']));
    expect([single.stageValues.fifo, single.stageValues.singles]).to.deep.equal([0n, 5n]);
    const behind = ['T1 A C 90', 'T2 B C 90'];
    const pair = all(inputOf({ A: 0, B: 0, C: 0 }, [...behind, 'T3 A B 7', 'T4 B A 7']));
    expect([pair.stageValues.singles, pair.stageValues.pairs]).to.deep.equal([0n, 14n]);
    const cycle = all(inputOf({ A: 0, B: 0, C: 0 }, [...behind, 'T3 A B 7', 'T4 B C 7', 'T5 C A 7']));
    expect([cycle.stageValues.pairs, cycle.stageValues.cycles]).to.deep.equal([0n, 21n]);
  });

  it('give up payments of rank normal for others that are worth one unit more, and none of a higher rank', () => {
    const payments = (rank: string) => ['T1 B A 5', `T2 A D 5 ${rank}`, 'T3 B C 8', 'T4 C B 3'];
    const settled = (rank: string) => [...all(inputOf({ A: 0, B: 5, C: 0, D: 0 }, payments(rank))).settled].sort();
    expect(settled('normal')).to.deep.equal(['T3', 'T4']);
    expect(settled('urgent')).to.deep.equal(['T1', 'T2']);
  });

  it('take no set of more value that breaks a limit', () => {
    expect(all(inputOf({ A: 9, B: 0 }, ['T1 A B 9', 'T2 A B 3'], ['A B 4'])).settled).to.deep.equal(['T2']);
  });

  it('let a payment pass one of a higher rank on money that arrives in the set, and on none that was there', () => {
    const passing = ['T1 A B 50 urgent', 'T2 A B 5'];
    const waits = all(inputOf({ A: 9, B: 0 }, passing));
    expect(waits.settled).to.deep.equal([]);
    expect(waits.queued[1]?.reason).to.deep.equal({ code: 'BEHIND', payment: 'T1' });
    expect(all(inputOf({ A: 9, B: 0 }, [...passing, 'T3 B A 5'])).settled).to.deep.equal(['T2', 'T3']);
  });

  it('call a queue deadlocked only where no set at all can settle', () => {
    const dead = all(inputOf({ A: 1, B: 1, C: 1 }, ['T1 A B 5', 'T2 B C 9', 'T3 C A 3']));
    expect([dead.outcome, dead.isBest]).to.deep.equal(['deadlocked', true]);
    expect(all(inputOf({ A: 0, B: 0 }, ['T1 A B 5 held'])).outcome).to.equal('noneEligible');
  });
});
