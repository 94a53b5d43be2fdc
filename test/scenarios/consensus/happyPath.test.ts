import { expect } from 'chai';
import { indices } from '../../simulation/fixture.js';
import { Script } from '../../simulation/script.js';

describe('a network in which nothing goes wrong', () => {
  for (const validatorCount of [1, 4, 7]) {
    it(`decides each height in round 0 with one proposal, ${validatorCount} validators`, () => {
      const script = new Script({ validatorCount }).startAll();
      for (let height = 1; height <= 5; height++) {
        script.passInterval().deliver();
        const hashes = new Set(indices(validatorCount).map((number) => script.decided(number, height)));
        expect(hashes.size, `one block at height ${height}`).to.equal(1);
        expect([...hashes][0], `a block at height ${height}`).to.be.a('string');
        const block = script.node(0).disk.chain[height - 1];
        expect(block?.certificate.round).to.equal(0);
        expect(block?.body.header.proposer).to.equal(script.node(height % validatorCount).config.address);
      }
      expect(script.checker.violations).to.deep.equal([]);
    });
  }

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

  it('proposes an empty block when the heartbeat is due and there is no work', () => {
    const script = new Script();
    for (const node of script.nodes) node.isWorkPending = false;
    script.startAll().passInterval().deliver();
    expect(script.decided(0)).to.equal(undefined);
    expect(script.hasTimer(0), 'nothing to agree on, nothing to wait for').to.equal(false);
    script.fire(1, 'heartbeat').deliver();
    expect(indices(4).map((number) => script.decided(number))).to.not.include(undefined);
  });
});
