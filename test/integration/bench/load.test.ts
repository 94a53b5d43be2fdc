import { expect } from 'chai';
import { runLoadBench } from '../../../bench/load/loadBench.js';
import type { WindowReport } from '../../../bench/load/windowReport.js';

describe('a load on four validators', function () {
  // Five processes start, on a machine that may be busy.
  this.timeout(300_000);

  it('accounts for every payment that it offered, and for every latency', async () => {
    const { windows, idle, ledger, nodes } = await runLoadBench(
      {
        rate: 10,
        seconds: 2,
        warmUpSeconds: 1,
        boundSeconds: 1,
        repeats: 1,
        halfOfSaturation: false,
        validators: 4,
        delayMs: 0,
        dead: 0,
        accounts: 8,
        mix: 'uniform',
        modes: ['single', 'batch'],
        batchSize: 10,
        idlePayments: 3,
        signatureWorkers: 1,
        generators: 2,
        out: undefined,
        json: false,
      },
      () => undefined,
    );
    expect(nodes).to.equal(4);
    expect(idle).to.include({ offered: 3, committed: 3 });
    expect(idle?.latency.count).to.equal(3);
    expect(windows.map(({ mode }) => mode)).to.deep.equal(['single', 'batch']);
    // Costs are read at the begin and the end of a window, in which a busy machine may not commit a block.
    const { blockCost, nodeCost } = idle as WindowReport;
    expect(nodeCost.networkSentBytes).to.be.greaterThan(0);
    expect(blockCost.blocks).to.be.greaterThan(0);
    // Each block is one batch in every node's database, and no vote leaves before the journal is on the disk.
    expect(blockCost.syncs['chain']).to.be.closeTo(1, 0.1);
    expect(blockCost.syncs['journal']).to.be.greaterThan(1);
    expect(Object.keys(blockCost.sent)).to.include.members(['proposal', 'prepare', 'commit']);
    expect(blockCost.sentBytes).to.be.greaterThan(0);
    const [single, batch] = windows;
    expect(single).to.deep.include({ offered: 20, committed: 20, unknown: 0, refused: {} });
    expect(single?.latency.count).to.equal(20);
    expect(batch).to.deep.include({ offered: 20, committed: 20, unknown: 0, refused: {} });
    expect(batch?.latency.count).to.equal(2);
    expect(ledger).to.deep.include({ askedAccounts: 8, summedAccounts: 8, isEachProven: true, held: ledger.issued });
  });
});
