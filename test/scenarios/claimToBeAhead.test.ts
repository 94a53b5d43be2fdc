import { expect } from 'chai';
import { consensusStatus } from '../../consensus/consensus.js';
import { emptyRecord } from '../../consensus/journalRecord.js';
import type { Commit } from '../../consensus/types.js';
import { certify, hashOf, signAs } from './protocol/fixture.js';
import { both, kinds, Script } from './protocol/script.js';
import { chainWithout } from './support/chainWithout.js';
import { expectOneBlock } from './support/outcome.js';

function status(script: Script, number: number) {
  const { state } = script.node(number);
  if (state === undefined) throw new Error(`node ${number} is down`);
  return consensusStatus(state);
}

/**
 * Trap: somebody says that he is far ahead. If that alone silences a validator, f liars halt the chain; if a certificate
 * does not silence it, it signs for a height that is decided, below what it may have signed before.
 *
 * Closed by PROTOCOL §Consensus rule 8: a claim makes a node ask for blocks and nothing else; a verified certificate of a later
 * height ends all signing up to it; and Journal: with a record above the chain nothing is signed below it.
 */
describe('a validator that is told to be behind', () => {
  it('goes on signing whatever height others merely claim', () => {
    const script = new Script().start(3).passInterval(3);
    for (const sender of [0, 1, 2]) script.say(signAs(sender, { type: 'status', height: 900, round: 0 }), 3);
    expect(status(script, 3).isSigning).to.equal(true);
    script.fire(3);
    expect(script.node(3).disk.record.sent.roundChange?.round).to.equal(1);
  });

  it('signs nothing at a height that a verified certificate says is decided, until it has passed it', () => {
    const script = new Script().start(3).passInterval(3);
    const certificate = certify('commit', { height: 4, round: 0, blockHash: hashOf(4) }, [0, 1, 2], 4);
    script.input(3, { type: 'certificate', certificate, from: 0 });
    expect(status(script, 3)).to.include({ isSigning: false, isSyncing: true });
    expect(script.hasTimer(3)).to.equal(false);
    script.heal(3);
    expect(script.flights(kinds('syncRequest')).length, 'asked at once and again at the heal').to.be.greaterThan(1);
    expect(script.node(3).disk.record.height).to.equal(0);
  });

  // PROTOCOL §Journal J6.
  it('signs nothing below a journal that is beyond its chain', () => {
    const script = chainWithout(3, 3);
    const { disk } = script.node(3);
    disk.record = emptyRecord(3);
    script.start(3).passInterval(3);
    expect(status(script, 3)).to.include({ height: 1, isSigning: false });
    expect(script.hasTimer(3)).to.equal(false);
    script.heal(0).deliver();
    expect(status(script, 3)).to.include({ height: 4, isSigning: true });
    expect(script.checker.violations).to.deep.equal([]);
  });

  // PROTOCOL §Journal J4, J5.
  it('starts from the chain where the journal is of a height that is committed', () => {
    const script = chainWithout(3, 2).start(3).passInterval(3).fire(3);
    expect(script.node(3).disk.record).to.include({ height: 1, round: 1 });
    script
      .heal(0)
      .deliver(kinds('status', 'syncRequest', 'syncAnswer'))
      .lose()
      .restart(3);
    expect(status(script, 3)).to.include({ height: 3, round: 0, isSigning: true });
  });

  it('signs nothing at all without a journal that it can trust, and follows the chain', () => {
    const script = new Script().start(0, 1, 2);
    script.node(3).startWithoutRecord();
    script.passInterval().deliver();
    expect(status(script, 3).isSigning).to.equal(false);
    expect(script.decided(3)).to.equal(script.decided(0));
    expect(script.node(3).disk.record).to.deep.equal(emptyRecord(0));
  });
});

/**
 * Trap: a validator was away and hears only the end of the story, or nothing because nothing happens any more.
 *
 * Closed by PROTOCOL §Consensus rule 8: a message of a past height is answered with that height's certificate, limited for each
 * peer and height; a message of a later height makes it ask for blocks.
 */
describe('a validator that is behind', () => {
  it('is given the certificate of its height by whoever hears its round change, and fetches the blocks', () => {
    const script = chainWithout(3, 3).start(3).passInterval(3).fire(3);
    script.deliver(kinds('roundChange', 'certificate'));
    expect(status(script, 3)).to.include({ height: 1, isDecided: true });
    script.deliver().heal().deliver();
    for (const height of [1, 2, 3]) expectOneBlock(script, [0, 3], height);
  });

  it('is found by its status even where nothing happens', () => {
    const script = chainWithout(3, 3);
    script.start(3).heal().deliver();
    expect(script.decided(3, 3)).to.equal(script.decided(0, 3));
  });

  it('asks for blocks when it hears of a height beyond the next', () => {
    const script = chainWithout(3, 3).start(3);
    script.heal(0).deliver(both(kinds('status'), ({ to }) => to === 3));
    expect(script.flights(kinds('syncRequest')).map(({ from, to }) => [from, to])).to.deep.equal([[3, 0]]);
    script.deliver();
    expect(script.node(3).height).to.equal(3);
  });

  it('is answered so often and no more, however often it asks', () => {
    const script = chainWithout(3, 3);
    for (let count = 0; count < 20; count++) {
      for (const height of [1, 2, 3]) script.say(signAs(3, { type: 'status', height, round: count }), 0);
    }
    expect(script.flights(kinds('certificate'))).to.have.length(3);
  });

  it('keeps only so much of the next height', () => {
    const script = new Script().start(3);
    for (let round = 0; round < 100; round++) {
      const vote: Commit = { type: 'commit', height: 2, round, blockHash: hashOf(1) };
      script.say(signAs(0, vote), 3);
    }
    expect(script.node(3).refusals).to.have.length(84);
    expect(new Set(script.node(3).refusals)).to.deep.equal(new Set(['BUFFER_FULL']));
  });

  it('fetches the body of a decision that it missed, and begins the next height after it', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(({ to }) => to !== 3);
    const commits = both(kinds('commit'), ({ to }) => to === 3);
    expect(script.flights(commits)).to.have.length(3);
    script.deliver(commits);
    expect(status(script, 3)).to.include({ height: 1, isDecided: true, isSigning: false });
    script.lose(({ to }) => to === 3).heal(3);
    expect(script.flights(kinds('bodyRequest')).map(({ to }) => to)).to.deep.equal([0, 1, 2, 0, 1, 2]);
    script.deliver();
    expectOneBlock(script, [0, 3]);
  });
});
