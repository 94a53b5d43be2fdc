import { expect } from 'chai';
import { Script } from './protocol/script.js';

/** No trap: what a height costs on a good day, so that a cure for one of the others does not make every day a bad one. */
describe('a network in which nothing goes wrong', () => {
  it('sends one Proposal, the body where it is missing, and a Prepare and a Commit of each validator', () => {
    const script = new Script().startAll();
    const counts = new Map<string, number>();
    script.passInterval().deliver((flight) => {
      counts.set(flight.what, (counts.get(flight.what) ?? 0) + 1);
      return true;
    });
    // To three others each.
    expect(Object.fromEntries(counts)).to.deep.equal({
      proposal: 3,
      bodyRequest: 3,
      bodyAnswer: 3,
      prepare: 12,
      commit: 12,
    });
  });

  it('waits for the least interval between blocks, and then proposes at once where there is work', () => {
    const script = new Script().startAll();
    expect(script.flights()).to.deep.equal([]);
    script.passInterval(1);
    expect(script.flights().map(({ what, from }) => `${what} of ${from}`)).to.include('proposal of 1');
  });
});
