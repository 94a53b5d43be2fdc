import { expect } from 'chai';
import { blockCost, describeBlockCost, parseCounters } from '../../../bench/network/nodeCounters.js';

const scrape = (scale: number): string =>
  `# HELP vostro_storage_syncs_total Times that the disk was waited for
vostro_storage_syncs_total{file="journal",node="a"} ${30 * scale}
vostro_storage_syncs_total{file="chain",node="a"} ${10 * scale}
vostro_engine_sent_messages_total{type="prepare",node="a"} ${30 * scale}
vostro_engine_sent_bytes_total{type="prepare",node="a"} ${3_000 * scale}
vostro_engine_sent_bytes_total{type="commit",node="a"} ${1_000 * scale}
vostro_engine_received_messages_total{type="commit",node="a"} ${25 * scale}
vostro_engine_received_bytes_total{type="commit",node="a"} ${2_500 * scale}
vostro_engine_committed_blocks_total{node="a"} ${10 * scale}
vostro_engine_height_count{node="a"} 7
`;

describe('what a block costs a node', () => {
  it('is what its counters grew by, for each block, by what was synced and sent', () => {
    const [before, after] = [parseCounters(scrape(1)), parseCounters(scrape(3))];
    const cost = blockCost([before, before], [after, after]);
    expect(cost).to.deep.equal({
      blocks: 20,
      syncs: { journal: 3, chain: 1 },
      sent: { prepare: 3 },
      received: { commit: 2.5 },
      sentBytes: 400,
      receivedBytes: 250,
    });
    expect(describeBlockCost(cost)).to.equal(
      'fsyncs 4.0 (journal 3.0, chain 1.0); consensus messages sent 3.0 (prepare 3.0), 400 bytes; ' +
        'received 2.5 (commit 2.5), 250 bytes; over 20 blocks',
    );
  });

  it('counts from nothing at a node that had counted nothing before', () => {
    expect(blockCost([new Map()], [parseCounters(scrape(1))]).syncs).to.deep.equal({ journal: 3, chain: 1 });
    expect(blockCost([], []).blocks).to.equal(0);
  });
});
