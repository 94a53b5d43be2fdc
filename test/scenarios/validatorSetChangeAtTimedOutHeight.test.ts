import { expect } from 'chai';
import { consensusStatus } from '../../consensus/consensus.js';
import type { Commit } from '../../consensus/types.js';
import { hashOf, signAs } from './protocol/fixture.js';
import { kinds, Script } from './protocol/script.js';

/** Heights 1 and 2 are decided by 0, 1, 2, 3; later ones by 4, 2, 1, 3: another list, in another order. */
const schedule = (height: number): readonly number[] => (height <= 2 ? [0, 1, 2, 3] : [4, 2, 1, 3]);

function decideTo(script: Script, height: number): Script {
  for (let next = 1; next <= height; next++) script.passInterval().deliver().heal().deliver();
  return script;
}

/**
 * Trap: the list of validators changes with a height whose first rounds time out. Indices of votes mean other validators
 * than before, whoever left still speaks, and whoever is new has to change rounds before it ever saw a block decided.
 *
 * Closed by PROTOCOL §Consensus, Terms: a height is decided by the list that the block before it names; and rule 4: messages that
 * wait for the next height are dropped if the list changes with it.
 */
describe('a validator set that changes with a height that times out', () => {
  it('decides by its new list, in a later round, and the old list plays no part', () => {
    const script = decideTo(new Script({ validatorCount: 5, schedule }).startAll(), 2);
    expect(script.nodes.filter(({ height }) => height === 2)).to.have.length(5);
    // The first two rounds of height 3 bring nothing but round changes.
    script.passInterval().lose();
    for (const round of [1, 2]) {
      for (const number of [1, 2, 3, 4]) script.fire(number);
      script.deliver(kinds('roundChange')).lose();
      expect(script.round(4)).to.equal(round);
    }
    expect(script.hasTimer(0), 'whoever left waits for nothing').to.equal(false);
    script.pass(5_000);
    const [block] = [script.node(1).disk.chain[2]];
    expect(block?.certificate.round).to.be.greaterThan(1);
    expect(new Set([1, 2, 3, 4].map((number) => script.decided(number, 3))).size).to.equal(1);
    expect(script.decided(4, 3)).to.be.a('string');
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('goes on for heights: the new ones decide, and the one that left signs no more', () => {
    const script = new Script({ validatorCount: 5, schedule }).startAll().pass(5_000);
    expect(script.node(2).height).to.be.greaterThan(3);
    expect(script.decided(1, 4)).to.equal(script.decided(3, 4));
    const { state } = script.node(0);
    expect(state && consensusStatus(state).self).to.equal(undefined);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('drops what was kept of the next height: its indices are those of the list before', () => {
    const early = (height: number): readonly number[] => (height <= 1 ? [0, 1, 2, 3] : [4, 2, 1, 3]);
    const script = new Script({ validatorCount: 5, schedule: early }).startAll();
    const vote: Commit = { type: 'commit', height: 2, round: 0, blockHash: hashOf(9) };
    for (const sender of [0, 1, 2]) script.say(signAs(sender, vote), 3);
    script.passInterval().deliver();
    const { state } = script.node(3);
    expect(state && consensusStatus(state)).to.include({ height: 2, isDecided: false });
  });
});
