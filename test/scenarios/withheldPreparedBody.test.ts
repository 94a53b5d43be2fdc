import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal, forgeRoundChange } from './protocol/byzantine.js';
import { certify } from './protocol/fixture.js';
import { among, kinds, Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/**
 * Trap: a faulty validator holds the certificate of a prepared block and keeps its body to itself. If its round change is
 * counted, the leader owes a proposal that it cannot make, in every round.
 *
 * Closed by PROTOCOL §Consensus rule 7: a leader counts a claim only while it holds the body, asks for it, and does with any
 * other quorum meanwhile; and by §Consensus, What is kept: whoever signed a Prepare keeps the body and serves it.
 */
describe('a prepared block whose body is withheld', () => {
  it('spoils no round: any other quorum of round changes does', () => {
    const script = new Script().start(0, 1, 2);
    const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 5 });
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: block.blockHash }, [0, 1, 3], 4);
    script.passInterval(0, 2, 1).lose();
    for (let round = 1; round <= 12 && script.decided(0) === undefined; round++) {
      for (const number of [0, 1, 2]) if (script.hasTimer(number)) script.fire(number);
      // Validator 3 is always among the first, with its claim, and answers nobody.
      script.say(forgeRoundChange(3, { height: 1, round }, certificate), 0, 1, 2).deliver(among(0, 1, 2));
    }
    expectOneBlock(script, [0, 1, 2]);
  });

  it('is fetched from its signers and proposed again where one of them is honest', () => {
    const script = new Script().start(0, 1, 2);
    const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 5 });
    script.node(1).disk.bodies.set(toHex(block.blockHash), block);
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: block.blockHash }, [0, 1, 3], 4);
    const round1 = { height: 1, round: 1 };
    script.say(forgeRoundChange(3, round1, certificate), 0, 1, 2).say(forgeRoundChange(0, round1), 1, 2);
    // Validator 2, the leader, misses the body; validator 3 does not answer, validator 1 does.
    expect(script.flights(kinds('bodyRequest')).map(({ from, to }) => [from, to])).to.deep.include([2, 1]);
    script.lose(({ what, from }) => what === 'roundChange' && from === 1).deliver(among(0, 1, 2));
    expect(expectOneBlock(script, [0, 1, 2])).to.equal(toHex(block.blockHash));
  });

  it('is kept by every validator that signed a Prepare for it, whatever round it has come to', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer')).lose();
    const prepared = script.node(2).disk.record.sent.prepare?.blockHash;
    if (prepared === undefined) throw new Error('validator 2 has signed a Prepare');
    // Five rounds pass in which nothing arrives but the round changes.
    for (let round = 1; round <= 5; round++) {
      for (const number of [0, 1, 2, 3]) if (script.hasTimer(number)) script.fire(number);
      script.deliver(kinds('roundChange')).lose();
    }
    expect(script.round(2)).to.be.greaterThan(3);
    expect(script.node(2).disk.bodies.has(toHex(prepared))).to.equal(true);
  });

  it('from a leader in round 0 costs that round its Prepare, until the body comes', () => {
    const script = new Script().start(0);
    const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 1 });
    script.say(forgeProposal(1, 0, block), 0).fire(0, 'body');
    expect(script.node(0).refusals).to.deep.equal(['BODY_UNAVAILABLE']);
    expect(script.node(0).disk.record.sent.prepare).to.equal(undefined);
    script.node(0).disk.bodies.set(toHex(block.blockHash), block);
    script.say(forgeProposal(1, 0, block), 0);
    expect(script.node(0).disk.record.sent.prepare?.blockHash).to.deep.equal(block.blockHash);
  });
});
