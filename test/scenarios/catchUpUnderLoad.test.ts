import { expect } from 'chai';
import { Cluster, type ClusterNode, until } from '../unit/engine/support/cluster.js';
import { VoteWatch } from './support/voteWatch.js';

const SHORT_ROUNDS = { roundTimeoutBaseMs: 250, roundTimeoutCapMs: 2_000 };

describe('a node that is behind', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  afterEach(() => cluster.close());

  async function settle(text: string, nodes: readonly ClusterNode[] = cluster.nodes): Promise<void> {
    cluster.submit(text);
    await until(`${text} is final`, () => nodes.every((node) => cluster.includes(node, text)));
  }

  /**
   * Trap: a validator was cut off, and the others go on settling while it fetches what it missed. The chain runs ahead of
   * it, or it signs for heights that are long decided.
   *
   * Closed by PROTOCOL §Consensus rule 8: a message of a later height makes it ask for blocks; §Network, What is asked: blocks come
   * in ranges, each proven by its certificate.
   */
  it('catches up while the others settle, and decides with them again', async () => {
    cluster = await Cluster.started({ parameters: SHORT_ROUNDS });
    const node = cluster.node(3);
    await settle('before');
    cluster.bus.cut(node.peerId);
    const others = cluster.nodes.slice(0, 3);
    for (let i = 0; i < 12; i++) await settle(`early ${i}`, others);
    const load = (async () => {
      for (let i = 0; i < 15; i++) await settle(`late ${i}`, others);
    })();
    cluster.bus.heal(node.peerId);
    await load;
    await settle('last');
    // It is needed again: without another one, three decide.
    await cluster.stop(cluster.node(0));
    await settle('with it', [cluster.node(1), cluster.node(2), node]);
  });

  /**
   * Trap: a validator joins that has never been there: a new key, an empty chain, and a network that has long been running.
   * It must not speak for heights that it has not reached.
   *
   * Closed by the same rules; and §Consensus, Terms: it works at the height after its newest committed block.
   */
  it('joins with an empty chain, signs nothing for heights that are decided, and is one of the quorum then', async () => {
    cluster = await Cluster.create({ parameters: SHORT_ROUNDS, observers: 1 });
    const [joiner, observer] = [cluster.node(3), cluster.node(4)];
    const others = cluster.nodes.slice(0, 3);
    for (const node of others) await cluster.start(node);
    for (let i = 0; i < 25; i++) await settle(`payment ${i}`, others);
    const watch = new VoteWatch();
    cluster.bus.filter = (from, _, bytes) => {
      watch.note(from, bytes);
      return true;
    };
    await Promise.all([cluster.start(joiner), cluster.start(observer)]);
    await until('both have caught up', () => [joiner, observer].every((node) => cluster.height(node) >= 25));
    await settle('after');
    const blockVotes = watch.heightsOf(joiner.peerId);
    expect(blockVotes.filter((height) => height > 1 && height <= 25)).to.deep.equal([]);
    expect(watch.heightsOf(observer.peerId), 'an observer signs nothing').to.deep.equal([]);
    await cluster.stop(cluster.node(1));
    await settle('with it', [cluster.node(0), cluster.node(2), joiner, observer]);
  });

  /**
   * Trap: whoever is behind is told lies by the first peer that it asks.
   *
   * Closed by PROTOCOL §Network, What is asked: a fetched block counts when its certificate holds; another peer is asked.
   */
  it('takes nothing from a liar and reaches the head all the same', async () => {
    cluster = await Cluster.create({ parameters: SHORT_ROUNDS });
    const joiner = cluster.node(3);
    const others = cluster.nodes.slice(0, 3);
    for (const node of others) await cluster.start(node);
    for (let i = 0; i < 10; i++) await settle(`payment ${i}`, others);
    // Validator 0 serves its blocks under the certificates of others.
    const liar = cluster.node(0);
    const serve = liar.executor.blocks.bind(liar.executor);
    liar.executor.blocks = async (fromHeight, maxCount) => {
      const blocks = await serve(fromHeight, maxCount);
      return blocks.map(({ block }, index) => ({
        block,
        certificate: (blocks[index - 1] ?? blocks[0])?.certificate as never,
      }));
    };
    await cluster.start(joiner);
    await until('it has caught up', () => cluster.height(joiner) >= 10);
    await settle('after', [...others.slice(1), joiner]);
  });
});
