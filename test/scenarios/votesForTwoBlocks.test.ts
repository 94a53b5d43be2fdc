import { expect } from 'chai';
import { forgeRoundChange } from './protocol/byzantine.js';
import { certify, hashOf, signAs } from './protocol/fixture.js';
import { Script } from './protocol/script.js';

/**
 * Trap: a validator votes twice, or forgets that it has committed. Whoever merely takes the newest vote helps the fork
 * along, and has nothing to show afterwards.
 *
 * Closed by PROTOCOL §Consensus, Evidence: the first vote counts, and both are kept as they were signed.
 */
describe('votes that an honest validator never sends', () => {
  const [one, other] = [hashOf(1), hashOf(2)];

  for (const type of ['prepare', 'commit'] as const) {
    it(`two ${type === 'prepare' ? 'Prepares' : 'Commits'} of one round are evidence, once, and the first counts`, () => {
      const script = new Script().start(0);
      for (const blockHash of [one, other, other]) script.say(signAs(2, { type, height: 1, round: 0, blockHash }), 0);
      expect(script.node(0).evidence).to.have.length(1);
      expect(script.node(0).evidence[0]).to.include({ kind: 'doubleSign', validator: script.node(2).config.address });
      const book = script.node(0).state?.current[type === 'prepare' ? 'prepares' : 'commits'];
      expect(book?.signatures(0, one).size, 'the first vote').to.equal(1);
      expect(book?.signatures(0, other).size, 'the second vote').to.equal(0);
    });
  }

  it('two round changes of one round with different claims are evidence', () => {
    const script = new Script().start(0);
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: one }, [1, 2, 3], 4);
    script.say(forgeRoundChange(2, { height: 1, round: 2 }), 0);
    script.say(forgeRoundChange(2, { height: 1, round: 2 }, certificate), 0);
    expect(script.node(0).evidence.map(({ kind, first }) => [kind, first.type])).to.deep.equal([
      ['doubleSign', 'roundChange'],
    ]);
  });

  it('a round change that forgets an earlier Commit is evidence of amnesia, in whichever order they come', () => {
    const commit = signAs(2, { type: 'commit', height: 1, round: 1, blockHash: one });
    const forgetful = forgeRoundChange(2, { height: 1, round: 3 });
    for (const messages of [
      [commit, forgetful],
      [forgetful, commit],
    ]) {
      const script = new Script().start(0);
      for (const message of messages) script.say(message, 0);
      expect(script.node(0).evidence).to.have.length(1);
      expect(script.node(0).evidence[0]).to.include({ kind: 'amnesia', validator: script.node(2).config.address });
    }
  });
});
