import { expect } from 'chai';
import { StandardDifferential } from '../../support/sandbox/standardDifferential.js';

/** More with `npm run determinism -- standard`. */
const TRANSACTIONS = 500;

describe('the standard contracts in the sandbox', () => {
  it('do what they do natively, transaction for transaction: results, failures, writes, events, outcomes, used references', async function () {
    this.timeout(60_000);
    const differential = await StandardDifferential.create(1);
    const { succeeded, codes, events } = differential.run(TRANSACTIONS);
    expect(succeeded).to.be.above(TRANSACTIONS / 5);
    expect(codes.size, [...codes.keys()].join(' ')).to.be.above(20);
    expect(events.size, [...events].join(' ')).to.be.above(15);
  });
});
