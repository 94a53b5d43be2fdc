import { expect } from 'chai';
import { fillFairly } from '../../../node/execution/fairOrder.js';
import type { CandidateOffer } from '../../../node/mempool/types.js';
import { toHex } from '../../../primitives/bytes.js';
import type { DecodedTransaction, TransactionBody } from '../../../primitives/types.js';
import { Bank, idOf, included, LIVE_RULES, QUOTA_WINDOW_MS, START_MS } from '../../support/mempool/bank.js';
import { TestMempool } from '../../support/mempool/testMempool.js';

const ALPHA = new Bank('ALPHDEFF');
const BETA = new Bank('BETADEFF');
const GAMMA = new Bank('GAMMDEFF');
const BANKS = [ALPHA, BETA, GAMMA];
const URGENT = { priority: 'urgent' } as const;

describe('the mempool under load', () => {
  let node: TestMempool;
  beforeEach(() => {
    node = new TestMempool(BANKS);
  });

  const submit = async (bank: Bank, prefix: string, count: number, change: Partial<TransactionBody> = {}) => {
    for (let i = 0; i < count; i++) {
      expect(await node.outcome(bank.pretended(`${prefix}${i}`, change))).to.equal('accepted');
    }
  };
  const ownerOf = ({ body }: DecodedTransaction): string =>
    BANKS.find(({ account }) => account === body.sender)?.member ?? '';

  /** What a builder takes of an offer, and that as a block, when each of ALPHA's costs a tenth of its fuel. */
  function build({ transactions, leads }: CandidateOffer): readonly DecodedTransaction[] {
    const taken: DecodedTransaction[] = [];
    let fuelUsed = 0;
    const waiting = [...new Set(transactions.map(ownerOf))].map((member) => {
      const own = transactions.filter((transaction) => ownerOf(transaction) === member);
      return {
        urgent: own.filter(({ body }) => body.priority === 'urgent'),
        normal: own.filter(({ body }) => body.priority === 'normal'),
        lead: leads.find((one) => one.member === member)?.lead ?? 0,
      };
    });
    fillFairly(waiting, {
      room: { fuel: LIVE_RULES.maxBlockFuel, bytes: 100_000, transactions: 1_000 },
      urgentBlockPercent: LIVE_RULES.urgentBlockPercent,
      sizeBytes: ({ bytes }) => bytes.length,
      attempt: (transaction) => {
        const fuel = fuelOf(transaction);
        if (fuelUsed + fuel > LIVE_RULES.maxBlockFuel) return 'listEnds';
        fuelUsed += fuel;
        taken.push(transaction);
        return { fuel, bytes: transaction.bytes.length, transactions: 1 };
      },
    });
    return taken;
  }
  const fuelOf = (transaction: DecodedTransaction): number =>
    transaction.body.sender === ALPHA.account ? LIVE_RULES.maxBlockFuel / 10 : 100_000;

  function commit(transactions: readonly DecodedTransaction[]): void {
    node.commitIncluded(
      transactions.map((transaction) => ({ ...included(transaction.body), fuelUsed: fuelOf(transaction) })),
    );
  }

  // PROTOCOL §Shares of a block O1.
  it('lets ten thousand expensive transactions of one bank delay nobody’s payment beyond the next block', async function () {
    this.timeout(30_000);
    node = new TestMempool(BANKS, { limits: { maxTransactions: 40_000, maxBytes: 100_000_000 } });
    await submit(ALPHA, 'a', 10_000);
    for (let height = 0; height < 20; height++) {
      const payment = BETA.body(`b${height}`, height % 2 === 0 ? {} : URGENT);
      expect(await node.outcome(BETA.pretended(`b${height}`, payment))).to.equal('accepted');
      const block = build(node.mempool.offer(1_000, 100_000));
      expect(block.map(({ id }) => toHex(id))).to.include(idOf(payment));
      expect(
        block.filter((one) => ownerOf(one) === ALPHA.member),
        'and uses what is left',
      ).to.have.length(9);
      commit(block);
    }
  });

  // PROTOCOL §Shares of a block O3.
  it('evens out over blocks what one block cannot divide, whoever proposed them', async () => {
    for (const bank of BANKS) await submit(bank, 'x', 40);
    const counts = new Map(BANKS.map(({ member }) => [member, 0]));
    for (let height = 0; height < 9; height++) {
      const block = node.mempool.offer(4, 100_000).transactions;
      expect(block).to.have.length(4);
      for (const one of block) counts.set(ownerOf(one), (counts.get(ownerOf(one)) ?? 0) + 1);
      node.commit(block.map(({ body }) => body));
    }
    expect([...counts.values()]).to.deep.equal([12, 12, 12]);
  });

  it('makes up for a block that a proposer gave to one bank alone', async () => {
    for (const bank of BANKS) await submit(bank, 'x', 30);
    const unfair = node.candidates(1_000, 100_000).filter((one) => ownerOf(one) === ALPHA.member);
    commit(unfair.slice(0, 9));
    const next = node.mempool.offer(6, 100_000);
    expect(next.leads.map(({ member }) => member)).to.deep.equal([ALPHA.member]);
    const owners = next.transactions.map(ownerOf);
    expect(owners.filter((member) => member === ALPHA.member).length, 'and shuts it out of none').to.equal(1);
  });

  it('counts a lead in blocks of the size that the leader gives, in bytes or in fuel, up to an even share', async () => {
    for (const bank of BANKS) await submit(bank, 'x', 30);
    const unfair = node.candidates(1_000, 100_000).filter((one) => ownerOf(one) === ALPHA.member);
    commit(unfair.slice(0, 1));
    const { maxBlockBytes, maxBlockFuel } = LIVE_RULES;
    const leadOf = (bytes: number, fuel?: number) => node.mempool.offer(9, bytes, fuel).leads[0]?.lead;
    expect(leadOf(maxBlockBytes)).to.equal(0.1);
    expect(leadOf(maxBlockBytes, maxBlockFuel)).to.equal(0.1);
    expect(leadOf(maxBlockBytes, maxBlockFuel / 2)).to.equal(0.2);
    expect(leadOf(maxBlockBytes / 2, maxBlockFuel)).to.equal(0.2);
    expect(leadOf(maxBlockBytes, maxBlockFuel / 100)).to.equal(1 / 4);
    expect(leadOf(maxBlockBytes, 0), 'of nothing').to.equal(1 / 4);
  });

  it('owes nothing to a bank for the time in which it sent nothing', async () => {
    await submit(ALPHA, 'a', 60);
    for (let height = 0; height < 3; height++) commit(build(node.mempool.offer(10, 100_000)));
    await submit(BETA, 'b', 20);
    const owners = node.mempool.offer(10, 100_000).transactions.map(ownerOf);
    expect(owners.filter((member) => member === ALPHA.member)).to.have.length(5);
  });

  // PROTOCOL §Shares of a block O2.
  it('offers urgent ones first, fairly, and normal ones behind their part', async () => {
    await submit(ALPHA, 'n', 20);
    await submit(BETA, 'u', 20, URGENT);
    await submit(GAMMA, 'u', 20, URGENT);
    const owners = node.mempool.offer(10, 100_000).transactions.map(ownerOf);
    expect(owners.slice(0, 4)).to.deep.equal([BETA, GAMMA, BETA, GAMMA].map(({ member }) => member));
    expect(owners.slice(5)).to.deep.equal(Array.from({ length: 5 }, () => ALPHA.member));
  });

  it('shows how many wait and how long, by priority, and where shares decided', async () => {
    await submit(ALPHA, 'n', 3);
    node.nowMs += 2_500;
    await submit(ALPHA, 'u', 2, URGENT);
    node.commit([]);
    const value = (name: string, labels: Record<string, string>) =>
      node.metrics.value(`vostro_mempool_${name}`, labels);
    expect(value('queued_transactions_count', { priority: 'urgent' })).to.equal(2);
    expect(value('queued_transactions_count', { priority: 'normal' })).to.equal(3);
    expect(value('oldest_transaction_seconds', { priority: 'normal' })).to.equal(2.5);
    expect(value('oldest_transaction_seconds', { priority: 'urgent' })).to.equal(0);
    node.mempool.offer(4, 100_000);
    expect(value('share_limits_total', { resource: 'transactions' })).to.equal(1);
    node.mempool.offer(100, 300);
    expect(value('share_limits_total', { resource: 'bytes' })).to.equal(1);
    const [first] = node.candidates(1, 100_000);
    if (first !== undefined) node.mempool.reject([{ id: first.id, code: 'BLOCK_FUEL_EXCEEDED', retry: true }]);
    expect(value('share_limits_total', { resource: 'fuel' })).to.equal(1);
  });
});

