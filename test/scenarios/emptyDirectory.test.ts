import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { Cluster, type ClusterNode, until } from '../unit/engine/support/cluster.js';
import { VoteWatch } from './support/voteWatch.js';

const SHORT_ROUNDS = { roundTimeoutBaseMs: 250, roundTimeoutCapMs: 2_000 };

/**
 * Trap: a validator is started again from an empty directory, or from a backup without its journal. Its key has signed
 * Prepares and Commits of a height that is not decided yet; it knows nothing of them, and may sign others.
 *
 * Closed by PROTOCOL §Consensus, Journal: without a trusted record nothing is signed; q other validators tell their working
 * heights, and the new record is of two heights above the highest of them.
 */
describe('a validator that is started from an empty directory', function () {
  this.timeout(30_000);
  let cluster: Cluster;
  let watch: VoteWatch;
  afterEach(() => cluster.close());

  /** Three heights are decided; of the fourth everybody has signed a Commit that reached nobody. */
  async function beforeTheLoss(): Promise<{ readonly node: ClusterNode; readonly goOn: () => void }> {
    cluster = await Cluster.started({ parameters: SHORT_ROUNDS });
    watch = new VoteWatch();
    let isStopped = false;
    cluster.bus.filter = (from, to, bytes) => {
      watch.note(from, bytes);
      return !isStopped || from === to;
    };
    for (let i = 0; i < 3; i++) await settle(`payment ${i}`);
    isStopped = true;
    cluster.submit('in flight');
    const node = cluster.node(3);
    await until('it has voted for height 4', () => watch.heightsOf(node.peerId).includes(4));
    await cluster.stop(node);
    await rm(node.home, { recursive: true });
    node.store.blocks.length = 0;
    watch.forgetHeightsOf(node.peerId);
    const goOn = (): void => {
      isStopped = false;
    };
    return { node, goOn };
  }

  async function settle(text: string, nodes: readonly ClusterNode[] = cluster.nodes): Promise<void> {
    cluster.submit(text);
    await until(`${text} is final`, () => nodes.every((node) => cluster.includes(node, text)));
  }

  it('signs at no height at which it may have signed before', async () => {
    const { node, goOn } = await beforeTheLoss();
    const others = cluster.nodes.filter((other) => other !== node);
    const highest = 1 + Math.max(...others.map((other) => cluster.height(other)));
    await cluster.start(node);
    await until('it knows where it may sign again', () => node.engine?.status().mode === 'validating');
    goOn();
    for (let i = 0; i < 6; i++) await settle(`after ${i}`, others);
    await until('it votes again', () => watch.heightsOf(node.peerId).length > 0);
    expect(Math.min(...watch.heightsOf(node.peerId))).to.be.at.least(highest + 2);
    expect(watch.conflicts).to.deep.equal([]);
    await settle('last');
  });

  it('waits while too few others answer, and says that it does', async () => {
    const { node, goOn } = await beforeTheLoss();
    const away = cluster.node(0);
    goOn();
    await cluster.stop(away);
    await cluster.start(node);
    await until('it has the chain', () => cluster.height(node) >= 3);
    // Time for several rounds of questions.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(node.engine?.status().mode).to.equal('recovering');
    expect(watch.heightsOf(node.peerId)).to.deep.equal([]);
    await cluster.start(away);
    await until('it validates', () => node.engine?.status().mode === 'validating');
    for (let i = 0; i < 4; i++) await settle(`after ${i}`);
    expect(watch.conflicts).to.deep.equal([]);
  });
});
