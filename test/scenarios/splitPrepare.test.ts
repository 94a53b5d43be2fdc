import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal } from './protocol/byzantine.js';
import { signAs } from './protocol/fixture.js';
import { Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/** Validator 1, the leader of height 1, shows two blocks: X to 0 and 2, Y to 3. It then votes for both. */
function split(): { readonly script: Script; readonly x: string; readonly y: string } {
  const script = new Script().start(0, 2, 3).passInterval(0, 2, 3);
  const proposer = script.node(1).config.address;
  const [x, y] = [101, 102].map((content) => forgeBlock(script.node(0), { proposer, content }));
  if (x === undefined || y === undefined) throw new Error('two blocks');
  for (const number of [0, 2, 3]) {
    for (const body of [x, y]) script.node(number).disk.bodies.set(toHex(body.blockHash), body);
  }
  script
    .say(forgeProposal(1, 0, x), 0, 2)
    .say(forgeProposal(1, 0, y), 3)
    .deliver();
  return { script, x: toHex(x.blockHash), y: toHex(y.blockHash) };
}

/**
 * Trap: a leader shows two blocks of one round, and votes for both. Each block has some Prepares; with a wrong quorum, or
 * votes counted twice, both are decided.
 *
 * Closed by PROTOCOL §Consensus rules 2 and 3: one candidate a round, q Prepares of different validators for one block; and
 * Signer: one payload for each type, height and round.
 */
describe('Prepares that are split between two blocks of one leader', () => {
  it('decide nothing, and the next round decides one block', () => {
    const { script } = split();
    expect([0, 2, 3].map((number) => script.decided(number))).to.deep.equal([undefined, undefined, undefined]);
    for (const number of [0, 2, 3]) script.fire(number);
    script.deliver();
    expectOneBlock(script, [0, 2, 3]);
  });

  it('prepare one of them at most, when the leader votes for both', () => {
    const { script, x, y } = split();
    for (const [blockHash, number] of [
      [x, 0],
      [y, 3],
      [x, 3],
      [y, 0],
    ] as const) {
      const hash = script.node(number).disk.bodies.get(blockHash as `0x${string}`)?.blockHash;
      if (hash === undefined) throw new Error('both bodies are here');
      for (const type of ['prepare', 'commit'] as const) {
        script.say(signAs(1, { type, height: 1, round: 0, blockHash: hash }), number);
      }
    }
    script.deliver();
    const decided = new Set([0, 2, 3].map((number) => script.decided(number)).filter((hash) => hash !== undefined));
    expect(decided.size, 'never two blocks').to.be.at.most(1);
    expect([...decided].every((hash) => hash === x)).to.equal(true);
    expect(script.checker.violations).to.deep.equal([]);
    expect(script.node(3).evidence.length, 'the two votes of the leader are evidence').to.be.greaterThan(0);
  });

  it('are seen: the first proposal counts, the second is evidence and gets no Prepare', () => {
    const script = new Script().start(0);
    const proposer = script.node(1).config.address;
    const [first, second] = [1, 2].map((content) => forgeBlock(script.node(0), { proposer, content }));
    if (first === undefined || second === undefined) throw new Error('two blocks');
    for (const body of [first, second]) script.node(0).disk.bodies.set(toHex(body.blockHash), body);
    script
      .say(forgeProposal(1, 0, first), 0)
      .say(forgeProposal(1, 0, second), 0)
      .say(forgeProposal(1, 0, second), 0);
    expect(script.node(0).disk.record.sent.prepare?.blockHash).to.deep.equal(first.blockHash);
    expect(script.node(0).evidence.map(({ kind, first }) => [kind, first.type])).to.deep.equal([
      ['doubleSign', 'proposal'],
    ]);
    expect(script.node(0).refusals).to.deep.equal(['CONFLICTING', 'CONFLICTING']);
    expect(script.checker.violations).to.deep.equal([]);
  });
});
