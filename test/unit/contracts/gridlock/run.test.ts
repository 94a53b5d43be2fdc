import { expect } from 'chai';
import fc from 'fast-check';
import { GridlockError } from '../../../../contracts/gridlock/errors.js';
import {
  DEFAULT_STEPS,
  explainQueued,
  type GridlockRun,
  requiredSteps,
  resolveGridlock,
} from '../../../../contracts/gridlock/gridlock.js';
import { GRIDLOCK_LIMITS, type GridlockInput } from '../../../../contracts/gridlock/input.js';
import { hashGridlockInput } from '../../../../contracts/gridlock/inputHash.js';
import { toHex } from '../../../../primitives/bytes.js';
import { MAX_AMOUNT } from '../../../../primitives/limits.js';
import { fixedInput, inputOf, naiveClosing, naiveFaults, naiveQueue, networks } from '../../../support/gridlock.js';

const stages = ['fifo', 'all'] as const;
const shape = { maxBanks: 6, maxPayments: 40, maxBalance: 30, maxAmount: 40, hasRules: true };

function setOf(input: GridlockInput, run: GridlockRun) {
  const settled = new Set(run.settled);
  return naiveQueue(input).filter(({ id }) => settled.has(id));
}

function errorOf(run: () => unknown): GridlockError {
  try {
    run();
  } catch (error) {
    if (error instanceof GridlockError) return error;
    throw error;
  }
  return new GridlockError('REPEATED', 'no error was raised');
}

