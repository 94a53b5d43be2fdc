import { expect } from 'chai';
import { Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

const MINUTE_MS = 60_000;

/**
 * Trap: a validator runs alone for a while and times out again and again. When two others come, it is so many rounds
 * ahead, with timeouts so long, that the three chase each other's rounds for ever: nobody is faulty and nothing is
 * decided.
 *
 * Closed by PROTOCOL §Consensus rule 5: the timer of a round above 0 starts when q validators have asked for it.
 */
describe('a validator that was alone for a while', () => {
  it('waits in round 1 and is joined within a second', () => {
    const script = new Script().start(1).pass(MINUTE_MS);
    expect(script.round(1), 'it asked once for another round').to.equal(1);
    expect(script.hasTimer(1)).to.equal(false);
    // Validator 3 never comes: the three are exactly a quorum.
    script.start(0, 2).pass(1_000);
    expectOneBlock(script, [0, 1, 2]);
  });

  it('has its timer start with a quorum of round changes, its own among them, and not before', () => {
    const script = new Script().start(0, 2, 3).passInterval(0, 2, 3).lose().fire(0).heal(0);
    expect(script.hasTimer(0), 'alone').to.equal(false);
    script.fire(2).deliver(({ from, to, what }) => from === 2 && to === 0 && what === 'roundChange');
    expect(script.hasTimer(0), 'two of four').to.equal(false);
    script.fire(3).deliver(({ from, to, what }) => from === 3 && to === 0 && what === 'roundChange');
    expect(script.hasTimer(0), 'three of four').to.equal(true);
    expect(script.timerDelayMs(0)).to.equal(300);
  });
});
