import { expect } from 'chai';
import { runCatchUpBench } from '../../../bench/catchUp/catchUpBench.js';

describe('an empty node beside four validators of a long chain', function () {
  // Five processes start, on a machine that may be busy.
  this.timeout(240_000);

  it('catches up while they settle payments, and ends with their state', async () => {
    const options = { blocks: 600, paymentsPerBlock: 2, rate: 10, json: false };
    const { height, before, during, stateRoot } = await runCatchUpBench(options, () => undefined);
    expect(height).to.be.above(600);
    expect(before.proven).to.equal(before.offered);
    expect(during.proven).to.equal(during.offered);
    expect(stateRoot).to.match(/^0x[0-9a-f]{64}$/);
  });
});
