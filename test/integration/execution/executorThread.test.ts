import { expect } from 'chai';
import { cash } from '../../../contracts/index.js';
import { genesisValidators } from '../../../genesis/genesis.js';
import { ExecutorClient, type ExecutorClientOptions } from '../../../node/execution/executorClient.js';
import type { News } from '../../../node/execution/news.js';
import { encodeBlock } from '../../../primitives/block.js';
import type { CodedError } from '../../../primitives/errors.js';
import { encodeFinalityProof, verifyFinalityProof } from '../../../primitives/finality.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS, CHAIN_ID } from '../../support/settlementNetwork.js';

describe('the executor in a thread of its own', () => {
  let network: ExecutionNetwork;
  let clients: ExecutorClient[];
  let fatal: CodedError[];
  beforeEach(async () => {
    network = await ExecutionNetwork.create();
    clients = [];
    fatal = [];
  });
  afterEach(async () => {
    for (const client of clients) await client.stop();
    await network.remove();
  });

  function client(name: string, change: Partial<ExecutorClientOptions> = {}): ExecutorClient {
    const onFatal = (error: CodedError) => fatal.push(error);
    const options = { genesis: network.genesis, databasePath: network.databasePath(name), onFatal, ...change };
    const made = new ExecutorClient(options);
    clients.push(made);
    return made;
  }

  it('has room for what consensus asks, however many queries wait', async () => {
    const away = new TestChain(network, client('crowded'));
    await away.executor.start();
    const queries = Array.from({ length: 1_500 }, () =>
      away.executor.blockHash(0).then(
        () => true,
        () => false,
      ),
    );
    const built = await away.build([]);
    expect(built.block.header.height).to.equal(1);
    expect((await Promise.all(queries)).filter((isAnswered) => !isAnswered).length).to.be.at.least(400);
  });

  it('gives the same answers as in the thread of its caller', async () => {
    const here = await network.funded('here');
    let wantsReceipts = false;
    const away = new TestChain(network, client('away', { wantsReceipts: () => wantsReceipts }));
    const first = await away.executor.start();
    expect(first.directory.accounts).to.have.length(6);
    expect(first.head.validators).to.deep.equal(genesisValidators(network.genesis));
    for (const { block, certificate } of await here.executor.blocks(1, 9, 1_000_000)) {
      expect(await away.executor.execute(block)).to.deep.equal({ valid: true });
      const result = await away.executor.commit(block, certificate);
      expect(result.head).to.deep.equal(away.executor.head());
      expect(result).not.to.have.property('receipts');
    }
    expect(away.executor.head()).to.deep.equal(here.executor.head());
    const payment = network.payment('P-1');
    const late = network.payment('P-2', { expiresAt: 1 });
    const built = await away.build([payment, late]);
    const same = await here.build([payment, late]);
    expect(built.leftOut).to.deep.equal(same.leftOut);
    expect(encodeBlock(built.block)).to.deep.equal(encodeBlock(same.block));
    wantsReceipts = true;
    const [committed, sameCommitted] = [await away.commit(built.block), await here.commit(built.block)];
    expect(committed).to.deep.equal(sameCommitted);
    expect(committed.receipts?.receipt(0)).to.deep.equal(sameCommitted.receipts?.receipt(0));
    expect(committed.receipts?.receipt(1)).to.equal(undefined);
    const proof = (await away.executor.proof(payment.id)) ?? expect.fail('expected a proof');
    const sameProof = (await here.executor.proof(payment.id)) ?? expect.fail('expected a proof');
    expect(encodeFinalityProof(proof)).to.deep.equal(encodeFinalityProof(sameProof));
    const validators = genesisValidators(network.genesis);
    verifyFinalityProof(proof, { chainId: CHAIN_ID, genesisHash: network.genesisHash, validators });
    for (const ask of [
      (chain: TestChain) => chain.executor.receipt(payment.id),
      (chain: TestChain) => chain.executor.proofs([payment.id]),
      (chain: TestChain) => chain.executor.receiptsProofs([late.id, payment.id], 0),
      (chain: TestChain) => chain.executor.transaction(payment.id),
      (chain: TestChain) => chain.executor.outcomes(payment.id),
      (chain: TestChain) => chain.executor.referenceOwner(ACCOUNTS.alfa, payment.body.reference),
      (chain: TestChain) => chain.executor.blockHash(2),
      (chain: TestChain) => chain.executor.blocks(1, 9, 1_000_000),
      (chain: TestChain) => chain.executor.stateProof([{ contract: 'cash', key: 'none' }]),
      (chain: TestChain) =>
        chain.executor.simulate({
          bytes: network.payment('P-9', { reference: new Uint8Array(4) }).bytes,
          timestamp: 0,
        }),
      (chain: TestChain) => chain.balance(ACCOUNTS.beta),
    ]) {
      const [found, expected] = [await ask(away), await ask(here)];
      expect(structuredClone(found)).to.deep.equal(structuredClone(expected));
    }
  });

  it('tells how views and simulations wait for their part of its time', async () => {
    const told: News[] = [];
    const away = new TestChain(network, client('told', { onNews: (news) => told.push(news) }));
    await away.executor.start();
    await Promise.all([
      away.executor.simulate({ bytes: network.payment('P-1').bytes, timestamp: 0 }),
      away.balance(ACCOUNTS.beta),
    ]);
    // What ends with an answer may be told with the next one.
    await away.executor.blockHash(0);
    const works = told.flatMap(({ counts }) => counts.map(({ name, labels }) => [name, labels.work]));
    expect(works).to.have.deep.members([
      ['vostro_execution_waiting_seconds_total', 'simulation'],
      ['vostro_execution_waiting_seconds_total', 'view'],
    ]);
  });

  it('says why it refuses, by code and details', async () => {
    const away = new TestChain(network, client('away'));
    await away.executor.start();
    const { block } = await away.build([]);
    const refusal = await away.refusal({ ...block, header: { ...block.header, height: 9 } });
    expect(refusal.code).to.equal('HEIGHT_MISMATCH');
    const args = cash.methods.balance.args.encode({ currency: 'XXX', account: ACCOUNTS.beta });
    const error = await rejectionOf(away.executor.view('cash', 'balance', args));
    expect(error.code).to.equal('CURRENCY_UNKNOWN');
    expect(error.details).to.include({ failedCall: 'cash.balance' });
    expect(fatal).to.deep.equal([]);
  });

  it('leaves the bytes that it is asked with to their owner', async () => {
    const away = new TestChain(network, client('away'));
    await away.executor.start();
    const payment = network.transaction([{ contract: 'none', method: 'none', args: new Uint8Array(3) }]);
    const copy = payment.bytes.slice();
    const { block } = await away.build([payment]);
    await away.executor.execute(block);
    await away.commit(block);
    await away.executor.receipt(payment.id);
    expect(payment.bytes).to.deep.equal(copy);
    expect(block.transactions[0]).to.deep.equal(copy);
  });

  it('closes its database when it stops, so that the next one opens it', async () => {
    const first = client('away');
    await first.start();
    const chain = new TestChain(network, first);
    await chain.settle([network.transaction([{ contract: 'none', method: 'none', args: new Uint8Array(0) }])]);
    await first.stop();
    expect((await rejectionOf(first.blockHash(0))).code).to.equal('WORKER_DIED');
    const second = client('away');
    expect((await second.start()).head.header.height).to.equal(1);
    expect(fatal).to.deep.equal([]);
  });

  it('reports that it cannot start to who started it', async () => {
    const holder = client('away');
    await holder.start();
    const error = await rejectionOf(client('away').start());
    expect(error.code).to.equal('DATABASE_LOCKED');
    expect(fatal).to.deep.equal([]);
  });

  it('stops the node when a decided block is not valid here', async () => {
    const away = new TestChain(network, client('away'));
    await away.executor.start();
    const { block } = await away.build([]);
    const other = { ...block, header: { ...block.header, stateRoot: new Uint8Array(32) } };
    const error = await rejectionOf(away.commit(other));
    expect(error.code).to.equal('DECIDED_BLOCK_INVALID');
    expect(fatal.map(({ code }) => code)).to.deep.equal(['DECIDED_BLOCK_INVALID']);
  });

  it('stops the node when its thread dies', async () => {
    const workerUrl = new URL('../../support/suddenWorker.js', import.meta.url);
    const error = await rejectionOf(client('away', { workerUrl }).start());
    expect(error.code).to.equal('WORKER_DIED');
    expect(fatal).to.deep.equal([error]);
  });
});
