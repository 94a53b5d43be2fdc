import { expect } from 'chai';
import type { CertifiedBlock } from '../../../node/execution/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { type Faults, faultyEngine } from '../../support/faultyEngine.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';

describe('blocks that are committed in one write', () => {
  let network: ExecutionNetwork;
  let source: TestChain;
  let blocks: readonly CertifiedBlock[];
  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    source = await network.funded('source');
    for (let i = 0; i < 8; i++) {
      // The third payment of each uses its reference up a second time.
      const names = [`P-${i}`, `Q-${i}`, `P-${i}`];
      await source.settle(names.map((name, index) => network.payment(name, { amount: BigInt(index + 1) })));
    }
    blocks = await source.executor.blocks(1, 100, 10_000_000);
  });
  afterEach(() => network.remove());

  const at = (index: number): CertifiedBlock => blocks[index] as CertifiedBlock;

  it('leave what as many writes leave, and say the same of each', async () => {
    const one = new TestChain(network, await network.started('one'));
    const all = new TestChain(network, await network.started('all'));
    const singly = [];
    for (const { block, certificate } of blocks) singly.push(await one.executor.commit(block, certificate));
    const together = [
      ...(await all.executor.commitAll(blocks.slice(0, 7))),
      ...(await all.executor.commitAll(blocks.slice(7))),
    ];
    expect(together).to.deep.equal(singly);
    expect(all.executor.head()).to.deep.equal(source.executor.head());
    await network.stop(all.executor);
    const reopened = new TestChain(network, await network.started('all'));
    expect(reopened.executor.head()).to.deep.equal(source.executor.head());
    expect(await reopened.executor.blocks(1, 100, 10_000_000)).to.deep.equal(blocks);
    expect(await reopened.balance(ACCOUNTS.beta)).to.equal(await source.balance(ACCOUNTS.beta));
    const next = await source.settle([network.payment('P-next')]);
    await reopened.executor.commitAll([{ block: next.block, certificate: network.certify(next.block) }]);
    expect(reopened.executor.head().blockHash).to.deep.equal(source.executor.head().blockHash);
  });

  it('are all lost when the disk refuses the write, which stops the node', async () => {
    const faults: Faults = { write: false, read: false };
    const executor = network.executor('copy', { openEngine: faultyEngine(faults) });
    await executor.start();
    await executor.commitAll(blocks.slice(0, 3));
    faults.write = true;
    const error = await rejectionOf(executor.commitAll(blocks.slice(3)));
    expect(error.code).to.equal('STORAGE_FAILED');
    expect(network.fatal).to.deep.equal([error]);
    await network.stop(executor);
    const reopened = await network.started('copy');
    expect(reopened.head().header.height).to.equal(3);
    await reopened.commitAll(blocks.slice(3));
    expect(reopened.head()).to.deep.equal(source.executor.head());
  });

  it('are no head before all of them are on the disk', async () => {
    const executor = await network.started('copy');
    const pending = executor.commitAll(blocks);
    for (let turn = 0; turn < 50; turn++) {
      await Promise.resolve();
      expect(executor.head().header.height).to.equal(0);
    }
    await pending;
    expect(executor.head().header.height).to.equal(blocks.length);
  });

  it('end before the first whose body is not its header’s', async () => {
    const executor = await network.started('copy');
    const wrong = { ...at(4), block: { ...at(4).block, transactions: at(3).block.transactions } };
    const committed = await executor.commitAll([...blocks.slice(0, 4), wrong, ...blocks.slice(5)]);
    expect(committed.map(({ head }) => head.header.height)).to.deep.equal([1, 2, 3, 4]);
    expect((await rejectionOf(executor.commitAll([wrong]))).code).to.equal('BODY_MISMATCH');
    await executor.commitAll(blocks.slice(4));
    expect(executor.head()).to.deep.equal(source.executor.head());
    expect(network.fatal).to.deep.equal([]);
  });

  it('of which one executes to something else stop the node, and none is written', async () => {
    const executor = await network.started('copy');
    const { block } = at(4);
    const other = { ...block, header: { ...block.header, stateRoot: new Uint8Array(32) } };
    const forged = { block: other, certificate: network.certify(other) };
    const error = await rejectionOf(executor.commitAll([...blocks.slice(0, 4), forged]));
    expect(error.code).to.equal('DECIDED_BLOCK_INVALID');
    expect(network.fatal).to.deep.equal([error]);
    await network.stop(executor);
    expect((await network.started('copy')).head().header.height).to.equal(0);
  });
});
