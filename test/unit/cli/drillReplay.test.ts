import { expect } from 'chai';
import fc from 'fast-check';
import { DayPayments, type DayTransaction } from '../../../cli/orders/drill/dayPayments.js';
import { type DrillPayment, replayWithout } from '../../../cli/orders/drill/replay.js';
import { callOf } from '../../../contracts/api/index.js';
import { payments, queue } from '../../../contracts/index.js';
import { addressOf, EUR, QueueNetwork } from '../../support/queueNetwork.js';

/** `A B 10`, settled unless it ends with `?`; `!` makes it urgent. */
function paymentsOf(...texts: readonly string[]): readonly DrillPayment[] {
  return texts.map((text, at) => {
    const [debtor = '', creditor = '', amount = '', ...marks] = text.split(' ');
    const rank = marks.includes('!') ? 'urgent' : 'normal';
    return { id: `${at}`, debtor, creditor, amount: BigInt(amount), rank, isSettled: !marks.includes('?') };
  });
}

function drill(owned: Readonly<Record<string, number>>, without: string, ...texts: readonly string[]) {
  const balances = new Map(Object.entries(owned).map(([account, amount]) => [account, BigInt(amount)]));
  const result = replayWithout({ owned: balances, payments: paymentsOf(...texts) }, (account) => account === without);
  return {
    ...result,
    unpaid: result.unpaid.map(({ payment: { debtor, creditor, amount }, available }) => {
      return `${debtor} ${creditor} ${amount} has ${available}`;
    }),
    accounts: result.accounts.map(({ account, opening, closing, closingWithout }) => {
      return `${account} ${opening} ${closing} ${closingWithout}`;
    }),
  };
}

describe('a day replayed without a member', () => {
  it('says who could not have paid what, and how each account would have closed', () => {
    // X paid A 50, of which A paid B 40; B paid C what it had anyway.
    const result = drill({ X: 0, A: 10, B: 40, C: 20 }, 'X', 'X A 50', 'A B 40', 'B C 20');
    expect(result.unpaid).to.deep.equal(['A B 40 has 0']);
    expect(result.accounts).to.deep.equal(['A 0 10 0', 'B 20 40 0', 'C 0 20 20']);
    expect(result.fromMember).to.deep.equal({ count: 1, amount: 50n });
    expect(result.toMember).to.deep.equal({ count: 0, amount: 0n });
  });

  it('follows what fails from one to the next, and keeps to first in, first out', () => {
    const result = drill({ X: 0, A: 0, B: 0, C: 60 }, 'X', 'X A 60', 'A B 60', 'B C 50', 'B C 10');
    expect(result.unpaid).to.deep.equal(['A B 60 has 0', 'B C 50 has 0', 'B C 10 has 0']);
    // B has the 10, but its 50 stands before.
    const held = drill({ X: 0, A: 0, B: 10, C: 50 }, 'X', 'X A 50', 'A B 50', 'B C 50', 'C B 10', 'B C 10 ?');
    expect(held.unpaid).to.include('B C 50 has 10');
  });

  it('settles later what waits for money that comes, and at the end what only nets', () => {
    const later = drill({ X: 0, A: 5, B: 0, C: 0 }, 'X', 'X A 10', 'A B 10', 'C A 15', 'B C 10');
    expect(later.unpaid).to.deep.equal([]);
    const ring = drill({ X: 30, A: 0, B: 0, C: 0 }, 'X', 'X A 30', 'A B 30', 'B C 30', 'C A 30', 'A X 30');
    expect(ring.unpaid).to.deep.equal([]);
    expect(ring.accounts).to.deep.equal(['A 0 0 0', 'B 0 0 0', 'C 0 0 0']);
  });

  it('lets an urgent payment stand before those that wait', () => {
    const result = drill({ X: 0, A: 0, B: 0, C: 0 }, 'X', 'X A 70', 'A B 40', 'A C 30 !', 'B A 30 ?');
    expect(result.unpaid).to.deep.equal(['A B 40 has 0', 'A C 30 has 0']);
    const funded = drill({ X: 0, A: 30, B: 40, C: 30 }, 'X', 'X A 70', 'A B 40', 'A C 30 !');
    expect(funded.unpaid).to.deep.equal(['A B 40 has 0']);
  });

  it('without somebody who took no part is the day itself, whatever the day', () => {
    const names = ['A', 'B', 'C', 'D'];
    const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)).filter(([a, b]) => a !== b);
    const opening = fc.tuple(...names.map(() => fc.nat(60)));
    const tried = fc.array(fc.tuple(pair, fc.integer({ min: 1, max: 50 })), { maxLength: 25 });
    fc.assert(
      fc.property(opening, tried, (begins, list) => {
        const balances = new Map(names.map((name, at) => [name, BigInt(begins[at] ?? 0)]));
        const day: DrillPayment[] = [];
        for (const [[debtor, creditor], sum] of list) {
          const amount = BigInt(sum);
          if ((balances.get(debtor) ?? 0n) < amount) continue;
          balances.set(debtor, (balances.get(debtor) ?? 0n) - amount);
          balances.set(creditor, (balances.get(creditor) ?? 0n) + amount);
          day.push({ id: `${day.length}`, debtor, creditor, amount, rank: 'normal', isSettled: true });
        }
        const { accounts, unpaid } = replayWithout({ owned: balances, payments: day }, () => false);
        expect(unpaid).to.deep.equal([]);
        for (const { closing, closingWithout } of accounts) expect(closingWithout).to.equal(closing);
      }),
    );
  });
});

