import { expect } from 'chai';
import { both, kinds, Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/**
 * Trap: the Commits of a round arrive when their receiver has already left it. If they no longer count, a height that
 * others have decided stays open here, and the one that sees them last may be the one that is needed.
 *
 * Closed by PROTOCOL §Consensus rule 4: q Commits of whatever round decide; and rule 8: the newest Commit is said again in every
 * later round.
 */
describe('Commits of a round that is over', () => {
  it('decide at a validator that has left the round', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare'));
    const commitsTo3 = both(kinds('commit'), ({ to }) => to === 3);
    script.deliver(both(kinds('commit'), ({ to }) => to !== 3));
    script.fire(3);
    expect(script.round(3)).to.equal(1);
    script.deliver(commitsTo3);
    expectOneBlock(script, [0, 1, 2, 3]);
    expect(script.node(3).disk.chain[0]?.certificate.round).to.equal(0);
  });

  it('are said again in later rounds, so that the round in which they were said still decides', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare')).lose();
    for (const number of [0, 1, 2, 3]) script.fire(number);
    script.lose().heal().deliver(kinds('commit'));
    expect(script.node(3).disk.chain[0]?.certificate.round).to.equal(0);
    expectOneBlock(script, [0, 1, 2, 3]);
  });

  it('of two rounds do not add up', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare'));
    // Validator 3 has its own Commit of round 0 and that of validator 0.
    script.deliver(both(kinds('commit'), ({ from, to }) => from === 0 && to === 3)).lose();
    for (const number of [0, 1, 2, 3]) script.fire(number);
    script.deliver(both(kinds('roundChange', 'proposal', 'bodyRequest', 'bodyAnswer', 'prepare')));
    // Round 1 proposes the same block again: one Commit of round 1 arrives, by validator 1.
    script.deliver(both(kinds('commit'), ({ from, to }) => from === 1 && to === 3));
    expect(script.decided(3), 'two Commits of round 0, two of round 1').to.equal(undefined);
    script.deliver();
    expectOneBlock(script, [0, 1, 2, 3]);
  });
});
