import { expect } from 'chai';
import { payments } from '../../../contracts/index.js';
import type { BuildRequest, BuildResult } from '../../../node/execution/types.js';
import type { Address, DecodedTransaction, TransactionPriority } from '../../../primitives/types.js';
import { ExecutionNetwork, type TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS, callOf } from '../../support/settlementNetwork.js';

const MAX_BLOCK_FUEL = 2_000_000;

describe('a builder', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  before(async () => {
    network = await ExecutionNetwork.create({
      parameters: {
        maxBlockFuel: MAX_BLOCK_FUEL,
        maxTransactionFuel: 500_000,
        urgentBlockPercent: 50,
        maxBlockTransactions: 100,
      },
    });
    chain = await network.funded('one');
  });
  after(() => network.remove());

  let next = 0;
  const pay = (debtor: Address, calls: number, priority: TransactionPriority = 'normal'): DecodedTransaction => {
    const terms = () => ({ debtor, creditor: ACCOUNTS.beta, currency: 'EUR', amount: 1n, reference: `S-${next++}` });
    return network.transaction(
      Array.from({ length: calls }, () => callOf(payments.methods.pay, terms())),
      { sender: debtor, priority },
    );
  };
  const many = (count: number, make: () => DecodedTransaction) => Array.from({ length: count }, make);
  const build = (transactions: readonly DecodedTransaction[], change: Partial<BuildRequest> = {}) => {
    const { header, blockHash } = chain.executor.head();
    return chain.executor.build({
      height: header.height + 1,
      parentHash: blockHash,
      proposer: ACCOUNTS.alfa,
      timestamp: header.timestamp + 1_000,
      transactions: transactions.map(({ bytes }) => bytes),
      ...change,
    });
  };
  /** How many of a block's transactions are among these. */
  const countOf = ({ block }: BuildResult, transactions: readonly DecodedTransaction[]): number => {
    const bytes = new Set(block.transactions.map((one) => Buffer.from(one).toString('hex')));
    return transactions.filter((one) => bytes.has(Buffer.from(one.bytes).toString('hex'))).length;
  };

  // PROTOCOL §Shares of a block O1.
  it('divides its block by the fuel that was really used, however many expensive ones come first', async () => {
    const flood = many(200, () => pay(ACCOUNTS.alfa, 16));
    const others = many(60, () => pay(ACCOUNTS.gamma, 1));
    const built = await build([...flood, ...others]);
    const cheap = countOf(built, others);
    const expensive = countOf(built, flood);
    expect(expensive).to.be.within(1, 3);
    expect(cheap).to.be.above(9);
    expect(await chain.executor.execute(built.block)).to.deep.equal({ valid: true });
    const alone = await build([...flood, ...others.slice(0, 1)]);
    expect(countOf(alone, others), 'a single one is never behind them').to.equal(1);
    expect(countOf(alone, flood), 'which have what is left').to.be.above(expensive);
  });

  it('fills with cheap ones what an expensive one has no room in', async () => {
    const expensive = many(9, () => pay(ACCOUNTS.alfa, 14));
    const cheap = many(60, () => pay(ACCOUNTS.gamma, 1));
    const built = await build([...expensive, ...cheap]);
    const rest = many(1, () => pay(ACCOUNTS.gamma, 1));
    const codes = built.leftOut.map(({ code, retry }) => ({ code, retry }));
    expect(codes[0]).to.deep.equal({ code: 'BLOCK_FUEL_EXCEEDED', retry: true });
    expect(codes.length, 'and looks for them only a while').to.be.at.most(2);
    expect(countOf(await build([...expensive, ...cheap, ...rest]), cheap)).to.equal(countOf(built, cheap));
  });

  // PROTOCOL §Shares of a block O2.
  it('puts urgent ones first, up to half of the fuel', async () => {
    const normal = many(60, () => pay(ACCOUNTS.alfa, 1));
    const urgent = many(60, () => pay(ACCOUNTS.gamma, 1, 'urgent'));
    const built = await build([...normal, ...urgent]);
    const first = built.block.transactions[0];
    expect(Buffer.compare(first ?? Buffer.alloc(0), urgent[0]?.bytes ?? Buffer.alloc(0))).to.equal(0);
    expect(Math.abs(countOf(built, urgent) - countOf(built, normal))).to.be.at.most(2);
  });

  // PROTOCOL §Shares of a block O3.
  it('lets a member that is ahead begin behind the others', async () => {
    const ahead = many(40, () => pay(ACCOUNTS.alfa, 1));
    const others = many(40, () => pay(ACCOUNTS.gamma, 1));
    const built = await build([...ahead, ...others], { leads: [{ member: memberOfAlfa(), lead: 0.25 }] });
    expect(countOf(built, others) - countOf(built, ahead)).to.be.within(5, 12);
  });
  const memberOfAlfa = (): string =>
    network.genesis.members.find(({ accounts }) => accounts.some(({ account }) => account === ACCOUNTS.alfa))?.bic ??
    '';

  it('keeps within the bytes that it is given, but for a first one that is larger', async () => {
    const small = many(9, () => pay(ACCOUNTS.alfa, 1));
    const size = small[0]?.bytes.length ?? 0;
    expect((await build(small, { maxBytes: 3 * size + 9 })).block.transactions).to.have.length(3);
    const large = pay(ACCOUNTS.alfa, 9);
    expect((await build([large, ...small], { maxBytes: size })).block.transactions).to.have.length(1);
  });

  it('leaves normal ones their part of it, whatever urgent ones took beyond theirs', async () => {
    const heavy = () => many(6, () => pay(ACCOUNTS.gamma, 14, 'urgent'));
    for (const maxFuel of [1, 100_000, 400_000, 800_000]) {
      const normal = many(9, () => pay(ACCOUNTS.alfa, 1));
      const built = await build([...heavy(), ...normal], { maxFuel });
      expect(countOf(built, normal), `within ${maxFuel}`).to.be.at.least(1);
    }
  });

  it('ends with the transaction that reaches the fuel that it is given, whatever the first one takes', async () => {
    const counts = [];
    for (const maxFuel of [0, 1, 100_000, 200_000, 500_000, MAX_BLOCK_FUEL]) {
      const { block, leftOut } = await build(
        many(9, () => pay(ACCOUNTS.alfa, 1)),
        { maxFuel },
      );
      expect(leftOut, 'what comes behind waits').to.deep.equal([]);
      const { included } = await chain.commit(block);
      const total = (count: number) => included.slice(0, count).reduce((sum, { fuelUsed }) => sum + fuelUsed, 0);
      counts.push(included.length);
      expect(total(included.length - 1)).to.be.at.most(Math.max(0, maxFuel - 1));
      if (included.length < 9) expect(total(included.length)).to.be.at.least(maxFuel);
    }
    expect(counts.slice(0, 2)).to.deep.equal([1, 1]);
    expect(counts[3]).to.be.within(2, 8);
    expect(counts.at(-1)).to.equal(9);
  });
});