describe('the payments of a day', () => {
  it('are those of payments and of the queue, with what became of each, read from calls, results and events', () => {
    const network = new QueueNetwork({ A: 100, B: 0 });
    const day = new DayPayments(EUR);
    const send = (sender: string, call: ReturnType<typeof callOf>): void => {
      const { results, events, outcomes } = network.ok(sender, call);
      const contract = call.contract === 'queue' ? queue : payments;
      const transaction: DayTransaction = {
        id: `${day.all().length}`,
        calls: [{ ...call, args: contract.codec.decodeArgs(call.method, call.args) }],
        results: results.map((value) => ({ value: contract.codec.decodeResult(call.method, value) })),
        events: events.flatMap((event) =>
          event.contract === 'queue' ? [{ ...event, data: queue.codec.decodeEvent(event.name, event.data) }] : [],
        ),
        outcomes: outcomes.map(({ code }) => code),
      };
      day.add(transaction);
    };
    const row = (creditor: string, amount: bigint, reference: string) => ({
      creditor: addressOf(creditor),
      amount,
      reference,
    });
    const from = (debtor: string) => ({ debtor: addressOf(debtor), currency: EUR });
    send('A', callOf(payments.methods.pay, { ...from('A'), ...row('B', 10n, 'P1') }));
    send(
      'A',
      callOf(payments.methods.payBatch, {
        ...from('A'),
        mode: 'each',
        payments: [row('B', 5n, 'P2'), row('B', 500n, 'P3')],
      }),
    );
    send('A', callOf(queue.methods.submit, { ...from('A'), ...row('B', 90n, 'P4') }));
    send(
      'A',
      callOf(queue.methods.submitBatch, {
        ...from('A'),
        mode: 'each',
        payments: [row('C', 1n, 'P5'), row('C', 200n, 'P6')],
      }),
    );
    send('A', callOf(queue.methods.cancel, { currency: EUR, id: 3 }));
    send('B', callOf(queue.methods.submit, { ...from('B'), ...row('A', 10n, 'P7') }));
    expect(day.all().map(({ amount, isSettled }) => `${amount}${isSettled ? '' : ' waits'}`)).to.deep.equal([
      ...['10', '5', '90', '1', '10'],
    ]);
    expect(new Set(day.all().map(({ id }) => id)).size).to.equal(5);
  });
});
