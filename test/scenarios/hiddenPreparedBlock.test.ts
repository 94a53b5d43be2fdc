import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal, forgeRoundChange } from './protocol/byzantine.js';
import { certify } from './protocol/fixture.js';
import { among, both, kinds, Script } from './protocol/script.js';
import { expectOneBlock, goOn } from './support/outcome.js';

/**
 * Trap: a block was prepared, and few know. An honest holder must bring it back, or a validator that decided it is left
 * behind by a fork. A faulty holder shows its certificate only after a later round has prepared, and perhaps decided,
 * another block: then the old one must not come back.
 *
 * Closed by PROTOCOL §Consensus rule 5: a round change claims what was prepared; and rule 2: the block proposed again is that of
 * the highest claim among a quorum.
 */
describe('a prepared block that few know of', () => {
  /** Validators 0 and 1 hold a quorum of Prepares for the block of (1, 0); nobody decides. */
  function preparedByTwo(): Script {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    return script.deliver(both(kinds('prepare'), ({ to }) => to < 2)).lose();
  }

  it('comes back as long as one of the quorum holds its certificate', () => {
    const script = preparedByTwo();
    const block = script.node(0).disk.record.prepared?.blockHash;
    expect(script.node(2).disk.record.prepared).to.equal(undefined);
    // Validator 2 leads the next round without a certificate of its own; validator 1 is the only holder heard.
    for (const number of [1, 2, 3]) script.fire(number);
    script.deliver(among(1, 2, 3));
    expect(script.node(3).disk.chain[0]?.certificate.round).to.equal(1);
    expect(script.decided(3)).to.equal(block === undefined ? '' : toHex(block));
  });

  it('is decided by whoever saw the Commits, and by the others later, not another one', () => {
    const script = preparedByTwo();
    // Validator 3 prepares late, and its Commit with those of 0 and 1 reaches validator 0 alone.
    script.heal(0, 1, 2, 3).deliver(both(kinds('prepare'), ({ to }) => to === 3));
    script.deliver(both(kinds('commit'), ({ to }) => to === 0)).lose();
    expect(script.decided(0)).to.be.a('string');
    for (const number of [1, 2, 3]) script.fire(number);
    goOn(script, [1, 2, 3]);
    expectOneBlock(script, [0, 1, 2, 3]);
  });

  it('does not come back over what a later round prepared, when a faulty validator shows it at last', () => {
    const script = new Script().start(0, 1, 2).passInterval(0, 1, 2);
    const hidden = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 77 });
    for (const number of [0, 1, 2]) script.node(number).disk.bodies.set(toHex(hidden.blockHash), hidden);
    // X is prepared in round 0 by 0, 1 and 3; validator 3 alone has the Prepares and says nothing of it.
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: hidden.blockHash }, [0, 1, 3], 4);
    script.lose();
    for (const number of [0, 1, 2]) script.fire(number);
    script.say(forgeRoundChange(3, { height: 1, round: 1 }), 0, 1, 2);
    // Round 1 prepares Y, and the Commits reach validator 0 alone, which decides it.
    script.deliver(both(among(0, 1, 2), ({ what, to }) => what !== 'commit' || to === 0)).lose();
    const y = script.decided(0);
    expect(y).to.be.a('string').and.not.equal(toHex(hidden.blockHash));
    // Round 2 is led by validator 3: it proposes X, with its certificate of round 0 and the claims of Y beside it.
    for (const number of [1, 2]) script.fire(number);
    const [one, two] = [1, 2].map((number) => {
      const vote = script.node(number).disk.record.sent.roundChange;
      return forgeRoundChange(number, { height: 1, round: 2 }, vote?.preparedCertificate);
    });
    if (one === undefined || two === undefined) throw new Error('both ask for round 2');
    const three = forgeRoundChange(3, { height: 1, round: 2 }, certificate);
    script.say(
      forgeProposal(3, 2, hidden, { roundChanges: [one, two, three], preparedCertificate: certificate }),
      1,
      2,
    );
    expect(script.node(1).refusals).to.include('NOT_JUSTIFIED');
    expect(script.node(2).disk.record.sent.prepare?.round, 'nobody prepares X in round 2').to.not.equal(2);
    goOn(script, [0, 1, 2]);
    expect(expectOneBlock(script, [0, 1, 2])).to.equal(y);
  });
});
