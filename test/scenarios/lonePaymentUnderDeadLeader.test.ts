import { expect } from 'chai';
import { Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/**
 * Trap: a payment waits at one validator alone, and the leader is dead. The others have nothing to include, so no timer
 * of theirs runs, and one validator cannot change the round by itself: the payment waits for ever.
 *
 * Closed by PROTOCOL §Consensus rule 5: any valid Prepare, Commit or RoundChange is something to agree on; and rule 1: a leader
 * without work proposes when somebody asks for another round.
 */
describe('a payment that one validator alone holds', () => {
  it('settles although the leader is dead', () => {
    const script = new Script();
    for (const number of [0, 3]) script.node(number).isWorkPending = false;
    // Validator 1 leads height 1 and is down; validator 2 has the payment.
    script.start(0, 2, 3).passInterval(0, 2, 3);
    expect([0, 2, 3].map((number) => script.hasTimer(number))).to.deep.equal([false, true, false]);
    // That one validator asks for a round is work enough to start the timers of the others.
    script.fire(2).deliver();
    expect([0, 3].map((number) => script.hasTimer(number))).to.deep.equal([true, true]);
    script.fire(0).fire(3).deliver();
    expectOneBlock(script, [0, 2, 3]);
  });

  it('settles in round 0 where the leader is merely idle: it proposes when it sees that somebody asks', () => {
    const script = new Script();
    for (const number of [0, 1, 3]) script.node(number).isWorkPending = false;
    script.startAll().passInterval().fire(2).deliver();
    // Validator 2 has left round 0: the other three decide there.
    expect(script.node(1).disk.chain[0]?.certificate.round).to.equal(0);
  });

  it('is not even needed: with nothing to agree on, the heartbeat brings a block', () => {
    const script = new Script();
    for (const node of script.nodes) node.isWorkPending = false;
    script.startAll().passInterval().deliver();
    expect(script.decided(0)).to.equal(undefined);
    expect(script.hasTimer(0), 'nothing to agree on, nothing to wait for').to.equal(false);
    script.fire(1, 'heartbeat').deliver();
    expectOneBlock(script, [0, 1, 2, 3]);
  });
});
