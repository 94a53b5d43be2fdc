import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readKeyUseNotice, releaseKey } from '../../node/engine/keyUseNotice.js';
import { rejectionOf } from '../support/rejection.js';
import { Cluster, type ClusterNode, until } from '../unit/engine/support/cluster.js';

const PARAMETERS = { minBlockIntervalMs: 0, roundTimeoutBaseMs: 300 };

/**
 * Trap: one validator key on two machines, both with a journal: neither can know of the other, and what they sign together
 * no journal keeps apart.
 *
 * Closed by PROTOCOL §Journal J8: whoever sees a vote of its own key that it did not give stops.
 */
describe('a validator that has a twin', function () {
  this.timeout(60_000);
  let cluster: Cluster;

  beforeEach(async () => {
    cluster = await Cluster.started({ parameters: PARAMETERS });
    await settle('before', cluster.nodes);
  });
  afterEach(() => cluster.close());

  async function settle(text: string, nodes: readonly ClusterNode[]): Promise<void> {
    cluster.submit(text, nodes);
    await until(`${text} is decided`, () => nodes.every((node) => cluster.includes(node, text)));
  }

  it('stops itself, does not start again by itself, and is safe again when its operator says that it is alone', async () => {
    const [first, second, third, original] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode, ClusterNode];
    await cluster.stop(original);
    const home = `${original.home}-copy`;
    await cp(original.home, home, { recursive: true });
    const twin: ClusterNode = { ...original, home, store: { blocks: [...original.store.blocks] }, fatal: [] };
    await cluster.start(original);

    // The original loses its cable, and somebody starts the copy: without it the others are too few.
    const cable = cluster.bus.member('v3');
    cluster.bus.leave('v3');
    await cluster.stop(third);
    await cluster.start(twin);
    await settle('with the twin', [first, second, twin]);
    expect(original.fatal).to.deep.equal([]);

    // The original comes back and fetches blocks that its own key has signed.
    await cluster.stop(twin);
    if (cable !== undefined) cluster.bus.join('v3', cable);
    await until('the original has stopped', () => original.fatal.length > 0);
    const [error] = original.fatal.splice(0);
    expect(error).to.include({ code: 'KEY_USED_ELSEWHERE' });
    const directory = join(original.home, 'journal');
    expect(await readKeyUseNotice(directory)).to.contain('"height"');
    await cluster.stop(original);

    expect((await rejectionOf(cluster.start(original))).code).to.equal('KEY_USED_ELSEWHERE');
    await releaseKey(directory);
    await cluster.start(third);
    const again = await cluster.start(original);
    expect(again.status().mode).to.equal('recovering');
    for (let i = 0; i < 4; i++) await settle(`alone ${i}`, [first, second, third]);
    await until('it signs', () => again.status().consensus?.isSigning === true);
    await cluster.stop(third);
    await settle('needs it', [first, second, original]);
  });

  it('says nothing of its own votes that come back to it, whenever they do', async () => {
    const node = cluster.node(3);
    const sent: Uint8Array[] = [];
    cluster.bus.filter = (from, _to, bytes) => {
      if (from === 'v3') sent.push(bytes);
      return true;
    };
    const echo = async (): Promise<void> => {
      for (const bytes of sent) cluster.bus.member('v3')?.handlers.onConsensus('v0', bytes.slice());
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    for (let i = 0; i < 4; i++) {
      await settle(`payment ${i}`, cluster.nodes);
      await echo();
    }
    for (let i = 0; i < 2; i++) {
      await cluster.stop(node);
      await cluster.start(node);
      await echo();
      await settle(`after restart ${i}`, cluster.nodes);
      await echo();
    }
    expect(sent.length).to.be.greaterThan(10);
    expect(node.fatal).to.deep.equal([]);
  });
});
