import { expect } from 'chai';
import type { ExecutorRestart } from '../../../node/execution/executorBuilds.js';
import { ExecutorClient, type ExecutorClientOptions } from '../../../node/execution/executorClient.js';
import { toHex } from '../../../primitives/bytes.js';
import type { CodedError } from '../../../primitives/errors.js';
import type { Block, DecodedTransaction } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { labCall } from '../../support/labContract.js';
import { POISONS, poisonContract } from '../../support/poison.js';
import { rejectionOf } from '../../support/rejection.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';

const WORKER = new URL('../../support/poisonWorker.js', import.meta.url);

describe('an executor whose thread a transaction breaks', function () {
  this.timeout(60_000);
  let network: ExecutionNetwork;
  let clients: ExecutorClient[];
  let fatal: CodedError[];
  let restarts: ExecutorRestart[];
  let chain: TestChain;

  beforeEach(async () => {
    network = await ExecutionNetwork.create({ contracts: [poisonContract(true)] });
    clients = [];
    fatal = [];
    restarts = [];
    chain = await started();
    await network.fund(chain);
  });
  afterEach(async () => {
    for (const client of clients) await client.stop();
    await network.remove();
  });

  async function started(change: Partial<ExecutorClientOptions> = {}): Promise<TestChain> {
    const client = new ExecutorClient({
      genesis: network.genesis,
      databasePath: network.databasePath(`fragile-${clients.length}`),
      onFatal: (error) => fatal.push(error),
      onRestart: (restart) => restarts.push(restart),
      maxHeapMb: 96,
      workerUrl: WORKER,
      ...change,
    });
    clients.push(client);
    await client.start();
    return new TestChain(network, client);
  }

  /** A block with the poison in it, built where the contract does no harm. */
  async function blockOf(...transactions: DecodedTransaction[]): Promise<Block> {
    const harmless = new TestChain(network, await network.started(`harmless-${transactions.length}`));
    for (const { block, certificate } of await chain.executor.blocks(1, 9, 1_000_000)) {
      await harmless.executor.commit(block, certificate);
    }
    return (await harmless.build(transactions)).block;
  }

  function poison(method: string): DecodedTransaction {
    return network.transaction([labCall('poison', method)]);
  }

  const named = (): string[] => restarts.flatMap(({ transactionIds }) => transactionIds.map(toHex));

  for (const method of POISONS) {
    it(`builds without it, and exactly what it builds of the others (${method})`, async () => {
      const [first, bad, last] = [network.payment('P-1'), poison(method), network.payment('P-2')];
      const { block, leftOut } = await chain.build([first, bad, last]);
      expect(leftOut).to.deep.equal([{ id: bad.id, code: 'HOST_EXCEPTION', retry: false }]);
      expect(block.transactions).to.deep.equal([first.bytes, last.bytes]);
      expect(named()).to.deep.equal([toHex(bad.id)]);
      expect(block).to.deep.equal(await blockOf(first, last));
      await chain.commit(block);
      expect(await chain.balance(ACCOUNTS.alfa)).to.equal(999_980n);
      expect(fatal).to.deep.equal([]);
    });

    it(`refuses a proposed block with it, names it, and goes on from the last commit (${method})`, async () => {
      const [good, bad] = [network.payment('P-1'), poison(method)];
      const block = await blockOf(good, bad);
      const asked = Promise.all([chain.executor.blockHash(1), chain.executor.blockHash(2)]);
      const refusal = await chain.refusal(block);
      expect(refusal.code).to.equal('HOST_EXCEPTION');
      expect(refusal.transactionId).to.deep.equal(bad.id);
      expect(
        (await asked).every((found) => found !== undefined),
        'what waited is answered',
      ).to.equal(true);
      await chain.settle([good]);
      expect(named()).to.deep.equal([toHex(bad.id)]);
      expect(fatal).to.deep.equal([]);
    });

    it(`stops the node where the block is decided (${method})`, async () => {
      const error = await rejectionOf(chain.commit(await blockOf(network.payment('P-1'), poison(method))));
      expect(fatal).to.have.length(1);
      expect(fatal[0]?.code).to.be.oneOf(['DECIDED_BLOCK_INVALID', 'WORKER_DIED']);
      expect(error.code).to.be.oneOf(['DECIDED_BLOCK_INVALID', 'HOST_EXCEPTION']);
      expect(restarts).to.deep.equal([]);
      expect((await rejectionOf(chain.executor.blockHash(0))).code).to.equal('WORKER_DIED');
    });
  }

  for (const method of POISONS) {
    it(`answers who tried it, and goes on (${method})`, async () => {
      const bad = poison(method);
      const error = await rejectionOf(chain.executor.simulate({ bytes: bad.bytes, timestamp: chain.timestamp }));
      expect(error.code).to.equal('HOST_EXCEPTION');
      expect(fatal).to.deep.equal([]);
      await chain.settle([network.payment('P-1')]);
      const good = await chain.executor.simulate({ bytes: network.payment('P-2').bytes, timestamp: chain.timestamp });
      expect(good.receipt.success).to.equal(true);
    });
  }

  it('tries none for a while once three have ended its thread, and settles on', async () => {
    const request = { bytes: poison('vanish').bytes, timestamp: chain.timestamp };
    for (let times = 0; times < 3; times++) {
      expect((await rejectionOf(chain.executor.simulate(request))).code).to.equal('HOST_EXCEPTION');
    }
    expect((await rejectionOf(chain.executor.simulate(request))).code).to.equal('SIMULATIONS_SUSPENDED');
    expect(restarts).to.have.length(3);
    expect(fatal).to.deep.equal([]);
    await chain.settle([network.payment('P-1')]);
  });

  it('leaves out one after the other, in one build', async () => {
    const [good, ...bad] = [network.payment('P-1'), poison('vanish'), poison('overflow'), poison('exhaust')];
    const { block, leftOut } = await chain.build([...bad, good]);
    expect(block.transactions).to.deep.equal([good.bytes]);
    expect(leftOut.map(({ id }) => toHex(id)).sort()).to.deep.equal(bad.map(({ id }) => toHex(id)).sort());
  });

  it('names all that broke one build, also where it is given up before it has tried them all', async () => {
    const bad = [poison('vanish'), poison('vanish'), poison('vanish'), poison('vanish'), network.payment('P-1')];
    const { block, leftOut } = await chain.build(bad);
    expect(block.transactions).to.deep.equal([]);
    const ids = bad.slice(0, 4).map(({ id }) => toHex(id));
    expect(leftOut.map(({ id }) => toHex(id)).sort()).to.deep.equal(ids.sort());
    expect(leftOut.every(({ code, retry }) => code === 'HOST_EXCEPTION' && !retry)).to.equal(true);
  });

  it('tries once what somebody else is about to propose, and knows the block where nothing breaks it', async () => {
    const [good, bad] = [network.payment('P-1'), [poison('vanish'), poison('overflow'), poison('vanish')]];
    const request = chain.request([good]);
    const broken = await chain.executor.rehearse({
      ...request,
      transactions: [...bad, good].map(({ bytes }) => bytes),
    });
    expect(broken).to.deep.equal({ blockHash: undefined, poisonous: [bad[0]?.id] });
    expect(restarts).to.have.length(1);
    const { block, blockHash } = await chain.executor.build(request);
    expect(await chain.executor.rehearse(request)).to.deep.equal({ blockHash, poisonous: [] });
    await chain.commit(block);
    expect(fatal).to.deep.equal([]);
  });

  it('builds an empty block where nobody is to blame', async () => {
    const many = Array.from({ length: 6 }, (_, index) => network.payment(`P-${index}`));
    const { block, leftOut } = await chain.build(many);
    expect(block.transactions).to.deep.equal([]);
    expect(leftOut).to.deep.equal([]);
    expect(restarts.map(({ transactionIds }) => transactionIds)).to.deep.equal([[]]);
    await chain.commit(block);
  });

  it('stops the node when that happens too often', async () => {
    const fragile = await started({ restarts: { count: 2, windowMs: 600_000 } });
    for (let i = 0; i < 2; i++) await fragile.build([poison('vanish')]);
    const error = await rejectionOf(fragile.build([poison('vanish')]));
    expect(error.code).to.equal('WORKER_DIED');
    expect(fatal.map(({ code }) => code)).to.deep.equal(['EXECUTOR_UNSTABLE']);
    expect(restarts).to.have.length(2);
  });

  it('stops the node when the thread ends while it has nothing to do', async () => {
    await chain.executor.blockHash(Number.MAX_SAFE_INTEGER);
    while (fatal.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(fatal.map(({ code }) => code)).to.deep.equal(['WORKER_DIED']);
    expect(restarts).to.deep.equal([]);
  });
});
