import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { prepare, type TestNetwork } from 'vostro/contract/testing';
import { contract } from '../src/contract.js';

const prepared = await prepare(contract);
const { arrange, request, fund, cancel, repay, facility, pending, owed } = contract.methods;
const LENDERS = ['lenderA', 'lenderB', 'lenderC'] as const;
const FACILITY = 'RCF-2026';

describe('a syndicated loan', () => {
  let network: TestNetwork;
  const account = (name: string) => network.account(name);
  const balances = () => LENDERS.map((name) => network.balance(name));
  const drawAll = (amount: bigint) => {
    network.as('borrower').settles(request, { facility: FACILITY, amount });
    for (const name of LENDERS) network.as(name).settles(fund, { facility: FACILITY, lender: account(name) });
  };
  const terms = () => ({
    facility: FACILITY,
    agent: account('agent'),
    borrower: account('borrower'),
    currency: 'EUR',
    rateBps: 360,
    lenders: [
      { account: account('lenderA'), commitment: 500_000n },
      { account: account('lenderB'), commitment: 300_000n },
      { account: account('lenderC'), commitment: 200_000n },
    ],
  });

  beforeEach(() => {
    network = prepared.network({
      members: ['agent', 'borrower', ...LENDERS, 'stranger'],
      balances: { EUR: { lenderA: 600_000n, lenderB: 600_000n, lenderC: 600_000n, borrower: 50_000n } },
    });
    network.as('agent', 'borrower', ...LENDERS).settles(arrange, terms());
  });

  it('is arranged by the signatures of all in one transaction, or not at all', () => {
    const other = { ...terms(), facility: 'OTHER' };
    network.as('agent', 'borrower', 'lenderA', 'lenderB').refused(arrange, other, 'UNAUTHORISED');
    network.as('agent', 'borrower', ...LENDERS).refused(arrange, terms(), 'FACILITY_EXISTS');
    const twice = { ...other, lenders: [...other.lenders, { account: account('lenderA'), commitment: 1n }] };
    network.as('agent', 'borrower', ...LENDERS).refused(arrange, twice, 'LENDERS_REPEATED');
    const long = { ...other, facility: 'X'.repeat(41) };
    network.as('agent', 'borrower', ...LENDERS).refused(arrange, long, 'FACILITY_ID_TOO_LONG');
  });

  it('is drawn when every lender has funded its share, to the last minor unit', () => {
    network.as('stranger').refused(request, { facility: FACILITY, amount: 1n }, 'UNAUTHORISED');
    assert.equal(network.as('borrower').settles(request, { facility: FACILITY, amount: 100_001n }).result, 1);
    const shares = network.view(pending, { facility: FACILITY })?.shares.map(({ amount }) => amount);
    assert.deepEqual(shares, [50_001n, 30_000n, 20_000n]);
    network.as('lenderA').refused(fund, { facility: FACILITY, lender: account('lenderB') }, 'UNAUTHORISED');
    network.as('stranger').refused(fund, { facility: FACILITY, lender: account('stranger') }, 'NOT_A_LENDER');
    for (const name of ['lenderA', 'lenderB'] as const) {
      const { result } = network.as(name).settles(fund, { facility: FACILITY, lender: account(name) });
      assert.equal(result, false);
    }
    network.as('lenderA').refused(fund, { facility: FACILITY, lender: account('lenderA') }, 'FUNDED_ALREADY');
    assert.deepEqual([network.balance('borrower'), network.locked('lenderA')], [50_000n, 50_001n]);
    assert.equal(network.as('lenderC').settles(fund, { facility: FACILITY, lender: account('lenderC') }).result, true);
    assert.deepEqual([network.balance('borrower'), network.locked('lenderA')], [150_001n, 0n]);
    assert.equal(network.view(pending, { facility: FACILITY }), undefined);
  });

  it('is never drawn beyond what is committed, one drawing at a time', () => {
    const beyond = { facility: FACILITY, amount: 1_000_001n };
    network.as('borrower').refused(request, beyond, 'COMMITMENT_EXCEEDED');
    network.as('borrower').settles(request, { facility: FACILITY, amount: 1_000n });
    network.as('borrower').refused(request, { facility: FACILITY, amount: 1_000n }, 'DRAWING_PENDING');
  });

  it('gives the lenders their money back when a drawing is given up', () => {
    const before = balances();
    network.as('borrower').settles(request, { facility: FACILITY, amount: 10_000n });
    network.as('lenderB').settles(fund, { facility: FACILITY, lender: account('lenderB') });
    network.as('lenderB').refused(cancel, { facility: FACILITY }, 'UNAUTHORISED');
    network.as('agent').settles(cancel, { facility: FACILITY });
    assert.deepEqual(balances(), before);
    network.as('agent').refused(cancel, { facility: FACILITY }, 'NOTHING_PENDING');
  });

  it('bears interest by the day, ACT/360 in integers, and is repaid to each lender in proportion', () => {
    drawAll(100_000n);
    network.advance({ days: 90 });
    // 100,000 × 3.60 % × 90 ÷ 360
    assert.deepEqual(network.view(owed, { facility: FACILITY }), { interest: 900n, principal: 100_000n });
    const before = balances();
    const { result } = network.as('borrower').settles(repay, {
      facility: FACILITY,
      borrower: account('borrower'),
      amount: 10_900n,
    });
    assert.deepEqual(result, { interest: 900n, principal: 10_000n });
    const paid = balances().map((balance, index) => balance - (before[index] ?? 0n));
    assert.deepEqual(paid, [5_450n, 3_270n, 2_180n]);
    assert.deepEqual(network.view(owed, { facility: FACILITY }), { interest: 0n, principal: 90_000n });
    const outstanding = network.view(facility, { facility: FACILITY })?.lenders.map((lender) => lender.outstanding);
    assert.deepEqual(outstanding, [45_000n, 27_000n, 18_000n]);
  });

  it('loses no part of a minor unit of interest between two days', () => {
    drawAll(5_000n);
    // A day's interest is half a minor unit.
    network.advance({ days: 1 });
    assert.equal(network.view(owed, { facility: FACILITY }).interest, 0n);
    drawAll(5_000n);
    network.advance({ days: 1 });
    assert.equal(network.view(owed, { facility: FACILITY }).interest, 1n);
    network.advance({ days: 1 });
    assert.equal(network.view(owed, { facility: FACILITY }).interest, 2n);
  });

  it('takes no more than is owed, from the borrower alone', () => {
    drawAll(1_000n);
    const payment = { facility: FACILITY, borrower: account('borrower'), amount: 1_001n };
    network.as('borrower').refused(repay, payment, 'OVERPAID');
    network.as('stranger').refused(repay, { ...payment, borrower: account('stranger') }, 'NOT_THE_BORROWER');
    network.as('stranger').refused(repay, payment, 'UNAUTHORISED');
    network.as('borrower').settles(repay, { ...payment, amount: 1_000n });
    assert.deepEqual(network.view(owed, { facility: FACILITY }), { interest: 0n, principal: 0n });
    drawAll(1_000_000n);
  });
});
