import { expect } from 'chai';
import { governance, membership, payments } from '../../../contracts/index.js';
import { transactionsRoot } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import { transactionLeaf } from '../../../primitives/transaction.js';
import type { Block, BlockHeader, DecodedTransaction, TransactionPriority } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { labCall, labContract } from '../../support/labContract.js';
import {
  ACCOUNTS,
  BANKS,
  CHAIN_ID,
  callOf,
  KEYS,
  keyOf,
  possessionOf,
  type TestKey,
} from '../../support/settlementNetwork.js';

const OTHER_HASH = new Uint8Array(32).fill(9);

function withHeader(block: Block, change: Partial<BlockHeader>): Block {
  return { ...block, header: { ...block.header, ...change } };
}

/** The block with other transactions, and the root of exactly these. */
function withBody(block: Block, transactions: readonly Uint8Array[]): Block {
  const txRoot = transactionsRoot(transactions.map(transactionLeaf));
  return { header: { ...block.header, txRoot }, transactions };
}

describe('the validity of a block', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  /** A valid block of two payments on the head. */
  let valid: Block;
  before(async () => {
    network = await ExecutionNetwork.create({ parameters: { referenceWindowMs: 60_000 } });
    chain = await network.funded('one');
    valid = (await chain.build([network.payment('P-1'), network.payment('P-2')])).block;
  });
  after(() => network.remove());
  afterEach(async () => {
    expect(await chain.executor.execute(valid), 'the executor goes on').to.deep.equal({ valid: true });
    expect(network.fatal).to.deep.equal([]);
  });

  async function code(block: Block): Promise<string> {
    return (await chain.refusal(block)).code;
  }

  /** The code with which a block of these transactions is refused, and the one with which a builder leaves the last out. */
  async function inclusionCodes(...transactions: readonly DecodedTransaction[]): Promise<readonly string[]> {
    const last = transactions.at(-1);
    const block = withBody(
      valid,
      transactions.map(({ bytes }) => bytes),
    );
    const refusal = await chain.refusal(block);
    expect(toHex(refusal.transactionId ?? OTHER_HASH)).to.equal(toHex(last?.id ?? OTHER_HASH));
    const built = await chain.build(transactions);
    expect(built.block.transactions).to.have.length(transactions.length - 1);
    return [refusal.code, ...built.leftOut.map((left) => left.code)];
  }

  // PROTOCOL §Block validity B1–B5 and B12.
  describe('by its header', () => {
    const rules: readonly [string, (header: BlockHeader) => Partial<BlockHeader>][] = [
      ['CHAIN_ID_MISMATCH', () => ({ chainId: 'another' })],
      ['HEIGHT_MISMATCH', ({ height }) => ({ height: height + 1 })],
      ['HEIGHT_MISMATCH', ({ height }) => ({ height: height - 1 })],
      ['PARENT_MISMATCH', () => ({ parentHash: OTHER_HASH })],
      ['TIMESTAMP_NOT_AFTER_PARENT', ({ timestamp }) => ({ timestamp: timestamp - 1_000 })],
      ['VALIDATORS_HASH_MISMATCH', () => ({ validatorsHash: OTHER_HASH })],
      ['NEXT_VALIDATORS_HASH_MISMATCH', () => ({ nextValidatorsHash: OTHER_HASH })],
      ['TX_ROOT_MISMATCH', () => ({ txRoot: OTHER_HASH })],
      ['RECEIPTS_ROOT_MISMATCH', () => ({ receiptsRoot: OTHER_HASH })],
      ['STATE_ROOT_MISMATCH', () => ({ stateRoot: OTHER_HASH })],
    ];
    for (const [expected, change] of rules) {
      it(`refuses with ${expected} what a changed header says`, async () => {
        expect(await code(withHeader(valid, change(valid.header)))).to.equal(expected);
      });
    }

    it('names what was expected and what was found', async () => {
      const { message } = await chain.refusal(withHeader(valid, { height: 9 }));
      expect(message).to.equal('block: expected height 3, found 9');
    });
  });

  describe('by its body', () => {
    // PROTOCOL §Block validity B8.
    it('refuses other transactions than its root names', async () => {
      expect(await code({ ...valid, transactions: valid.transactions.slice(1) })).to.equal('TX_ROOT_MISMATCH');
      expect(await code({ ...valid, transactions: [...valid.transactions].reverse() })).to.equal('TX_ROOT_MISMATCH');
    });

    // PROTOCOL §Block validity B7.
    it('refuses bytes that are no transaction', async () => {
      expect(await code(withBody(valid, [Uint8Array.of(0xc0)]))).to.equal('TRANSACTION_MALFORMED');
    });

    // PROTOCOL §Block validity B9.
    it('refuses one transaction twice', async () => {
      const [first = OTHER_HASH] = valid.transactions;
      expect(await code(withBody(valid, [first, first]))).to.equal('TRANSACTION_DUPLICATE');
    });
  });

  describe('by what may be included', () => {
    // PROTOCOL §Includable transactions I1.
    it('refuses a transaction of another chain', async () => {
      const foreign = network.payment('P-3', { chainId: `${CHAIN_ID}-2` });
      expect(await inclusionCodes(foreign)).to.deep.equal(['CHAIN_ID_MISMATCH', 'CHAIN_ID_MISMATCH']);
    });

    // PROTOCOL §Includable transactions I2.
    it('includes up to the moment of expiry, and not after it', async () => {
      const { timestamp } = valid.header;
      const late = network.payment('P-3', { expiresAt: timestamp - 1 });
      expect(await inclusionCodes(late)).to.deep.equal(['TRANSACTION_EXPIRED', 'TRANSACTION_EXPIRED']);
      const { leftOut } = await chain.build([network.payment('P-3', { expiresAt: timestamp })]);
      expect(leftOut).to.deep.equal([]);
    });

    it('includes nothing that expires later than the window', async () => {
      const latest = valid.header.timestamp + network.genesis.parameters.referenceWindowMs;
      const early = network.payment('P-3', { expiresAt: latest + 1 });
      expect(await inclusionCodes(early)).to.deep.equal(['EXPIRY_TOO_FAR', 'EXPIRY_TOO_FAR']);
      const { leftOut } = await chain.build([network.payment('P-3', { expiresAt: latest })]);
      expect(leftOut).to.deep.equal([]);
    });

    // PROTOCOL §Includable transactions I3.
    it('refuses a signer that nobody registered, a surplus one too', async () => {
      const signers = [ACCOUNTS.alfa, ACCOUNTS.unknown].sort();
      const codes = await inclusionCodes(network.payment('P-3', { signers }));
      expect(codes).to.deep.equal(['SIGNER_UNKNOWN', 'SIGNER_UNKNOWN']);
    });

    it('refuses a signer that was registered in the same block: nobody could have checked its signature', async () => {
      const key = keyOf('new at alfa');
      const register = callOf(membership.methods.registerKey, {
        member: BANKS.alfa,
        suite: 1,
        publicKey: key.publicKey,
        possession: possessionOf(key, BANKS.alfa),
      });
      const payment = network.payment('P-3', { signers: [ACCOUNTS.alfa, key.address].sort() });
      const codes = await inclusionCodes(network.transaction([register]), payment);
      expect(codes).to.deep.equal(['SIGNER_UNKNOWN', 'SIGNER_UNKNOWN']);
    });

    // PROTOCOL §Includable transactions I4.
    it('refuses a sender that is no account', async () => {
      const stray = network.payment('P-3', { sender: KEYS.alfaSpare.address });
      expect(await inclusionCodes(stray)).to.deep.equal(['SENDER_UNKNOWN', 'SENDER_UNKNOWN']);
    });

    // PROTOCOL §Includable transactions I5.
    it('refuses signers that do not meet the policy of the sender', async () => {
      const one = network.payment('P-3', { sender: ACCOUNTS.custodian, signers: [KEYS.custodianTwo.address] });
      expect(await inclusionCodes(one)).to.deep.equal(['POLICY_NOT_MET', 'POLICY_NOT_MET']);
      const signers = [KEYS.custodianTwo.address, KEYS.custodianThree.address].sort();
      const { leftOut } = await chain.build([network.payment('P-3', { sender: ACCOUNTS.custodian, signers })]);
      expect(leftOut).to.deep.equal([]);
    });

    it('judges the policy at the position in the block, after earlier transactions changed it', async () => {
      const change = { account: ACCOUNTS.alfa, remove: KEYS.alfa.address, add: KEYS.alfaSpare.address };
      const rotate = network.transaction([callOf(membership.methods.rotateKey, change)]);
      const codes = await inclusionCodes(rotate, network.payment('P-3'));
      expect(codes).to.deep.equal(['POLICY_NOT_MET', 'POLICY_NOT_MET']);
      const { leftOut } = await chain.build([rotate, network.payment('P-4', { signers: [KEYS.alfaSpare.address] })]);
      expect(leftOut).to.deep.equal([]);
    });

    it('judges it again after every further change', async () => {
      const rotate = (remove: TestKey, add: TestKey, signer: TestKey) =>
        network.transaction(
          [callOf(membership.methods.rotateKey, { account: ACCOUNTS.alfa, remove: remove.address, add: add.address })],
          { signers: [signer.address] },
        );
      const there = rotate(KEYS.alfa, KEYS.alfaSpare, KEYS.alfa);
      const between = network.payment('P-4', { signers: [KEYS.alfaSpare.address] });
      const back = rotate(KEYS.alfaSpare, KEYS.alfa, KEYS.alfaSpare);
      const last = network.payment('P-5', { signers: [KEYS.alfaSpare.address] });
      const codes = await inclusionCodes(there, between, back, last);
      expect(codes).to.deep.equal(['POLICY_NOT_MET', 'POLICY_NOT_MET']);
    });

    it('forgets a change of policy that was taken back with its transaction', async () => {
      const change = { account: ACCOUNTS.alfa, remove: KEYS.alfa.address, add: KEYS.alfaSpare.address };
      const broken = { contract: 'payments', method: 'none', args: new Uint8Array(0) };
      const failing = network.transaction([callOf(membership.methods.rotateKey, change), broken]);
      const { leftOut, block } = await chain.build([failing, network.payment('P-4')]);
      expect(leftOut).to.deep.equal([]);
      expect(await chain.executor.execute(block)).to.deep.equal({ valid: true });
    });

    // PROTOCOL §Includable transactions I6.
    it('refuses a reference that another transaction of the block holds', async () => {
      const first = network.payment('P-3');
      const second = network.payment('P-4', { reference: first.body.reference });
      expect(await inclusionCodes(first, second)).to.deep.equal(['REFERENCE_IN_USE', 'REFERENCE_IN_USE']);
    });

    it('lets two senders use one reference', async () => {
      const first = network.payment('P-3');
      const other = network.payment('P-3', { reference: first.body.reference, sender: ACCOUNTS.gamma });
      expect((await chain.build([first, other])).leftOut).to.deep.equal([]);
    });
  });
});

