import { expect } from 'chai';
import { decodeMessage } from '../../../consensus/messageCodec.js';
import { Cluster, type ClusterNode, until } from './support/cluster.js';

const VOTES: ReadonlySet<string> = new Set(['proposal', 'prepare', 'commit', 'roundChange']);

describe('a validator that was away', function () {
  // A busy machine may take its time; nothing here depends on it.
  this.timeout(30_000);
  let cluster: Cluster;
  afterEach(() => cluster.close());

  it('signs nothing at heights that it fetches, and validates again after them', async () => {
    cluster = await Cluster.started({ parameters: { roundTimeoutBaseMs: 250, roundTimeoutCapMs: 2_000 } });
    const [away, ...others] = cluster.nodes as readonly [ClusterNode, ...ClusterNode[]];
    cluster.bus.cut(away.peerId);
    const from = cluster.height(away);
    for (let block = 1; block <= 12; block++) {
      cluster.submit(`while it is away ${block}`, others);
      await until(`block ${block} without it`, () => others.every((node) => cluster.height(node) >= from + block));
    }
    const to = Math.max(...others.map((node) => cluster.height(node)));
    const voted: number[] = [];
    cluster.bus.filter = (sender, _receiver, bytes) => {
      const message = decodeMessage(bytes);
      if (sender === away.peerId && 'height' in message && VOTES.has(message.type)) voted.push(message.height);
      return true;
    };
    cluster.bus.heal(away.peerId);
    await until('it is back', () => cluster.height(away) >= to);
    // At the height at which it was cut off it may have asked for another round before it knew.
    expect(voted.filter((height) => height > from + 1 && height <= to)).to.deep.equal([]);
    expect(away.engine?.status().sync.height).to.equal(cluster.height(away));
    cluster.submit('it votes again');
    await until('it votes again', () => voted.some((height) => height > to));
  });
});
