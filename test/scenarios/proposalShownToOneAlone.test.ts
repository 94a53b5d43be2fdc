import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal, forgeRoundChange } from './protocol/byzantine.js';
import { among, Script } from './protocol/script.js';
import { expectOneBlock, goOn } from './support/outcome.js';

/**
 * Validator 3, leader of (1, 2), has the round changes of 0 and 2 and its own; it shows its proposal to validator 1
 * alone, which is still in round 1, and falls silent. The body it keeps.
 */
function shownToOneAlone(withBody: boolean): Script {
  const script = new Script().start(0, 1, 2).passInterval(0, 1, 2).lose();
  const honest = among(0, 1, 2);
  script.fire(0).fire(2);
  script.say(forgeRoundChange(3, { height: 1, round: 1 }), 0, 1, 2);
  script.deliver((flight) => honest(flight) && flight.what === 'roundChange');
  expect([0, 1, 2].map((number) => script.round(number))).to.deep.equal([1, 1, 1]);
  // The proposal of (1, 1) is lost, and so are the round changes of 0 and 2 for round 2 on their way to 1.
  script.lose().fire(0).fire(2);
  const round2 = { height: 1, round: 2 };
  const roundChanges = [0, 2, 3].map((sender) => forgeRoundChange(sender, round2));
  const block = forgeBlock(script.node(0), { proposer: script.node(3).config.address, content: 99 });
  if (withBody) script.node(1).disk.bodies.set(toHex(block.blockHash), block);
  script.lose(({ to }) => to === 1);
  script.say(forgeProposal(3, 2, block, { roundChanges }), 1);
  return script;
}

/**
 * Trap: a faulty leader shows its proposal to one validator alone. That one moves to the new round and signs for it; the
 * others never hear why, nobody has a quorum of round changes, no timer runs, and the chain stands still.
 *
 * Closed by PROTOCOL §Consensus rule 2: the round changes of a justified proposal count as received before anything else; and
 * rule 5: every round above 0 is entered with a round change of one's own, which is in the journal.
 */
describe('a proposal that is shown to one validator alone', () => {
  it('does not halt the others', () => {
    const script = shownToOneAlone(true);
    expect(script.node(1).disk.record.sent.prepare?.round).to.equal(2);
    expect(script.hasTimer(1), 'it entered the round with a quorum of round changes').to.equal(true);
    goOn(script, [0, 1, 2]);
    expectOneBlock(script, [0, 1, 2]);
  });

  it('does not halt them either when its body is withheld', () => {
    const script = shownToOneAlone(false);
    expect(script.node(1).disk.record.sent.prepare?.round).to.not.equal(2);
    expect(script.node(1).disk.record.sent.roundChange?.round, 'its round changes count all the same').to.equal(2);
    goOn(script, [0, 1, 2]);
    expectOneBlock(script, [0, 1, 2]);
  });

  it('does not halt them when all restart at that moment: each journal holds a round change for its round', () => {
    const script = shownToOneAlone(true).lose().restart(0, 1, 2);
    const { roundChange } = script.node(1).disk.record.sent;
    goOn(script, [0, 1, 2]);
    expectOneBlock(script, [0, 1, 2]);
    expect(roundChange?.round).to.equal(2);
  });

  it('is accepted by a validator that is behind, which asks for the round first', () => {
    const script = new Script().start(0);
    const proposer = script.node(2).config.address;
    const block = forgeBlock(script.node(0), { proposer, content: 7 });
    const roundChanges = [1, 2, 3].map((sender) => forgeRoundChange(sender, { height: 1, round: 1 }));
    script.node(0).disk.bodies.set(toHex(block.blockHash), block);
    script.say(forgeProposal(2, 1, block, { roundChanges }), 0);
    const { sent, round } = script.node(0).disk.record;
    expect(round).to.equal(1);
    expect(sent.roundChange?.round).to.equal(1);
    expect(sent.prepare?.round).to.equal(1);
    expect(script.hasTimer(0), 'the timer of the round runs at once').to.equal(true);
  });
});
