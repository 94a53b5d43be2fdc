import { expect } from 'chai';
import { allowed, BOUNDS, faultsOf, hintsOf } from './bounds.js';
import { ACCOUNTS, CountedNetwork, type CountedWork } from './countedWork.js';

const BATCH_SIZE = 1_000;
/** Of rows of neighbours, once for each account: a row of 32 keys is written anew for those of them that a block changes first. */
const FIRST_PAYMENT_BYTES = 250;

describe('what a payment costs a node', function () {
  // Five processes start, on a machine that may be busy.
  this.timeout(300_000);
  let network: CountedNetwork;
  before(async () => {
    network = await CountedNetwork.start(BATCH_SIZE);
  });
  const works: CountedWork[] = [];
  after(async () => {
    await network?.stop();
    for (const hint of hintsOf(works, BOUNDS)) process.stderr.write(`      hint: ${hint}\n`);
  });
  const check = (work: CountedWork): void => {
    works.push(work);
    expect(faultsOf(work, BOUNDS).join('\n')).to.equal('');
  };

  const SINGLE = { mode: 'single', requests: 10, transactionsPerRequest: 50, batchSize: 1 } as const;

  it('is more for the first ones of accounts, by what it takes to withdraw their values from the ordered index', async () => {
    const work = await network.settle(SINGLE);
    works.push(work);
    const rowBytes = BOUNDS.find(({ name }) => name === 'row bytes') ?? expect.fail('rows have a bound');
    const others = BOUNDS.filter((bound) => bound !== rowBytes);
    expect(faultsOf(work, others).join('\n')).to.equal('');
    const more = FIRST_PAYMENT_BYTES * ACCOUNTS;
    expect(work.counts.get('row bytes')).to.be.at.most(allowed(rowBytes, work) + more);
    // Whoever has not paid yet does it now.
    await network.settle(SINGLE);
  });

  it('stays within its bounds for payments with signatures of their own, fifty a request', async () => {
    const work = await network.settle(SINGLE);
    expect(work.payments).to.equal(500);
    check(work);
  });

  it('stays within its bounds for batches, one a request', async () => {
    const work = await network.settle({
      mode: 'batch',
      requests: 3,
      transactionsPerRequest: 1,
      batchSize: BATCH_SIZE,
    });
    expect(work.payments).to.equal(3_000);
    check(work);
  });
});

describe('a bound of what may be counted', () => {
  const work: CountedWork = {
    ...{ payments: 1_000, transactions: 10, blocks: 5, rounds: 10, requests: 10, seconds: 1.2 },
    counts: new Map([
      ['rows', 1_080],
      ['checked', 10],
    ]),
  };

  it('is a sum over payments, transactions, blocks, rounds, requests and seconds', () => {
    const bound = {
      name: 'rows',
      perPayment: 1,
      perTransaction: 2,
      perBlock: 10,
      perRound: 1,
      perRequest: 0.5,
      perSecond: 1,
      reason: '',
    };
    expect(allowed(bound, work)).to.equal(1_000 + 20 + 50 + 10 + 5 + 2);
    const seldom = { ...bound, everySeconds: 5 };
    expect(allowed(seldom, work)).to.equal(1_000 + 20 + 50 + 10 + 5 + 1);
    expect(allowed(seldom, { ...work, seconds: 10 })).to.equal(1_000 + 20 + 50 + 10 + 5 + 3);
  });

  it('is broken by more, by an exact count that is less, and by a count that has ceased', () => {
    const faults = (...bounds: Parameters<typeof faultsOf>[1]) => faultsOf(work, bounds).length;
    expect(faults({ name: 'rows', perPayment: 1.08, reason: '' })).to.equal(0);
    expect(faults({ name: 'rows', perPayment: 1.07, reason: '' })).to.equal(1);
    expect(faults({ name: 'checked', perTransaction: 1, isExact: true, reason: '' })).to.equal(0);
    expect(faults({ name: 'checked', perTransaction: 1.1, isExact: true, reason: '' })).to.equal(1);
    expect(faults({ name: 'gone', perBlock: 1, reason: '' })).to.equal(1);
    expect(faults({ name: 'gone', perBlock: 1, mayBeNone: true, reason: '' })).to.equal(0);
  });

  it('counts payments once for each attempt at their blocks where it says so', () => {
    expect(allowed({ name: 'rows', perPayment: 1, isPerAttempt: true, reason: '' }, work)).to.equal(2_000);
  });

  it('that no calm workload comes near to is told', () => {
    const calm = { ...work, rounds: work.blocks };
    expect(hintsOf([work], [{ name: 'rows', perPayment: 2, reason: '' }])).to.have.length(0);
    expect(hintsOf([calm], [{ name: 'rows', perPayment: 2, reason: '' }])).to.have.length(1);
    expect(hintsOf([calm], [{ name: 'rows', perPayment: 1.1, reason: '' }])).to.have.length(0);
  });
});
