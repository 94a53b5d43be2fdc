import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal, forgeRoundChange } from './protocol/byzantine.js';
import { indices, signAs } from './protocol/fixture.js';
import { among, Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/**
 * Trap: the network falls into two halves, and each has as many validators as some formula takes for a quorum. 2f + 1 is
 * such a formula: it is right for n = 3f + 1, and for six validators it is three, of which there are two sets.
 *
 * Closed by PROTOCOL §Consensus, Terms: q = floor((2n − 1) / 3) + 1, so that two quorums share an honest validator for every n.
 */
describe('a network that falls into two halves', () => {
  for (const validatorCount of [2, 4, 6, 10]) {
    it(`decides nothing while it is apart, and one block after, ${validatorCount} validators`, () => {
      const half = validatorCount / 2;
      const all = indices(validatorCount);
      const isSameSide = ({ from, to }: { readonly from: number; readonly to: number }) => from < half === to < half;
      const script = new Script({ validatorCount }).startAll().pass(20_000, isSameSide);
      expect(all.map((number) => script.node(number).height)).to.deep.equal(all.map(() => 0));
      script.pass(10_000);
      expectOneBlock(script, all);
    });
  }

  it('decides one block at most when a faulty validator speaks to both halves of six', () => {
    const script = new Script({ validatorCount: 6 }).start(0, 2, 3, 4, 5);
    // Validator 1 is faulty and leads height 1: it shows X to 0 and 2, and Y to 3, 4 and 5, and votes for both.
    const proposer = script.node(1).config.address;
    const sides = [
      { numbers: [0, 2], content: 1 },
      { numbers: [3, 4, 5], content: 2 },
    ];
    for (const { numbers, content } of sides) {
      const block = forgeBlock(script.node(0), { proposer, content });
      const { blockHash } = block;
      for (const number of numbers) script.node(number).disk.bodies.set(toHex(blockHash), block);
      script.say(forgeProposal(1, 0, block), ...numbers);
      for (const type of ['prepare', 'commit'] as const) {
        script.say(signAs(1, { type, height: 1, round: 0, blockHash }), ...numbers).deliver(among(...numbers));
      }
    }
    const decided = script.nodes.flatMap(({ id }) => script.decided(id) ?? []);
    expect(new Set(decided).size).to.be.at.most(1);
    expect(script.checker.violations).to.deep.equal([]);
    script.say(forgeRoundChange(1, { height: 1, round: 1 }), 0, 2, 3, 4, 5).pass(10_000);
    expectOneBlock(script, [0, 2, 3, 4, 5]);
  });
});
