import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal } from './protocol/byzantine.js';
import { GENESIS_TIMESTAMP_MS } from './protocol/fixture.js';
import { both, kinds, Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/**
 * Trap: a block was prepared, and before it is decided the clocks are set back, or another validator leads. If proposer
 * and timestamp are looked at again, the only block that may be proposed is refused by all, for ever.
 *
 * Closed by PROTOCOL §Consensus rule 2: proposer and timestamp are checked of a fresh block, and of no other.
 */
describe('a prepared block under other clocks', () => {
  it('is proposed again with its old proposer and timestamp, and accepted whatever the clocks say', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    script.deliver(both(kinds('prepare'), ({ to }) => to < 2)).lose();
    const block = script.node(0).disk.record.prepared?.blockHash;
    // A block that was fresh under the old clocks is far ahead of these.
    for (const node of script.nodes) script.skewsMs.set(node.id, -600_000);
    // Nobody says the Prepares again: the block has to be proposed again.
    for (let round = 1; round <= 8 && script.decided(0) === undefined; round++) {
      for (const { id } of script.nodes) if (script.hasTimer(id)) script.fire(id);
      script.deliver();
    }
    expect(expectOneBlock(script, [0, 1, 2, 3])).to.equal(block === undefined ? '' : toHex(block));
    expect(script.node(3).disk.chain[0]?.body.header.proposer).to.equal(script.node(1).config.address);
  });

  it('is the only one: a fresh block of another proposer, or out of time, gets no Prepare', () => {
    const nowMs = GENESIS_TIMESTAMP_MS + 1_000;
    const cases = [
      { proposer: 2, timestamp: nowMs, code: 'PROPOSER_MISMATCH' },
      { proposer: 1, timestamp: GENESIS_TIMESTAMP_MS, code: 'TIMESTAMP_OUT_OF_RANGE' },
      { proposer: 1, timestamp: nowMs + 501, code: 'TIMESTAMP_OUT_OF_RANGE' },
    ];
    for (const { proposer, timestamp, code } of cases) {
      const script = new Script().start(0);
      const block = forgeBlock(script.node(0), {
        proposer: script.node(proposer).config.address,
        content: 1,
        timestamp,
      });
      script.node(0).disk.bodies.set(toHex(block.blockHash), block);
      script.say(forgeProposal(1, 0, block), 0);
      expect(script.node(0).refusals).to.deep.equal([code]);
      expect(script.node(0).disk.record.sent.prepare).to.equal(undefined);
    }
  });
});
