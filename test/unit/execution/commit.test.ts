import { expect } from 'chai';
import { membership } from '../../../contracts/index.js';
import type { Executor } from '../../../node/execution/types.js';
import { toHex } from '../../../primitives/bytes.js';
import type { Block, Certificate } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { type Faults, faultyEngine } from '../../support/faultyEngine.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS, callOf, KEYS } from '../../support/settlementNetwork.js';

describe('a commit', () => {
  let network: ExecutionNetwork;
  let chain: TestChain;
  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    chain = await network.funded('one');
  });
  afterEach(() => network.remove());

  async function copyOf(source: Executor, name: string): Promise<TestChain> {
    const copy = new TestChain(network, await network.started(name));
    for (const { block, certificate } of await source.blocks(1, 100, 10_000_000)) {
      await copy.executor.commit(block, certificate);
    }
    return copy;
  }

  it('is found again after a restart, with everything of its height', async () => {
    const payment = network.payment('P-1');
    await chain.settle([payment]);
    const head = chain.executor.head();
    const proof = await chain.executor.proof(payment.id);
    await network.stop(chain.executor);
    const reopened = network.executor('one');
    const { head: found, directory } = await reopened.start();
    expect(found).to.deep.equal(head);
    expect(directory.keys).to.have.length(9);
    expect(await reopened.proof(payment.id)).to.deep.equal(proof);
  });

  it('executes a certified block that it has not seen before', async () => {
    await chain.settle([network.payment('P-1')]);
    const copy = await copyOf(chain.executor, 'two');
    expect(copy.executor.head()).to.deep.equal(chain.executor.head());
    expect(await copy.balance(ACCOUNTS.beta)).to.equal(await chain.balance(ACCOUNTS.beta));
  });

  it('tells the mempool what was included, and with which end', async () => {
    const good = network.payment('P-1');
    const bad = network.payment('P-2', { amount: 9_000_000n, priority: 'urgent' });
    const { result, receipts } = await chain.settle([good, bad]);
    expect(result.included, 'urgent ones first').to.deep.equal(
      [bad, good].map(({ id, bytes, body: { sender, reference, expiresAt, priority } }, index) => {
        const code = ['INSUFFICIENT_FUNDS', ''][index];
        const about = { id, sender, reference, expiresAt, priority, success: code === '', code };
        return { ...about, fuelUsed: receipts[index]?.fuelUsed, sizeBytes: bytes.length };
      }),
    );
    expect(result.head).to.deep.equal(chain.executor.head());
  });

  it('chooses among candidates of its height, and drops the others', async () => {
    const first = (await chain.build([network.payment('P-1')])).block;
    const second = (await chain.build([network.payment('P-2')])).block;
    await chain.commit(first);
    const error = await rejectionOf(chain.commit(second));
    expect(error.code).to.equal('CONFLICTING_BLOCK');
    expect(network.fatal).to.deep.equal([error]);
  });

  it('makes every other candidate of its height void', async () => {
    const first = (await chain.build([network.payment('P-1')])).block;
    const second = (await chain.build([network.payment('P-2')])).block;
    await chain.commit(first);
    expect((await chain.refusal(second)).code).to.equal('HEIGHT_MISMATCH');
    expect((await chain.refusal(first)).code).to.equal('HEIGHT_MISMATCH');
  });

  it('that changes a policy binds the next block', async () => {
    const change = { account: ACCOUNTS.alfa, remove: KEYS.alfa.address, add: KEYS.alfaSpare.address };
    await chain.settle([network.payment('P-1')]);
    await chain.settle([network.transaction([callOf(membership.methods.rotateKey, change)])]);
    const old = network.payment('P-2');
    const rotated = network.payment('P-3', { signers: [KEYS.alfaSpare.address] });
    const { block, leftOut } = await chain.build([old, rotated]);
    expect(leftOut).to.deep.equal([{ id: old.id, code: 'POLICY_NOT_MET', retry: false }]);
    expect(block.transactions).to.deep.equal([rotated.bytes]);
  });

  it('executes a candidate again that more recent ones have pushed out', async () => {
    const first = (await chain.build([network.payment('P-0')])).block;
    for (let i = 1; i <= 10; i++) await chain.build([network.payment(`P-${i}`)]);
    await chain.commit(first);
    expect(await chain.balance(ACCOUNTS.beta)).to.equal(1_000_010n);
  });

  it('of a height that is committed already changes nothing', async () => {
    const { block } = await chain.settle([network.payment('P-1')]);
    await chain.settle([network.payment('P-2')]);
    const head = chain.executor.head();
    const { included, ...again } = await chain.commit(block);
    expect(again).to.deep.equal({ head, directory: { keys: [], accounts: [], nodes: undefined } });
    expect(included).to.deep.equal([]);
    expect(network.fatal).to.deep.equal([]);
  });

  it('waits for the heights between', async () => {
    const copy = await copyOf(chain.executor, 'two');
    const { block: first } = await chain.settle([network.payment('P-1')]);
    const { block: second } = await chain.settle([network.payment('P-2')]);
    expect((await rejectionOf(copy.commit(second))).code).to.equal('COMMIT_NOT_ON_HEAD');
    await copy.commit(first);
    await copy.commit(second);
    expect(copy.height).to.equal(chain.height);
    expect(network.fatal).to.deep.equal([]);
  });

  describe('refuses a certificate', () => {
    let block: Block;
    beforeEach(async () => {
      block = (await chain.build([network.payment('P-1')])).block;
    });
    afterEach(async () => {
      expect(network.fatal).to.deep.equal([]);
      await chain.commit(block);
    });

    async function refused(change: Partial<Certificate>): Promise<void> {
      const certificate = { ...network.certify(block), ...change };
      expect((await rejectionOf(chain.executor.commit(block, certificate))).code).to.equal('CERTIFICATE_MISMATCH');
    }

    it('of another type', () => refused({ type: 'prepare' }));
    it('of another height', () => refused({ height: 9 }));
    it('of another block', () => refused({ blockHash: new Uint8Array(32) }));
    it('without a quorum', () => refused(network.certify(block, { signers: 2, validatorCount: 4 })));
    it('of a larger set', () => refused(network.certify(block, { signers: 4, validatorCount: 9 })));
    it('with a signature too few', () => refused({ signatures: network.certify(block).signatures.slice(1) }));
  });

  it('refuses a body that is not the certified header’s, and takes the right one later', async () => {
    const copy = await copyOf(chain.executor, 'two');
    const { block } = await chain.settle([network.payment('P-1'), network.payment('P-2')]);
    for (const transactions of [block.transactions.slice(1), [...block.transactions, Uint8Array.of(1)]]) {
      expect((await rejectionOf(copy.commit({ ...block, transactions }))).code).to.equal('BODY_MISMATCH');
    }
    expect(network.fatal).to.deep.equal([]);
    await copy.commit(block);
    expect(copy.executor.head().blockHash).to.deep.equal(chain.executor.head().blockHash);
  });

  it('of a decided block that executes to something else stops the node, and writes nothing', async () => {
    const { block } = await chain.build([network.payment('P-1')]);
    const other: Block = { ...block, header: { ...block.header, stateRoot: new Uint8Array(32) } };
    const error = await rejectionOf(chain.commit(other));
    expect(error.code).to.equal('DECIDED_BLOCK_INVALID');
    expect(error.details.actual).to.equal('STATE_ROOT_MISMATCH');
    expect(network.fatal).to.deep.equal([error]);
    expect((await rejectionOf(chain.commit(block))).code).to.equal('EXECUTOR_NOT_RUNNING');
    await network.stop(chain.executor);
    expect((await network.started('one')).head().header.height).to.equal(2);
  });

  it('is one write: state, block, receipts and head, or nothing of it', async () => {
    await network.stop(chain.executor);
    const faults: Faults = { write: false, read: false, writes: 0 };
    const executor = network.executor('one', { openEngine: faultyEngine(faults) });
    await executor.start();
    const counted = new TestChain(network, executor);
    const { block } = await counted.build([network.payment('P-1')]);
    const before = faults.writes ?? 0;
    await counted.commit(block);
    expect((faults.writes ?? 0) - before).to.equal(1);
    await network.stop(executor);
  });

  it('that the disk refuses stops the node, and leaves the head where it was', async () => {
    const head = chain.executor.head();
    await network.stop(chain.executor);
    const faults: Faults = { write: false, read: false };
    const executor = network.executor('one', { openEngine: faultyEngine(faults) });
    await executor.start();
    const faulty = new TestChain(network, executor);
    const { block } = await faulty.build([network.payment('P-1')]);
    faults.write = true;
    const error = await rejectionOf(faulty.commit(block));
    expect(error.code).to.equal('STORAGE_FAILED');
    expect(network.fatal).to.deep.equal([error]);
    expect((await rejectionOf(faulty.executor.blockHash(1))).code).to.equal('EXECUTOR_NOT_RUNNING');
    await network.stop(executor);
    const reopened = new TestChain(network, await network.started('one'));
    expect(reopened.executor.head()).to.deep.equal(head);
    await reopened.commit(block);
    expect(toHex(reopened.executor.head().header.stateRoot)).to.equal(toHex(block.header.stateRoot));
  });

  it('waits for nobody who asks for a build that does not stand on the head', async () => {
    const { header, blockHash } = chain.executor.head();
    const request = {
      height: header.height + 1,
      parentHash: blockHash,
      proposer: ACCOUNTS.alfa,
      timestamp: header.timestamp + 1,
      transactions: [],
    };
    for (const change of [{ height: 9 }, { parentHash: new Uint8Array(32) }, { timestamp: header.timestamp }]) {
      const error = await rejectionOf(chain.executor.build({ ...request, ...change }));
      expect(error.code).to.equal('BUILD_NOT_ON_HEAD');
    }
    expect(network.fatal).to.deep.equal([]);
  });
});
