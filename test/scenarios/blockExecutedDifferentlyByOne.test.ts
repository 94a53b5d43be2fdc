import { expect } from 'chai';
import { InvariantError } from '../../primitives/errors.js';
import { Cluster, type ClusterNode, until } from '../unit/engine/support/cluster.js';
import { VoteWatch } from './support/voteWatch.js';

/**
 * Trap: one node computes another result than the others: a bug, another version, a bit that flipped in memory. If it
 * prepares what it cannot reproduce, or follows a decision that it computes differently, it serves wrong balances.
 *
 * Closed by PROTOCOL §Consensus rule 2: a Prepare only for what executed here to the roots of the header; and Safety, Validity: a
 * node that does not reach the roots of a decided block stops.
 */
describe('a block that one node executes differently', function () {
  this.timeout(30_000);
  let cluster: Cluster;
  let watch: VoteWatch;
  afterEach(() => cluster.close());

  async function start(): Promise<{ readonly odd: ClusterNode; readonly others: readonly ClusterNode[] }> {
    cluster = await Cluster.started({ parameters: { roundTimeoutBaseMs: 250, roundTimeoutCapMs: 2_000 } });
    watch = new VoteWatch();
    cluster.bus.filter = (from, _, bytes) => {
      watch.note(from, bytes);
      return true;
    };
    await settle('before', cluster.nodes);
    const odd = cluster.node(3);
    return { odd, others: cluster.nodes.filter((node) => node !== odd) };
  }

  async function settle(text: string, nodes: readonly ClusterNode[]): Promise<void> {
    cluster.submit(text);
    await until(`${text} is final`, () => nodes.every((node) => cluster.includes(node, text)));
  }

  it('gets no Prepare of it, and is decided by the others', async () => {
    const { odd, others } = await start();
    odd.executor.fault = () => ({ valid: false, code: 'STATE_ROOT_MISMATCH', message: 'another state here' });
    watch.forgetHeightsOf(odd.peerId);
    await settle('payment', others);
    expect(watch.heightsOf(odd.peerId)).to.not.include(2);
    // The fault was of its execution, not of its disk: what is decided it can still write.
    await until('it follows', () => cluster.includes(odd, 'payment'));
  });

  it('stops that node when it is decided and does not hold there, and nobody else', async () => {
    const { odd, others } = await start();
    odd.executor.commit = async () => {
      throw new InvariantError('a decided block has another state root here');
    };
    await settle('payment', others);
    await until('it has stopped', () => odd.engine?.status().mode === 'stopped');
    expect(odd.fatal).to.have.length(1);
    expect(cluster.height(odd), 'it has written nothing').to.equal(1);
    watch.forgetHeightsOf(odd.peerId);
    await settle('without it', others);
    expect(watch.heightsOf(odd.peerId), 'it says nothing any more').to.deep.equal([]);
    // Repaired, it comes back and has the same chain.
    odd.fatal.length = 0;
    await cluster.stop(odd);
    await cluster.start(odd);
    await settle('after', cluster.nodes);
  });
});