describe('a run of the gridlock resolution', () => {
  it('loses and makes no money, leaves no bank below zero, and breaks no limit and no rank', () => {
    fc.assert(
      fc.property(networks(shape), fc.constantFrom(...stages), (input, mode) => {
        const run = resolveGridlock(input, { stages: mode });
        const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
        expect(sum(run.positions.map(({ net }) => net))).to.equal(0n);
        expect(run.positions.every(({ opening, net, closing }) => closing >= 0n && opening + net === closing)).to.equal(
          true,
        );
        const set = setOf(input, run);
        expect(new Map(run.positions.map(({ bank, closing }) => [bank, closing]))).to.deep.equal(
          new Map([...naiveClosing(input, set)].sort(([a], [b]) => (a < b ? -1 : 1))),
        );
        expect(naiveFaults(input, set)).to.deep.equal([]);
        expect(run.value).to.equal(sum(set.map(({ amount }) => amount)));
      }),
    );
  });

  it('either settles a payment or leaves it in the queue, in the order of the queue', () => {
    fc.assert(
      fc.property(networks(shape), fc.constantFrom(...stages), (input, mode) => {
        const run = resolveGridlock(input, { stages: mode });
        const queued = run.queued.map(({ id }) => id);
        expect([...run.settled, ...queued].sort()).to.deep.equal(input.payments.map(({ id }) => id).sort());
        const order = naiveQueue(input).map(({ id }) => id);
        expect(run.settled).to.deep.equal(order.filter((id) => run.settled.includes(id)));
      }),
    );
  });

  it('is worth no less after any stage than before, whatever steps it has', () => {
    fc.assert(
      fc.property(networks(shape), fc.nat(5_000), (input, more) => {
        const maxSteps = requiredSteps(input) + more;
        const run = resolveGridlock(input, { stages: 'all', maxSteps });
        const { fifo, singles, pairs, cycles, search } = run.stageValues;
        expect(fifo).to.equal(resolveGridlock(input, { stages: 'fifo' }).value);
        expect(fifo <= singles && singles <= pairs && pairs <= cycles && cycles <= search).to.equal(true);
        expect(run.value).to.equal(search);
        expect(run.steps <= maxSteps).to.equal(true);
        expect(naiveFaults(input, setOf(input, run))).to.deep.equal([]);
      }),
    );
  });

  it('is worth no less after the search where that has no steps to repair what it began with', () => {
    for (let number = 0; number < 100; number++) {
      const input = fixedInput(5, 60, 100, 100, number);
      const maxSteps = requiredSteps(input) + 1_000 + number * 20;
      const { cycles, search } = resolveGridlock(input, { stages: 'all', maxSteps }).stageValues;
      expect(cycles <= search, `network ${number}`).to.equal(true);
    }
  });

  it('gives the same to everybody, in whatever order banks and limits are listed', () => {
    fc.assert(
      fc.property(networks(shape), (input) => {
        const other = { ...input, banks: [...input.banks].reverse(), limits: [...input.limits].reverse() };
        for (const mode of stages) {
          const run = resolveGridlock(input, { stages: mode });
          expect(resolveGridlock(other, { stages: mode })).to.deep.equal(run);
        }
        expect(hashGridlockInput(other)).to.deep.equal(hashGridlockInput(input));
      }),
    );
  });

  it('does not change where amounts take 128 bits', () => {
    const unit = MAX_AMOUNT / 1_000n;
    const small = inputOf({ A: 50, B: 100, C: 20 }, ['T1 A B 100', 'T2 B C 130', 'T3 C A 50', 'T4 C B 999']);
    const large = {
      ...small,
      banks: small.banks.map(({ bank, available }) => ({ bank, available: available * unit })),
      payments: small.payments.map((payment) => ({ ...payment, amount: payment.amount * unit })),
    };
    const run = resolveGridlock(large, { stages: 'all' });
    expect(run.settled).to.deep.equal(resolveGridlock(small, { stages: 'all' }).settled);
    expect(run.value).to.equal(280n * unit);
  });

  it('says of each payment that stays why', () => {
    const payments = ['T1 A B 9', 'T2 A B 1', 'T3 B A 4 held', 'T4 C A 3', 'T5 C A 2'];
    const input = inputOf({ A: 5, B: 0, C: 2 }, payments, ['C A 1']);
    const reasons = (mode: 'fifo' | 'all') =>
      Object.fromEntries(resolveGridlock(input, { stages: mode }).queued.map(({ id, reason }) => [id, reason]));
    const limit = (needed: bigint) => ({ code: 'LIMIT', limit: 1n, net: 0n, needed });
    expect(reasons('fifo')).to.deep.equal({
      T1: { code: 'NOT_FUNDED', needed: 9n, available: 5n, incoming: 5n },
      T2: { code: 'BEHIND', payment: 'T1' },
      T3: { code: 'HELD' },
      T4: limit(3n),
      T5: limit(2n),
    });
    expect(reasons('all')).to.deep.equal({
      T1: { code: 'NOT_FUNDED', needed: 9n, available: 4n, incoming: 5n },
      T3: { code: 'HELD' },
      T4: limit(3n),
      T5: limit(2n),
    });
    expect(explainQueued(input, 'T1', 'all')).to.deep.include({ code: 'NOT_FUNDED', available: 5n });
    expect(explainQueued(input, 'T2', 'fifo')).to.deep.equal({ code: 'BEHIND', payment: 'T1' });
    expect(explainQueued(input, 'T9', 'fifo')).to.equal(undefined);
  });

  it('leaves nothing that would fit, unless its steps run out', () => {
    fc.assert(
      fc.property(networks(shape), (input) => {
        const codes = resolveGridlock(input, { stages: 'all' }).queued.map(({ reason }) => reason.code);
        expect(codes).not.to.include('NEXT_RUN');
      }),
    );
    const input = inputOf({ A: 0, B: 9 }, ['T1 A B 9', 'T2 A B 5', 'T3 B A 5', 'T4 A B 1']);
    const poor = resolveGridlock(input, { stages: 'all', maxSteps: requiredSteps(input) });
    expect(poor.queued.map(({ reason }) => reason.code)).to.deep.equal(['NOT_FUNDED', 'NEXT_RUN', 'NEXT_RUN']);
  });

  it('names its input by a hash that every part of it changes', () => {
    const input = inputOf({ A: 5, B: 6 }, ['T1 A B 9', 'T2 B A 1'], ['A B 1']);
    const hashes = [
      input,
      inputOf({ A: 5, B: 7 }, ['T1 A B 9', 'T2 B A 1'], ['A B 1']),
      inputOf({ A: 5, B: 6 }, ['T2 B A 1', 'T1 A B 9'], ['A B 1']),
      inputOf({ A: 5, B: 6 }, ['T1 A B 9 urgent', 'T2 B A 1'], ['A B 1']),
      inputOf({ A: 5, B: 6 }, ['T1 A B 9 held', 'T2 B A 1'], ['A B 1']),
      inputOf({ A: 5, B: 6 }, ['T1 A B 9', 'T2 B A 1'], ['A B -1']),
      inputOf({ A: 5, B: 6 }, ['T1 A B 9', 'T2 B A 1']),
    ].map((changed) => toHex(hashGridlockInput(changed)));
    expect(new Set(hashes).size).to.equal(hashes.length);
  });

  it('refuses an input that is none, and says where', () => {
    const good = inputOf({ A: 5, B: 6 }, ['T1 A B 9'], ['A B 1']);
    const [payment] = good.payments;
    const [limit] = good.limits;
    if (payment === undefined || limit === undefined) throw new GridlockError('REPEATED', 'no payment');
    const withPayment = (change: object): GridlockInput => ({ ...good, payments: [{ ...payment, ...change }] });
    const faults: readonly (readonly [GridlockInput, string, string])[] = [
      [{ ...good, banks: [...good.banks, { bank: 'A', available: 1n }] }, 'REPEATED', 'banks[2].bank'],
      [{ ...good, banks: [{ bank: 'A', available: -1n }] }, 'AMOUNT_OUT_OF_RANGE', 'banks[0].available'],
      [{ ...good, payments: [payment, payment] }, 'REPEATED', 'payments[1].id'],
      [{ ...good, limits: [limit, limit] }, 'REPEATED', 'limits[1]'],
      [withPayment({ id: '' }), 'NAME_INVALID', 'payments[0].id'],
      [withPayment({ id: '\ud800' }), 'NAME_INVALID', 'payments[0].id'],
      [withPayment({ creditor: 'X' }), 'BANK_UNKNOWN', 'payments[0].creditor'],
      [withPayment({ creditor: 'A' }), 'SAME_BANK', 'payments[0]'],
      [withPayment({ amount: 0n }), 'AMOUNT_OUT_OF_RANGE', 'payments[0].amount'],
      [withPayment({ amount: MAX_AMOUNT + 1n }), 'AMOUNT_OUT_OF_RANGE', 'payments[0].amount'],
      [{ ...good, payments: new Array(GRIDLOCK_LIMITS.payments + 1).fill(payment) }, 'COUNT_OUT_OF_RANGE', 'payments'],
    ];
    for (const [input, code, path] of faults) {
      const error = errorOf(() => resolveGridlock(input, { stages: 'all' }));
      expect([error.code, error.details['path']]).to.deep.equal([code, path]);
      expect(error.details.expected).not.to.equal(undefined);
      expect(error.details.actual).not.to.equal(undefined);
    }
  });

  it('is refused with fewer steps than stage one takes, and with what is no number of steps', () => {
    const input = inputOf({ A: 5, B: 6 }, ['T1 A B 9']);
    const code = (maxSteps: number) => errorOf(() => resolveGridlock(input, { stages: 'all', maxSteps })).code;
    expect(code(requiredSteps(input) - 1)).to.equal('STEPS_EXHAUSTED');
    expect(code(Number.NaN)).to.equal('COUNT_OUT_OF_RANGE');
    expect(resolveGridlock(input, { stages: 'all', maxSteps: requiredSteps(input) }).outcome).to.equal('unsettled');
  });

  it('goes on searching where there are more limits than payments', () => {
    const input = fixedInput(60, 200, 100, 100);
    const names = input.banks.map(({ bank }) => bank);
    const limits = names.flatMap((debtor) =>
      names.filter((creditor) => creditor !== debtor).map((creditor) => ({ debtor, creditor, net: 1_000n })),
    );
    const { cycles, search } = resolveGridlock({ ...input, limits }, { stages: 'all' }).stageValues;
    expect(search > cycles).to.equal(true);
  });

  for (const [banks, payments, maxBalance, maxAmount] of [
    [4, 5_000, 10_000, 1_000],
    [4, 5_000, 10, 1_000],
    [50, 50_000, 10_000, 1_000],
    [50, 50_000, 10, 100_000],
  ] as const) {
    it(`stays within its steps with ${payments} payments of ${banks} banks that hold up to ${maxBalance}`, () => {
      const input = fixedInput(banks, payments, maxBalance, maxAmount);
      const run = resolveGridlock(input, { stages: 'all' });
      expect(run.steps <= DEFAULT_STEPS).to.equal(true);
      expect(run.settled.length + run.queued.length).to.equal(payments);
      expect(run.value >= run.stageValues.fifo).to.equal(true);
      const closing = naiveClosing(input, setOf(input, run));
      expect([...closing.values()].every((amount) => amount >= 0n)).to.equal(true);
    });
  }
});
