import { expect } from 'chai';
import { decodeMessage, encodeMessage, type OutlineMessage } from '../../../consensus/messageCodec.js';
import { leafHash } from '../../../node/engine/blockBody.js';
import { systemTimers } from '../../../node/engine/timers.js';
import type { BuildRequest } from '../../../node/execution/types.js';
import { equalBytes } from '../../../primitives/bytes.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { DecodedTransaction } from '../../../primitives/types.js';
import { Cluster, until } from './support/cluster.js';

const BYTES = utf8Encode('a transaction that waits');
/** A machine that is busy takes no block for a slow one. */
const SLOW_ROUNDS = { roundTimeoutBaseMs: 20_000, roundTimeoutCapMs: 20_000 };
const WAITING = { bytes: BYTES, id: sha256(BYTES), leafHash: leafHash(BYTES) } as unknown as DecodedTransaction;

describe('an engine that is told what is about to be proposed', function () {
  this.timeout(30_000);
  let cluster: Cluster;
  let rehearsed: BuildRequest[];
  afterEach(() => cluster.close());

  /** Four validators, of which the first notes what it would execute ahead. */
  async function start(observers = 0): Promise<void> {
    cluster = await Cluster.started({ observers });
    rehearsed = [];
    const { executor, mempool } = cluster.node(0);
    const others = mempool.byLeafHash.bind(mempool);
    mempool.byLeafHash = (leaf) => (equalBytes(leaf, WAITING.leafHash) ? WAITING : others(leaf));
    Object.assign(executor, {
      rehearse: async (request: BuildRequest) => {
        rehearsed.push(request);
        return { blockHash: undefined, poisonous: [] };
      },
    });
  }

  function tell(from: string, height: number, round = 0): void {
    const of = { parentHash: new Uint8Array(32), timestamp: systemTimers.now(), maxBytes: 1, maxFuel: 1, leads: [] };
    const outline: OutlineMessage = { type: 'outline', height, round, ...of, leafHashes: [WAITING.leafHash] };
    cluster.bus.member('v0')?.handlers.onConsensus(from, encodeMessage(outline));
  }

  async function followed(): Promise<number> {
    // Each turn hands one message on.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    return rehearsed.length;
  }

  it('follows the node of the leader of its own round, and no other validator, observer or round', async () => {
    await start(1);
    for (const other of ['v2', 'v3', 'o0', 'a stranger']) tell(other, 1);
    tell('v2', 1, 1);
    tell('v1', 0);
    tell('v3', 3);
    expect(await followed()).to.equal(0);
    tell('v1', 1);
    expect(await followed()).to.equal(1);
    expect(rehearsed[0]).to.deep.include({ height: 1, proposer: cluster.keys[1]?.address, transactions: [BYTES] });
    expect(cluster.bus.penalised).to.deep.equal([]);
  });

  it('keeps one of the leader of the next height, and of nobody else, until that begins', async () => {
    await start();
    tell('v3', 2);
    tell('v2', 2);
    tell('v3', 2);
    tell('v2', 2, 1);
    expect(await followed()).to.equal(0);
    cluster.submit('payment');
    await until('the next height begins', () => cluster.height(cluster.node(0)) === 1);
    await until('it is followed', () => rehearsed.some(({ height }) => height === 2));
    expect(rehearsed.filter(({ height }) => height === 2).map(({ proposer }) => proposer)).to.deep.equal([
      cluster.keys[2]?.address,
    ]);
  });

  it('says what it builds of what is large to every validator, and to no observer', async () => {
    cluster = await Cluster.started({ observers: 1, limits: { outlineBytes: 1 } });
    rehearsed = [];
    const told: string[] = [];
    cluster.bus.filter = (from, to, bytes) => {
      if (decodeMessage(bytes).type === 'outline') told.push(`${from} ${to}`);
      return true;
    };
    for (const { executor } of cluster.nodes) {
      Object.assign(executor, { rehearse: async () => ({ blockHash: undefined, poisonous: [] }) });
    }
    cluster.submit('payment');
    await until('it is final', () => cluster.nodes.every((node) => cluster.includes(node, 'payment')));
    expect(told.slice(0, 3).sort()).to.deep.equal(['v1 v0', 'v1 v2', 'v1 v3']);
    expect(told.filter((way) => way.endsWith('o0'))).to.deep.equal([]);
  });

  it('says what its block may hold, by what the blocks before it had and took', async () => {
    cluster = await Cluster.started({
      limits: { outlineBytes: 1 },
      parameters: { ...SLOW_ROUNDS, maxBlockFuel: 8_000_000 },
    });
    const { maxTransactionFuel } = cluster.node(0).executor.head().parameters;
    const fuels = new Map<number, number>();
    cluster.bus.filter = (_from, _to, bytes) => {
      const message = decodeMessage(bytes);
      if (message.type === 'outline') fuels.set(message.height, message.maxFuel);
      return true;
    };
    for (const { executor } of cluster.nodes) {
      const commit = executor.commit.bind(executor);
      Object.assign(executor, {
        rehearse: async () => ({ blockHash: undefined, poisonous: [] }),
        commit: async (...block: Parameters<typeof commit>) => {
          const { included, ...result } = await commit(...block);
          return { ...result, included: included.map((each) => ({ ...each, fuelUsed: 2 * maxTransactionFuel })) };
        },
      });
    }
    for (const name of ['one', 'two']) {
      cluster.submit(name);
      await until('it is final', () => cluster.nodes.every((node) => cluster.includes(node, name)));
    }
    expect([...fuels.values()]).to.deep.equal([2 * maxTransactionFuel, 3 * maxTransactionFuel]);
  });
});
