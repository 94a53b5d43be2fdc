import { expect } from 'chai';
import { Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

const ALL = [0, 1, 2, 3];

/**
 * Trap: a new network. The nodes are switched on one after the other, whatever the first ones say is heard by nobody,
 * and nobody has a journal that was ever used.
 *
 * Closed by PROTOCOL §Consensus rule 8: what may have been lost is said again; and Journal: the record of a new key is of height 0
 * and binds nothing.
 */
describe('the first start of a network', () => {
  it('decides height 1 when its nodes come minutes apart', () => {
    const script = new Script();
    for (const number of [1, 0, 3]) script.start(number).pass(60_000);
    script.start(2).pass(5_000);
    expectOneBlock(script, ALL);
    expectOneBlock(script, ALL, 3);
  });

  it('decides although the first proposal and the first votes reach nobody', () => {
    // Validator 1 leads and is alone; the others come when it has long spoken.
    const script = new Script().start(1).passInterval(1).lose();
    expect(script.node(1).disk.record.sent.proposal?.round).to.equal(0);
    script.start(0, 2, 3).passInterval(0, 2, 3).lose().heal().deliver();
    expectOneBlock(script, ALL);
    expect(script.node(0).disk.chain[0]?.certificate.round, 'in round 0: nobody had to time out').to.equal(0);
  });

  it('decides with the least number of nodes that is a quorum', () => {
    const script = new Script().start(1).pass(10_000).start(2).pass(10_000).start(3).pass(10_000);
    expectOneBlock(script, [1, 2, 3]);
  });

  for (const validatorCount of [1, 4, 5, 6, 7]) {
    it(`decides height after height in round 0 where nothing goes wrong, ${validatorCount} validators`, () => {
      const script = new Script({ validatorCount }).startAll();
      const numbers = script.nodes.map(({ id }) => id);
      for (let height = 1; height <= 5; height++) {
        script.passInterval().deliver();
        expectOneBlock(script, numbers, height);
        const block = script.node(0).disk.chain[height - 1];
        expect(block?.certificate.round).to.equal(0);
        expect(block?.body.header.proposer).to.equal(script.node(height % validatorCount).config.address);
      }
    });
  }
});
