import { expect } from 'chai';
import { runInterestBench } from '../../../bench/interest/interestBench.js';
import { readInterestOptions } from '../../../bench/options.js';

describe('interest on a register, in one executor', function () {
  this.timeout(300_000);

  // The run itself compares each ledger with sums worked out apart, and ends without a figure where they differ.
  for (const changed of ['0', '50']) {
    it(`is what was worked out apart where ${changed} % of the holdings have changed`, async () => {
      const size = ['--instruments', '2', '--holders', '300', '--changed', changed];
      const report = await runInterestBench(readInterestOptions([...size, '--single']), () => undefined);
      expect(report).to.include({ notes: 600, changed: Number(changed), network: undefined });
      expect(BigInt(report.interest) > 0n).to.equal(true);
      expect(report.oneNode.notesPerSecond).to.be.greaterThan(0);
    });
  }
});
