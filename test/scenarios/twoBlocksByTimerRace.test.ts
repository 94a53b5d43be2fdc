import { expect } from 'chai';
import { among, both, kinds, Script } from './protocol/script.js';
import { expectOneBlock, goOn } from './support/outcome.js';

/**
 * Trap: a timer runs out in the same moment in which something else is under way for its round: a block is being built,
 * executed or written, or a quorum has just decided. Two blocks of one height come into the world, or a validator signs
 * for a round or height that is over.
 *
 * Closed by PROTOCOL §Consensus rule 5: there is one timer, for one height and round, and a stale one counts for nothing; to enter
 * a round is to forget the block being built and the candidate; rule 2: the round is looked at again when an execution
 * ends; rule 4: nothing is signed for a height that is decided.
 */
describe('a timer that runs out in the middle of something', () => {
  it('of the leader while it builds: the block comes too late and is nobody’s', () => {
    const script = new Script().startAll().hold(1, 'build').passInterval();
    script.fire(1).lose();
    script.release(1, 'build');
    expect(script.flights(kinds('proposal')), 'validator 1 does not lead round 1').to.deep.equal([]);
    expect(script.node(1).disk.record.sent.proposal).to.equal(undefined);
    goOn(script, [0, 1, 2, 3]);
    expectOneBlock(script, [0, 1, 2, 3]);
    expect(script.nodes.flatMap(({ refusals }) => refusals)).to.not.include('NOT_LEADER');
  });

  it('of a single validator while it builds: its height gets one block', () => {
    const script = new Script({ validatorCount: 1 }).startAll().hold(0, 'build').passInterval().fire(0);
    script.release(0, 'build').deliver();
    expectOneBlock(script, [0]);
    expect(script.node(0).height).to.equal(1);
  });

  it('while the proposal executes: the result of the old round brings no Prepare', () => {
    const script = new Script().startAll().hold(2, 'execute').passInterval();
    script.deliver(both(kinds('proposal', 'bodyRequest', 'bodyAnswer'), among(1, 2))).lose();
    script.fire(2);
    const atRound1 = script.node(2).disk.record;
    script.release(2, 'execute');
    expect(script.node(2).disk.record.sent.prepare, 'nothing is signed for round 0 any more').to.equal(undefined);
    expect(script.node(2).disk.record.round).to.equal(atRound1.round).and.to.equal(1);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('of three while the fourth decides: they decide what it decided', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare'));
    script.deliver(both(kinds('commit'), ({ to }) => to === 0));
    expect(script.decided(0)).to.be.a('string');
    // The Commits to 1, 2 and 3 are lost and their timers run out; validator 0 is silent.
    script.lose();
    for (const number of [1, 2, 3]) script.fire(number);
    goOn(script, [1, 2, 3]);
    expectOneBlock(script, [0, 1, 2, 3]);
  });

  it('after the decision, while the block is being written: nothing of that height is signed any more', () => {
    const script = new Script().startAll().hold(3, 'commit').passInterval().deliver();
    expect(script.hasTimer(3)).to.equal(false);
    const { sent } = script.node(3).disk.record;
    script.input(3, { type: 'timeout', height: 1, round: 0 });
    expect(script.node(3).disk.record.sent).to.deep.equal(sent);
    script.release(3, 'commit');
    expectOneBlock(script, [0, 1, 2, 3]);
  });

  it('of a round or height that is over counts for nothing', () => {
    const script = new Script().startAll();
    script.input(0, { type: 'timeout', height: 1, round: 0 });
    expect(script.round(0), 'no timer was started').to.equal(0);
    script.passInterval();
    script.input(0, { type: 'timeout', height: 1, round: 1 }).input(0, { type: 'timeout', height: 2, round: 0 });
    expect(script.round(0)).to.equal(0);
    script.fire(0);
    expect(script.round(0)).to.equal(1);
    script.input(0, { type: 'timeout', height: 1, round: 0 });
    expect(script.round(0)).to.equal(1);
  });
});
