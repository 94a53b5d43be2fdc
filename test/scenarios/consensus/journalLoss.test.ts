import { expect } from 'chai';
import { among, both, kinds, Script } from '../../simulation/script.js';

/**
 * Leader of (1, 0) is validator 1. Validator 0 alone sees three Commits for its block and decides; validators 1 and 2
 * restart; validator 0 is cut off and 1, 2, 3 go on.
 */
function run(hasJournal: boolean): Script {
  const script = new Script({ node: () => ({ hasJournal }) }).startAll().passInterval();
  script.deliver(both(among(0, 1, 2), kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare')));
  script.deliver(both(among(0, 1, 2), kinds('commit'), ({ to }) => to === 0));
  script.lose().restart(1, 2).lose().passInterval();
  const others = among(1, 2, 3);
  for (let attempt = 0; attempt < 6 && script.decided(3) === undefined; attempt++) {
    for (const number of [1, 2, 3]) if (script.hasTimer(number)) script.fire(number);
    script.heal(1, 2, 3).deliver(others);
  }
  return script;
}

describe('two validators restart after one has decided on their Commits', () => {
  it('with their journals they agree with it', () => {
    const script = run(true);
    expect(script.decided(0)).to.be.a('string');
    expect([1, 2, 3].map((number) => script.decided(number))).to.deep.equal([0, 0, 0].map(() => script.decided(0)));
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('without them the same schedule forks, though nobody cheats', () => {
    const script = run(false);
    expect(script.decided(3)).to.be.a('string').and.not.equal(script.decided(0));
    expect(script.checker.violations.join('\n')).to.include('fork').and.include('SIGNING_');
  });
});
