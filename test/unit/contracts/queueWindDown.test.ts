import { expect } from 'chai';
import { callOf } from '../../../contracts/api/index.js';
import { cash, queue } from '../../../contracts/index.js';
import { addressOf, CENTRAL, EUR, QueueNetwork, queueEvents } from '../../support/queueNetwork.js';

const { cancelOf, reserve, returnReserved, submitBatch, resolve } = queue.methods;
/** As the network of tests names the member of an account. */
const memberOf = (name: string): string => `BANKDE${name.slice(-2).padStart(2, 'X')}`;
const A = memberOf('A');

describe('the winding down of a member in the queue', () => {
  let network: QueueNetwork;

  const page = (limit = 1_000, after?: Parameters<typeof network.view>[1]) =>
    network.result(CENTRAL, cancelOf, { currency: EUR, member: A, limit, after: after as never });

  beforeEach(() => {
    network = new QueueNetwork({ A: 10, B: 100 });
    for (const text of ['A B 20', 'A C 30', 'B A 500', 'A B 40']) network.submit(text);
    network.suspended.add('A');
  });

  it('cancels what it waits to pay, for good, and leaves what waits to be paid to it and what others pay', () => {
    const result = page();
    expect(result).to.deep.equal({ cancelled: 3, amount: 90n, dropped: 0, next: undefined });
    expect([1, 2, 3, 4].map((id) => network.statusOf(id))).to.deep.equal([
      ...['cancelled', 'cancelled', 'queued', 'cancelled'],
    ]);
    expect(network.position('A')).to.deep.include({ outgoing: 0, outgoingAmount: 0n, incomingAmount: 500n });
    expect(page()).to.deep.equal({ cancelled: 0, amount: 0n, dropped: 0, next: undefined });
  });

  it('goes page by page, and again from the head after an interruption', () => {
    const [first, again] = [page(2), page(2)];
    expect(first).to.deep.include({ cancelled: 2, amount: 50n, next: { priority: 'normal', id: 2 } });
    expect(again).to.deep.include({ cancelled: 1, amount: 40n });
    expect(page().cancelled).to.equal(0);
  });

  it('touches nothing of a member that is not suspended, and drops what is over as what it is', () => {
    network.suspended.delete('A');
    expect(page().cancelled).to.equal(0);
    network.suspended.add('A');
    network.closeDay();
    network.openNextDay();
    expect(page()).to.deep.include({ cancelled: 0, dropped: 3 });
    expect(network.statusOf(1)).to.equal('dayClosed');
  });

  it('is the issuing central bank’s alone, and says of each payment who cancelled it', () => {
    const call = callOf(cancelOf, { currency: EUR, member: A, limit: 9 });
    expect(network.refused('B', call)).to.equal('UNAUTHORISED');
    const foreign = callOf(cash.methods.genesisCurrency, { currency: 'CHF', decimals: 2, issuer: 'CENBCHZZ' });
    expect(network.ledger.run({ calls: [foreign], height: 0 }).failure).to.equal(undefined);
    const other = callOf(cancelOf, { currency: 'CHF', member: A, limit: 9 });
    expect(network.refused(CENTRAL, other)).to.equal('NOT_ISSUER');
    const events = queueEvents(network.ok(CENTRAL, call));
    expect(events.map(([name]) => name)).to.deep.equal(['Cancelled', 'Cancelled', 'Cancelled']);
    expect(events[0]?.[1]).to.deep.equal({ currency: EUR, id: 1, by: 'CENBDEFF' });
  });

  it('gives back what a suspended account has reserved, for the issuing central bank, and of no other account', () => {
    network.suspended.delete('A');
    const account = addressOf('A');
    const back = callOf(returnReserved, { currency: EUR, account });
    network.ok('A', callOf(reserve, { currency: EUR, account, amount: 10n }));
    expect(network.refused(CENTRAL, back)).to.equal('NOT_SUSPENDED');
    network.suspended.add('A');
    expect(network.refused('B', back)).to.equal('UNAUTHORISED');
    expect(network.view(cash.methods.position, { currency: EUR, account }).balance).to.equal(0n);
    network.ok(CENTRAL, back);
    expect(network.view(cash.methods.position, { currency: EUR, account }).balance).to.equal(10n);
    expect(network.refused(CENTRAL, back)).to.equal('UNCHANGED');
  });

  it('takes a thousand rows within a transaction’s fuel', () => {
    const many = new QueueNetwork({ B: 1 });
    const rows = Array.from({ length: 1_000 }, (_, at) => {
      const { creditor, amount } = many.submission('A B 9');
      return { creditor, amount, reference: `R${at}` };
    });
    many.ok(
      'A',
      callOf(submitBatch, { debtor: many.submission('A B 9').debtor, currency: EUR, mode: 'all', payments: rows }),
    );
    many.suspended.add('A');
    const receipt = many.ok(CENTRAL, callOf(cancelOf, { currency: EUR, member: A, limit: 1_000 }));
    expect(receipt.fuelUsed).to.be.below(100_000_000);
    expect(many.waiting()).to.deep.equal([]);
    many.ok(CENTRAL, callOf(resolve, { currency: EUR }));
  });
});
