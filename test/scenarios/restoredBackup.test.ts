import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Cluster, type ClusterNode, until } from '../unit/engine/support/cluster.js';
import { VoteWatch } from './support/voteWatch.js';

/**
 * Trap: a validator is restored from a backup, its journal with it. The journal is whole and old: it binds the key to what
 * it had signed then, and says nothing of the votes since, for a height that is still open.
 *
 * Closed by PROTOCOL §Consensus, Journal J7: a journal that is older than its key's last use is known as such, by the marker
 * that no backup holds, and is replaced only above what the others tell.
 */
describe('a validator that is restored from a backup', function () {
  this.timeout(30_000);
  let cluster: Cluster;
  afterEach(() => cluster.close());

  async function settle(text: string, nodes: readonly ClusterNode[] = cluster.nodes): Promise<void> {
    cluster.submit(text);
    await until(`${text} is final`, () => nodes.every((node) => cluster.includes(node, text)));
  }

  it('signs at no height at which it may have signed since', async () => {
    cluster = await Cluster.started({ parameters: { roundTimeoutBaseMs: 250, roundTimeoutCapMs: 2_000 } });
    const watch = new VoteWatch();
    let isStopped = false;
    cluster.bus.filter = (from, _, bytes) => {
      watch.note(from, bytes);
      return !isStopped;
    };
    const node = cluster.node(3);
    const [journal, backup] = [join(node.home, 'journal'), join(node.home, 'backup')];
    await settle('before the backup');
    await cluster.stop(node);
    await cp(journal, backup, { recursive: true });
    await cluster.start(node);
    for (let i = 0; i < 2; i++) await settle(`since ${i}`);
    // Everybody has voted for the next height, and nobody has heard it.
    isStopped = true;
    cluster.submit('in flight');
    const open = cluster.height(node) + 1;
    await until('it has voted', () => watch.heightsOf(node.peerId).includes(open));
    await cluster.stop(node);
    await rm(journal, { recursive: true });
    await cp(backup, journal, { recursive: true });
    watch.forgetHeightsOf(node.peerId);
    await cluster.start(node);
    await until('it knows where it may sign again', () => node.engine?.status().mode === 'validating');
    isStopped = false;
    const others = cluster.nodes.filter((other) => other !== node);
    for (let i = 0; i < 6; i++) await settle(`after ${i}`, others);
    await until('it votes again', () => watch.heightsOf(node.peerId).length > 0);
    expect(Math.min(...watch.heightsOf(node.peerId))).to.be.at.least(open + 2);
    expect(watch.conflicts).to.deep.equal([]);
  });
});
