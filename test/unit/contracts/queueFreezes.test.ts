import { expect } from 'chai';
import { callOf } from '../../../contracts/api/index.js';
import { cash, payments, queue } from '../../../contracts/index.js';
import { byOrders, ordersHolder } from '../../support/cashHolder.js';
import { addressOf, CENTRAL, EUR, QueueNetwork } from '../../support/queueNetwork.js';

/** What orders keep in an account, and the ways of the queue. */

let network: QueueNetwork;

const withBalances = (balances: Readonly<Record<string, number>>): void => {
  network = new QueueNetwork(balances, [ordersHolder]);
};
/** @param amount none: everything */
const freeze = (name: string, amount?: bigint, until?: number): void => {
  const freezes = [{ order: 'O-1', amount, until }];
  network.ok(CENTRAL, byOrders(callOf(cash.methods.setFreezes, { currency: EUR, account: addressOf(name), freezes })));
};
const reserve = (name: string, amount: bigint) =>
  callOf(queue.methods.reserve, { currency: EUR, account: addressOf(name), amount });

describe('a run, when orders keep what a debtor has', () => {
  it('does not net past a freeze: what closes a ring does not leave a frozen account', () => {
    withBalances({ A: 100, B: 0 });
    freeze('A');
    const ids = [network.submit('A B 50'), network.submit('B A 50')] as number[];
    expect(network.resolve()).to.deep.include({ settled: 0, outcome: 'deadlocked' });
    expect(network.why(ids[0] ?? 0)).to.deep.include({ code: 'FROZEN', account: addressOf('A'), frozen: undefined });
    expect(network.why(ids[1] ?? 0)).to.deep.include({ code: 'NOT_FUNDED', available: 0n });
    expect(network.balances('A', 'B')).to.deep.equal([100n, 0n]);
  });

  it('lets a frozen account receive', () => {
    withBalances({ A: 100, B: 0, C: 50 });
    freeze('A');
    const [out, into] = [network.submit('A C 10'), network.submit('B A 50')] as number[];
    network.submit('C B 50');
    expect(network.resolve().outcome).to.equal('noneEligible');
    expect([network.statusOf(out ?? 0), network.statusOf(into ?? 0)]).to.deep.equal(['queued', 'settled']);
    expect(network.balances('A', 'B', 'C')).to.deep.equal([150n, 0n, 0n]);
  });

  it('waits for the next run where money that comes in makes up for a freeze of an amount', () => {
    withBalances({ A: 100, B: 0 });
    freeze('A', 150n);
    const out = network.submit('A B 50') as number;
    const into = network.submit('B A 100') as number;
    expect(network.why(out)).to.deep.include({ code: 'FROZEN', frozen: 150n });
    network.issue('B', 100n);
    expect(network.resolve()).to.deep.include({ settled: 1, value: 100n });
    expect([network.statusOf(out), network.statusOf(into)]).to.deep.equal(['queued', 'settled']);
    expect(network.resolve()).to.deep.include({ settled: 1, value: 50n });
    expect(network.balances('A', 'B')).to.deep.equal([150n, 50n]);
  });

  it('begins with what no order keeps where that is something', () => {
    withBalances({ A: 100, B: 0 });
    freeze('A', 80n);
    const large = network.submit('A B 66') as number;
    expect(network.why(large)).to.deep.include({ code: 'NOT_FUNDED', available: 20n, needed: 66n });
    // Netted, A would pay one more than the 20 that no order keeps; then exactly those.
    network.submit('B A 45');
    expect(network.resolve()).to.deep.include({ settled: 0 });
    expect(network.submit('B A 1')).to.equal('settled');
    expect(network.balances('A', 'B')).to.deep.equal([80n, 20n]);
  });

  it('draws a reservation as far as what is kept stays in the free balance', () => {
    withBalances({ A: 100, B: 0 });
    network.ok('A', reserve('A', 60n));
    freeze('A', 30n);
    const id = network.submit('A B 75', { priority: 'urgent' }) as number;
    expect(network.resolve()).to.deep.include({ settled: 0 });
    expect(network.submit('B A 5')).to.equal('settled');
    expect(network.statusOf(id)).to.equal('settled');
    expect(network.position('A')).to.deep.include({ balance: 30n, reserved: 0n });
  });

  it('looks again once the time of a freeze has come', () => {
    withBalances({ A: 100, B: 0 });
    freeze('A', undefined, network.timestamp + 1_000);
    network.submit('A B 50');
    network.timestamp += 999;
    expect(network.resolve()).to.deep.include({ settled: 0 });
    network.timestamp += 1;
    expect(network.resolve()).to.deep.include({ settled: 1 });
  });
});

describe('a submission, when orders keep what its debtor has', () => {
  it('settles at once out of what is free of orders, and waits otherwise', () => {
    withBalances({ A: 100 });
    freeze('A', 80n);
    expect(network.submit('A B 20')).to.equal('settled');
    const id = network.submit('A B 1') as number;
    expect(network.why(id)).to.deep.include({ code: 'NOT_FUNDED', available: 0n });
    const direct = { debtor: addressOf('A'), creditor: addressOf('B'), currency: EUR, amount: 1n, reference: 'X' };
    expect(network.refused('A', callOf(payments.methods.pay, direct))).to.equal('FROZEN');
  });

  it('does not draw the reservation of an account whose free balance is less than what is kept', () => {
    withBalances({ A: 100 });
    network.ok('A', reserve('A', 60n));
    freeze('A', 41n);
    const id = network.submit('A B 10', { priority: 'urgent' });
    expect(network.why(id as number)).to.deep.include({ code: 'FROZEN', frozen: 41n });
    expect(network.position('A')).to.deep.include({ balance: 40n, available: 0n, reserved: 60n, isBlocked: true });
  });
});

describe('a reservation of an account that orders bind', () => {
  it('is given back, and is not made of what they keep', () => {
    withBalances({ A: 100 });
    network.ok('A', reserve('A', 60n));
    freeze('A');
    expect(network.refused('A', reserve('A', 61n))).to.equal('FROZEN');
    network.ok('A', reserve('A', 50n));
    network.ok('A', reserve('A', 0n));
    expect(network.balance('A')).to.equal(100n);
    freeze('A', 80n);
    expect(network.refused('A', reserve('A', 21n))).to.equal('FROZEN');
    expect(network.refused('A', reserve('A', 101n))).to.equal('INSUFFICIENT_FUNDS');
    network.ok('A', reserve('A', 20n));
  });
});
