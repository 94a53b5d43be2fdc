import { expect } from 'chai';
import { forgeRoundChange } from './protocol/byzantine.js';
import { both, kinds, Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/**
 * Trap: for a while every round fails, and the validators are spread over many rounds; or a faulty validator asks for a
 * round far away. The first must come together again, the second must move nobody.
 *
 * Closed by PROTOCOL §Consensus rule 6: go where f + 1 validators are, for one of them is honest; rule 5: timeouts grow to a cap;
 * and What is kept: of each validator the RoundChange of its highest round.
 */
describe('a storm of round changes', () => {
  it('leaves nobody behind: validators spread over rounds decide within a few timeouts', () => {
    const script = new Script().startAll().passInterval().lose();
    // Twenty timeouts in which validator 0 hears nothing and the others hear only round changes.
    for (let count = 0; count < 20; count++) {
      for (const number of [1, 2, 3]) if (script.hasTimer(number)) script.fire(number);
      script.deliver(both(kinds('roundChange'), ({ to }) => to !== 0)).lose();
    }
    expect(script.round(1)).to.be.greaterThan(15);
    expect(script.round(0)).to.equal(0);
    script.pass(10_000);
    expectOneBlock(script, [0, 1, 2, 3]);
  });

  it('moves a validator to the round that f + 1 have reached, at once and with its own round change', () => {
    const script = new Script().start(0);
    script.say(forgeRoundChange(3, { height: 1, round: 7 }), 0);
    expect(script.round(0), 'one of four').to.equal(0);
    script.say(forgeRoundChange(2, { height: 1, round: 4 }), 0);
    expect(script.round(0), 'the second highest').to.equal(4);
    expect(script.node(0).disk.record.sent.roundChange?.round).to.equal(4);
  });

  it('of one faulty validator, for rounds as far as there are, moves nobody', () => {
    const script = new Script().start(0, 1, 2).passInterval(0, 1, 2).lose();
    for (const round of [1, 50, 999, 1_000_000]) script.say(forgeRoundChange(3, { height: 1, round }), 0, 1, 2);
    expect([0, 1, 2].map((number) => script.round(number))).to.deep.equal([0, 0, 0]);
    script.pass(3_000);
    expectOneBlock(script, [0, 1, 2]);
  });

  it('goes on without a dead leader: the next one proposes with a quorum of round changes', () => {
    const script = new Script().start(0, 2, 3).passInterval(0, 2, 3);
    for (const number of [0, 2, 3]) script.fire(number);
    script.deliver();
    expectOneBlock(script, [0, 2, 3]);
    expect(script.node(0).disk.chain[0]?.certificate.round).to.equal(1);
  });

  it('grows its timeouts by half a round, to the cap', () => {
    const script = new Script().startAll().passInterval().lose();
    const delays: (number | undefined)[] = [script.timerDelayMs(0)];
    for (let round = 1; round <= 8; round++) {
      for (const number of [0, 1, 2, 3]) if (script.hasTimer(number)) script.fire(number);
      script.deliver(kinds('roundChange')).lose();
      delays.push(script.timerDelayMs(0));
    }
    expect(delays).to.deep.equal([200, 300, 450, 675, 1_012, 1_518, 2_000, 2_000, 2_000]);
  });
});
