import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Cluster, until } from '../unit/engine/support/cluster.js';
import { VoteWatch } from './support/voteWatch.js';

/**
 * Trap: more journals are lost at once than a quorum can spare. The others are too few to say how far the keys have signed;
 * if those who lost theirs believe each other, they sign again for a height that one of them may have decided.
 *
 * Closed by PROTOCOL §Consensus, Journal J7: q others tell their heights, none of whom is under recovery himself; while they
 * cannot be reached, the validator waits. The network stands still rather than guess.
 */
describe('two of four validators that have lost their journals', function () {
  this.timeout(30_000);
  let cluster: Cluster;
  afterEach(() => cluster.close());

  it('wait, sign nothing, and the network with them', async () => {
    cluster = await Cluster.started({ parameters: { roundTimeoutBaseMs: 250, roundTimeoutCapMs: 2_000 } });
    const watch = new VoteWatch();
    cluster.bus.filter = (from, _, bytes) => {
      watch.note(from, bytes);
      return true;
    };
    cluster.submit('before');
    await until('it is final', () => cluster.nodes.every((node) => cluster.includes(node, 'before')));
    for (const node of cluster.nodes) await cluster.stop(node);
    const lost = [cluster.node(2), cluster.node(3)];
    for (const { home, peerId } of lost) {
      await rm(join(home, 'journal'), { recursive: true });
      watch.forgetHeightsOf(peerId);
    }
    for (const node of cluster.nodes) await cluster.start(node);
    cluster.submit('after');
    await until(
      'the others ask for a block',
      () => watch.heightsOf('v0').includes(2) && watch.heightsOf('v1').includes(2),
    );
    // Time for several rounds of questions.
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const node of lost) {
      expect(node.engine?.status().mode).to.equal('recovering');
      expect(watch.heightsOf(node.peerId)).to.deep.equal([]);
    }
    expect(cluster.nodes.map((node) => cluster.height(node))).to.deep.equal([1, 1, 1, 1]);
    expect(watch.conflicts).to.deep.equal([]);
  });
});
