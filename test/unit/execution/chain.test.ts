import { expect } from 'chai';
import { genesisValidators } from '../../../genesis/genesis.js';
import { verifyFinalityProof } from '../../../primitives/finality.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS, CHAIN_ID } from '../../support/settlementNetwork.js';

describe('the chain', () => {
  let network: ExecutionNetwork;
  beforeEach(async () => {
    network = await ExecutionNetwork.create();
  });
  afterEach(() => network.remove());

  it('begins with the genesis state under a header that nobody signed', async () => {
    const executor = network.executor('one');
    const { head, directory, included } = await executor.start();
    expect(head.header.height).to.equal(0);
    expect(head.header.parentHash).to.deep.equal(network.genesisHash);
    expect(head.certificate).to.equal(undefined);
    expect(head.validators).to.deep.equal(genesisValidators(network.genesis));
    expect(included).to.deep.equal([]);
    expect(directory.accounts.map(({ account }) => account)).to.include(ACCOUNTS.custodian);
    expect(directory.keys).to.have.length(9);
    expect(directory.nodes).to.have.length(5);
  });

  it('gives the same roots wherever a block is executed', async () => {
    const one = await network.funded('one');
    const two = new TestChain(network, await network.started('two'));
    for (const { block, certificate } of await one.executor.blocks(1, 10, 1_000_000)) {
      expect(await two.executor.execute(block)).to.deep.equal({ valid: true });
      await two.executor.commit(block, certificate);
    }
    expect(two.executor.head()).to.deep.equal(one.executor.head());
    const { block } = await one.build([network.payment('P-1'), network.payment('P-2', { amount: 5_000_000n })]);
    expect(await two.executor.execute(block)).to.deep.equal({ valid: true });
  });

  it('proves a receipt to whoever holds the genesis file', async () => {
    const chain = await network.funded('one');
    const payment = network.payment('P-1');
    await chain.settle([network.payment('P-0'), payment, network.payment('P-2')]);
    const proof = await chain.executor.proof(payment.id);
    if (proof === undefined) return expect.fail('expected a proof');
    const trusted = {
      chainId: CHAIN_ID,
      genesisHash: network.genesisHash,
      validators: genesisValidators(network.genesis),
    };
    const verified = verifyFinalityProof(proof, trusted);
    expect(verified.receipt.transactionId).to.deep.equal(payment.id);
    expect(verified.receipt.success).to.equal(true);
  });
});