// PROTOCOL §Includable transactions I8.
describe('the quota of urgent transactions, at the door', () => {
  let node: TestMempool;
  beforeEach(() => {
    node = new TestMempool(BANKS);
    node.parameters = { urgentQuotaTransactions: 3 };
    node.commit([]);
  });
  const urgent = (reference: string, bank = ALPHA) => node.outcome(bank.pretended(reference, URGENT));

  it('counts what waits and what the window holds, of each member for itself', async () => {
    expect(await urgent('u0')).to.equal('accepted');
    expect(await urgent('u1')).to.equal('accepted');
    node.commit([ALPHA.body('u0', URGENT)]);
    expect(await urgent('u2')).to.equal('accepted');
    expect(await urgent('u3')).to.equal('URGENT_QUOTA_EXCEEDED');
    expect(await urgent('u1'), 'one that waits').to.equal('known');
    expect(await urgent('u3', BETA)).to.equal('accepted');
    node.nowMs = (Math.floor(START_MS / QUOTA_WINDOW_MS) + 1) * QUOTA_WINDOW_MS - 60_000 + QUOTA_WINDOW_MS;
    expect(await node.outcome(ALPHA.pretended('u3', { ...URGENT, expiresAt: node.nowMs + 9_000 }))).to.equal(
      'accepted',
    );
  });

  it('says what to do, and takes it as a normal one under the same reference', async () => {
    for (const reference of ['u0', 'u1', 'u2']) await urgent(reference);
    const refusal = await node.mempool.admit(ALPHA.pretended('u3', URGENT)).catch((error: unknown) => error);
    expect(refusal).to.have.nested.property('details.hint').that.contains('send it as a normal one');
    expect(refusal).to.have.property('message').that.contains('at most 3 urgent transactions of ALPHDEFF');
    expect(await node.outcome(ALPHA.pretended('u3'))).to.equal('accepted');
  });

  it('holds urgent ones back, and no others, where a builder finds it used up', async () => {
    await urgent('u0');
    expect(await node.outcome(ALPHA.pretended('n0'))).to.equal('accepted');
    const [first] = node.candidates(1, 10_000);
    if (first === undefined) return expect.fail('one was to be offered');
    node.mempool.reject([{ id: first.id, code: 'URGENT_QUOTA_EXCEEDED', retry: true }]);
    expect(node.candidateIds()).to.deep.equal([idOf(ALPHA.body('n0'))]);
    expect(await urgent('u1')).to.equal('URGENT_QUOTA_EXCEEDED');
    node.commit([ALPHA.body('n0')]);
    expect(node.pending, 'nothing that waits may be included').to.deep.equal([true, false]);
    node.nowMs += QUOTA_WINDOW_MS;
    node.commit([], node.nowMs - 59_999);
    expect(node.candidateIds()).to.deep.equal([idOf(ALPHA.body('u0', URGENT))]);
  });
});
