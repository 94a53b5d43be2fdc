import { expect } from 'chai';
import { runLoadBench } from '../../../bench/load/loadBench.js';

describe('a load on four validators', function () {
  // Five processes start, on a machine that may be busy.
  this.timeout(180_000);

  it('accounts for every payment that it offered, and for every latency', async () => {
    const { windows, idle, checkedAccounts, nodes } = await runLoadBench(
      {
        rate: 20,
        seconds: 2,
        accounts: 8,
        modes: ['single', 'batch'],
        batchSize: 10,
        idlePayments: 5,
        json: false,
      },
      () => undefined,
    );
    expect(nodes).to.equal(4);
    expect(idle).to.include({ offered: 5, committed: 5 });
    expect(idle.latency.count).to.equal(5);
    expect(windows.map(({ mode }) => mode)).to.deep.equal(['single', 'batch']);
    for (const { blockCost } of [idle, ...windows]) {
      expect(blockCost.blocks).to.be.greaterThan(0);
      // Each block is one batch in every node's database, and no vote leaves before the journal is on the disk.
      expect(blockCost.syncs['chain']).to.be.closeTo(1, 0.1);
      expect(blockCost.syncs['journal']).to.be.greaterThan(1);
      expect(Object.keys(blockCost.sent)).to.include.members(['proposal', 'prepare', 'commit']);
      expect(blockCost.sentBytes).to.be.greaterThan(0);
    }
    const [single, batch] = windows;
    expect(single).to.deep.include({ offered: 40, committed: 40, unknown: 0, refused: {} });
    expect(single?.latency.count).to.equal(40);
    expect(batch).to.deep.include({ offered: 40, committed: 40, unknown: 0, refused: {} });
    expect(batch?.latency.count).to.equal(4);
    expect(checkedAccounts).to.equal(8);
  });
});