describe('the limits of a block', () => {
  let network: ExecutionNetwork;
  afterEach(() => network.remove());

  /** A block of four payments from a network without the limits, offered to one with them. */
  // PROTOCOL §Block validity B6 and B10.
  it('bounds transactions, bytes and fuel, for who builds and for who executes', async () => {
    network = await ExecutionNetwork.create({ parameters: { maxBlockTransactions: 5, maxBlockBytes: 1_400 } });
    const chain = await network.funded('one');
    const payments = ['P-1', 'P-2', 'P-3', 'P-4', 'P-5', 'P-6'].map((name) => network.payment(name));
    const { block, leftOut } = await chain.build(payments);
    expect(block.transactions).to.have.length(5);
    expect(leftOut).to.deep.equal([]);
    const six = withBody(
      block,
      payments.map(({ bytes }) => bytes),
    );
    expect((await chain.refusal(six)).code).to.equal('TOO_MANY_TRANSACTIONS');
    const large = network.transaction([{ contract: 'payments', method: 'pay', args: new Uint8Array(1_100) }]);
    const two = withBody(
      block,
      [...payments.slice(0, 2), large].map(({ bytes }) => bytes),
    );
    expect((await chain.refusal(two)).code).to.equal('BLOCK_TOO_LARGE');
    const built = await chain.build([...payments.slice(0, 1), large, ...payments.slice(1)]);
    expect(built.block.transactions).to.have.length(1);
    expect(built.leftOut).to.deep.equal([{ id: large.id, code: 'BLOCK_TOO_LARGE', retry: true }]);
  });

  // PROTOCOL §Block validity B10.
  it('forgets pauses, members and references of a transaction that there is no fuel for', async () => {
    const lab = labContract('lab', {
      spend: (host) => {
        host.once('s', 'r', 1);
        host.account(ACCOUNTS.gamma);
        host.useFuel(100_000);
      },
      look: (host) => Uint8Array.of(host.used('s', 'r', 1) ? 1 : 0, host.account(ACCOUNTS.gamma)?.active ? 1 : 0),
    });
    const lifting = callOf(governance.methods.lift, { scope: 'payments' });
    const pausedChain = async (name: string): Promise<TestChain> => {
      const chain = await network.funded(name);
      const vote = callOf(governance.methods.pause, { scope: 'payments', untilMs: chain.timestamp + 60_000 });
      await chain.settle([ACCOUNTS.alfa, ACCOUNTS.beta].map((sender) => network.transaction([vote], { sender })));
      await chain.settle([network.transaction([lifting], { sender: ACCOUNTS.beta })]);
      return chain;
    };
    const pay = { debtor: ACCOUNTS.beta, creditor: ACCOUNTS.alfa, currency: 'EUR', amount: 1n, reference: 'P-1' };
    const suspension = callOf(membership.methods.suspendMember, { member: BANKS.gamma });
    const both = (): readonly DecodedTransaction[] => [
      network.transaction([lifting], { sender: ACCOUNTS.alfa }),
      network.transaction([lifting, callOf(payments.methods.pay, pay), suspension, labCall('lab', 'spend')], {
        sender: ACCOUNTS.central,
        signers: [ACCOUNTS.central, ACCOUNTS.beta].toSorted(),
      }),
    ];
    network = await ExecutionNetwork.create({ contracts: [lab] });
    const { receipts } = await (await pausedChain('wide')).settle(both());
    expect(receipts.map(({ code }) => code)).to.deep.equal(['', '']);
    const fuel = receipts.reduce((sum, { fuelUsed }) => sum + fuelUsed, 0) - 1;
    await network.remove();
    const parameters = { maxBlockFuel: fuel, maxTransactionFuel: fuel };
    network = await ExecutionNetwork.create({ contracts: [lab], parameters });
    const tight = await pausedChain('tight');
    // Made first, so that their references are as long as before: there is exactly one unit too little.
    const dropped = both();
    const look = network.transaction([labCall('lab', 'look')], { sender: ACCOUNTS.beta });
    const paused = network.transaction([labCall('payments', 'none')], { sender: ACCOUNTS.gamma });
    const built = await tight.build([...dropped, look, paused]);
    expect(built.leftOut.map(({ code }) => code)).to.deep.equal(['BLOCK_FUEL_EXCEEDED']);
    await network.stop(tight.executor);
    expect(await (await network.started('tight')).execute(built.block)).to.deep.equal({ valid: true });
  });

  it('counts the fuel of all transactions, those that failed too', async () => {
    network = await ExecutionNetwork.create();
    const fuelled = await network.funded('one');
    const payments = Array.from({ length: 9 }, (_, index) => network.payment(`P-${index}`));
    const { receipts, block } = await fuelled.settle(payments);
    const fuel = receipts.reduce((total, { fuelUsed }) => total + fuelUsed, 0);
    await network.remove();
    network = await ExecutionNetwork.create({ parameters: { maxBlockFuel: fuel, maxTransactionFuel: fuel } });
    const funded = await network.funded('exact');
    expect((await funded.build(payments)).block.transactions).to.have.length(9);
    await network.remove();
    network = await ExecutionNetwork.create({ parameters: { maxBlockFuel: fuel - 1, maxTransactionFuel: fuel } });
    const tight = await network.funded('tight');
    const built = await tight.build(payments);
    expect(built.block.transactions).to.have.length(8);
    expect(built.leftOut.map(({ code, retry }) => ({ code, retry }))).to.deep.equal([
      { code: 'BLOCK_FUEL_EXCEEDED', retry: true },
    ]);
    const full = withBody(built.block, block.transactions);
    expect((await tight.refusal(full)).code).to.equal('BLOCK_FUEL_EXCEEDED');
    await network.stop(tight.executor);
    const afresh = await network.started('tight');
    expect(await afresh.execute(built.block), 'nothing remains of what was left out').to.deep.equal({ valid: true });
  });

  it('leaves a transaction that no block has room for out for good, and goes on with the others', async () => {
    network = await ExecutionNetwork.create({ parameters: { maxBlockBytes: 1_400 } });
    const chain = await network.funded('one');
    const huge = network.transaction([{ contract: 'payments', method: 'pay', args: new Uint8Array(1_400) }]);
    const { block, leftOut } = await chain.build([huge, network.payment('P-1')]);
    expect(leftOut).to.deep.equal([{ id: huge.id, code: 'BLOCK_TOO_LARGE', retry: false }]);
    expect(block.transactions).to.have.length(1);
  });

  // PROTOCOL §Includable transactions I7.
  it('gives each member a quota in each window', async () => {
    network = await ExecutionNetwork.create({ parameters: { quotaTransactions: 3, quotaWindowMs: 10_000 } });
    const chain = new TestChain(network, await network.started('one'));
    const start = chain.timestamp;
    const call = { contract: 'none', method: 'none', args: new Uint8Array(0) };
    const send = (sender = ACCOUNTS.alfa) => network.transaction([call], { sender });
    await chain.settle([send(), send()], start + 1_000);
    const third = send(ACCOUNTS.alfaSecond);
    const fourth = send();
    const { block, leftOut } = await chain.build([third, fourth, send(ACCOUNTS.beta)], start + 2_000);
    expect(leftOut).to.deep.equal([{ id: fourth.id, code: 'QUOTA_EXCEEDED', retry: true }]);
    const refusal = await chain.refusal(
      withBody(
        block,
        [third, fourth].map(({ bytes }) => bytes),
      ),
    );
    expect(refusal.code).to.equal('QUOTA_EXCEEDED');
    await chain.commit(block);
    expect((await chain.build([fourth], start + 9_999)).leftOut).to.have.length(1);
    expect((await chain.build([fourth, send(), send()], start + 10_000)).leftOut).to.deep.equal([]);
  });

  // PROTOCOL §Includable transactions I8.
  it('gives each member a part of it for urgent ones, which others do not use up', async () => {
    network = await ExecutionNetwork.create({
      parameters: { quotaTransactions: 9, urgentQuotaTransactions: 2, quotaWindowMs: 10_000 },
    });
    const chain = new TestChain(network, await network.started('one'));
    const start = chain.timestamp;
    const call = { contract: 'none', method: 'none', args: new Uint8Array(0) };
    const send = (priority: TransactionPriority, sender = ACCOUNTS.alfa) =>
      network.transaction([call], { sender, priority });
    await chain.settle([send('normal'), send('normal'), send('urgent')], start + 1_000);
    const second = send('urgent', ACCOUNTS.alfaSecond);
    const third = send('urgent');
    const { block, leftOut } = await chain.build([second, third, send('urgent', ACCOUNTS.beta)], start + 2_000);
    expect(block.transactions).to.have.length(2);
    expect(leftOut).to.deep.equal([{ id: third.id, code: 'URGENT_QUOTA_EXCEEDED', retry: true }]);
    const both = [second, third].map(({ bytes }) => bytes);
    expect((await chain.refusal(withBody(block, both))).code).to.equal('URGENT_QUOTA_EXCEEDED');
    await chain.commit(block);
    const asNormal = network.transaction([call], { reference: third.body.reference });
    const later = await chain.build([third, asNormal], start + 9_999);
    expect(later.leftOut.map(({ code }) => code)).to.deep.equal(['URGENT_QUOTA_EXCEEDED']);
    expect(later.block.transactions, 'its reference is free').to.have.length(1);
    expect((await chain.build([third, send('urgent')], start + 10_000)).leftOut).to.deep.equal([]);
  });
});
