import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal } from './protocol/byzantine.js';
import { signAs } from './protocol/fixture.js';
import { Script } from './protocol/script.js';
import type { TestBody } from './protocol/world.js';

/** Validator 0 has accepted the block of (1, 0); what the others say is said by the test. */
function accepted(): { readonly script: Script; readonly block: TestBody } {
  const script = new Script().start(0);
  const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 7 });
  script.node(0).disk.bodies.set(toHex(block.blockHash), block);
  script.say(forgeProposal(1, 0, block), 0);
  expect(script.node(0).disk.record.sent.prepare?.round).to.equal(0);
  return { script, block };
}

/**
 * Trap: a vote is counted where it does not belong: for another height, another round or another block; or one Prepare
 * too few is enough. What is decided so has no certificate that holds.
 *
 * Closed by PROTOCOL §Consensus rules 3 and 4: q votes for one height, round and block; and Signer: a Commit only with the
 * certificate of its Prepares.
 */
describe('votes of another place', () => {
  it('of another round prepare nothing', () => {
    const { script, block } = accepted();
    // One more Prepare of round 0 comes last: with the others it would be a quorum, without them it is two of three.
    for (const [sender, round] of [
      [1, 1],
      [2, 2],
      [3, 0],
    ] as const) {
      script.say(signAs(sender, { type: 'prepare', height: 1, round, blockHash: block.blockHash }), 0);
    }
    expect(script.node(0).disk.record.sent.commit).to.equal(undefined);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('for another block prepare nothing', () => {
    const { script } = accepted();
    const other = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 8 });
    for (const sender of [1, 2, 3]) {
      script.say(signAs(sender, { type: 'prepare', height: 1, round: 0, blockHash: other.blockHash }), 0);
    }
    expect(script.node(0).disk.record.sent.commit).to.equal(undefined);
  });

  it('prepare when they are a quorum, and not one earlier', () => {
    const { script, block } = accepted();
    const { blockHash } = block;
    script.say(signAs(1, { type: 'prepare', height: 1, round: 0, blockHash }), 0);
    expect(script.node(0).disk.record.sent.commit, 'its own and one more').to.equal(undefined);
    script.say(signAs(1, { type: 'prepare', height: 1, round: 0, blockHash }), 0);
    expect(script.node(0).disk.record.sent.commit, 'the same one again').to.equal(undefined);
    script.say(signAs(2, { type: 'prepare', height: 1, round: 0, blockHash }), 0);
    expect(script.node(0).disk.record.sent.commit?.blockHash).to.deep.equal(blockHash);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('decide when they are a quorum, and not one earlier', () => {
    const { script, block } = accepted();
    const { blockHash } = block;
    for (const sender of [1, 1, 2]) script.say(signAs(sender, { type: 'commit', height: 1, round: 0, blockHash }), 0);
    expect(script.decided(0), 'two Commits, one of them twice').to.equal(undefined);
    script.say(signAs(3, { type: 'commit', height: 1, round: 0, blockHash }), 0);
    expect(script.decided(0)).to.equal(toHex(blockHash));
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('of another height decide nothing', () => {
    const { script, block } = accepted();
    for (const sender of [1, 2, 3]) {
      script.say(signAs(sender, { type: 'commit', height: 2, round: 0, blockHash: block.blockHash }), 0);
    }
    expect(script.decided(0)).to.equal(undefined);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('for a block that executes to other roots do not make it prepared', () => {
    const script = new Script().start(0);
    const proposer = script.node(1).config.address;
    const wrong = { ...forgeBlock(script.node(0), { proposer, content: 1 }), isValid: false };
    script.node(0).disk.bodies.set(toHex(wrong.blockHash), wrong);
    // It gets no second try either.
    script.say(forgeProposal(1, 0, wrong), 0).say(forgeProposal(1, 0, wrong), 0);
    for (const sender of [1, 2, 3]) {
      script.say(signAs(sender, { type: 'prepare', height: 1, round: 0, blockHash: wrong.blockHash }), 0);
    }
    expect(script.node(0).disk.record.sent.prepare).to.equal(undefined);
    expect(script.node(0).disk.record.sent.commit).to.equal(undefined);
    expect(script.node(0).refusals).to.deep.equal(['BLOCK_INVALID']);
  });
});
