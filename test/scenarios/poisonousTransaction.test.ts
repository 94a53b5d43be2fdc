import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cash } from '../../contracts/index.js';
import { ExecutorClient } from '../../node/execution/executorClient.js';
import type { Executor } from '../../node/execution/types.js';
import { type Hash, toHex } from '../../primitives/bytes.js';
import { EngineNetwork, type EngineNode, VALIDATORS } from '../support/engineNetwork.js';
import { labCall } from '../support/labContract.js';
import { rejectionOf } from '../support/rejection.js';
import { callOf, KEYS, TODAY } from '../support/settlementNetwork.js';
import { until } from '../unit/engine/support/cluster.js';

const WORKER = new URL('../support/poisonWorker.js', import.meta.url);
const HARMLESS_WORKER = new URL('../support/harmlessWorker.js', import.meta.url);

/**
 * Trap: a transaction on which executors run out of stack or memory. Every node that builds or executes a block with it
 * dies, and does so again when it starts again: one payment stops the network.
 *
 * Closed by PROTOCOL §Running a transaction R3: what breaks an executor is never a result; the block is refused, the executor
 * begins anew at the last commit, and the transaction is kept out of own proposals.
 *
 * Real threads die of it, over real databases; only the network between the nodes is in memory.
 */
describe('a poisonous transaction in a network whose executors are threads', function () {
  this.timeout(120_000);
  let network: EngineNetwork;
  let nodes: EngineNode[];
  let restarts: string[][];

  /** @param immune index of a validator on which the poison does no harm: it proposes what the others cannot execute */
  async function start(immune?: number): Promise<void> {
    restarts = VALIDATORS.map(() => []);
    let made = 0;
    network = new EngineNetwork(
      await mkdtemp(join(tmpdir(), 'vostro-poison-')),
      (genesis, databasePath, onFatal): Executor => {
        const index = made++;
        return new ExecutorClient({
          genesis,
          databasePath,
          onFatal,
          onRestart: ({ transactionIds }) => restarts[index]?.push(...transactionIds.map(toHex)),
          maxHeapMb: 96,
          workerUrl: index === immune ? HARMLESS_WORKER : WORKER,
        });
      },
    );
    for (const [bic, key] of VALIDATORS) await network.createJournal(bic, key);
    nodes = [];
    for (const [bic, key] of VALIDATORS) nodes.push(await network.start(bic, key));
    const day = callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: TODAY });
    await network.settle(nodes[0] as EngineNode, KEYS.central, [day]);
  }
  afterEach(() => network.close());

  for (const method of ['overflow', 'exhaust']) {
    it(`stops nobody: leaders leave it out, and all that is good is settled (${method})`, async () => {
      await start();
      const poison = await spread(method);
      await settleSome();
      for (const [index, { mempool, engine }] of nodes.entries()) {
        expect(engine.status().mode).to.equal('validating');
        const holds = mempool.findQuarantined([poison.bytes]) !== undefined;
        expect(holds, `${index} has met it`).to.equal(restarts[index]?.includes(toHex(poison.id)));
      }
      expect(restarts.flat(), 'somebody has').to.include(toHex(poison.id));
      for (const met of restarts) expect(met.length, 'in a proposal and a build').to.be.at.most(2);
    });
  }

  it('is refused where a leader proposes it all the same, and the next round goes on without it', async () => {
    await start(0);
    const poison = await spread('exhaust');
    await settleSome();
    const record = await nodes[1]?.executor.receipt(poison.id);
    expect(record, 'nobody decided it').to.equal(undefined);
    for (const [index, met] of restarts.entries()) {
      // A build that had begun when the proposal was refused may meet it once more.
      expect([...new Set(met)]).to.deep.equal(index === 0 ? [] : [toHex(poison.id)]);
      expect(met.length).to.be.at.most(2);
      const again = nodes[index]?.mempool.admit(poison.bytes) ?? Promise.resolve();
      if (index > 0) expect((await rejectionOf(again)).code).to.equal('TRANSACTION_QUARANTINED');
    }
  });

  /** Gives it to everybody, as a client that sends it everywhere. */
  async function spread(method: string): Promise<{ readonly id: Hash; readonly bytes: Uint8Array }> {
    const poison = network.transaction(KEYS.beta, [labCall('poison', method)]);
    for (const { mempool } of nodes) await mempool.admit(poison.bytes);
    return poison;
  }

  /** Enough heights for everybody's turn. */
  async function settleSome(): Promise<void> {
    const [first] = nodes as [EngineNode];
    const before = first.executor.head().header.height;
    for (let i = 0; i < 8; i++) {
      const issue = { currency: 'EUR', account: KEYS.alfa.address, amount: 1n, reserveReference: `R-${i}` };
      await network.settle(nodes[i % 4] as EngineNode, KEYS.central, [callOf(cash.methods.issue, issue)]);
    }
    await until('heights pass', () => first.executor.head().header.height >= before + 8);
  }
});
