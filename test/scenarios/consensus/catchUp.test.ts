import { expect } from 'chai';
import { consensusStatus } from '../../../consensus/consensus.js';
import { emptyRecord } from '../../../consensus/journalRecord.js';
import type { Commit } from '../../../consensus/types.js';
import { certify, hashOf, signAs } from '../../simulation/fixture.js';
import { among, both, kinds, Script } from '../../simulation/script.js';

/** Validators 0, 1, 2 decide `heights` heights while validator 3 is down. */
function withoutOne(heights: number, options: ConstructorParameters<typeof Script>[0] = {}): Script {
  const script = new Script(options).start(0, 1, 2);
  for (let height = 1; height <= heights; height++) {
    for (let cycle = 0; cycle < 5 && script.decided(2, height) === undefined; cycle++) {
      script.passInterval(0, 1, 2).deliver(among(0, 1, 2));
      if (script.decided(2, height) !== undefined) break;
      for (const number of [0, 1, 2]) if (script.hasTimer(number)) script.fire(number);
      script.deliver(among(0, 1, 2));
    }
  }
  return script.lose();
}

function status(script: Script, number: number) {
  const { state } = script.node(number);
  if (state === undefined) throw new Error(`node ${number} is down`);
  return consensusStatus(state);
}

describe('a validator that is behind', () => {
  it('is given the certificate of its height by whoever hears its round change, and fetches the blocks', () => {
    const script = withoutOne(3).start(3).passInterval(3).fire(3);
    script.deliver(kinds('roundChange', 'certificate'));
    expect(status(script, 3)).to.include({ height: 1, isDecided: true });
    script.deliver().heal().deliver();
    expect([1, 2, 3].map((height) => script.decided(3, height))).to.deep.equal(
      [1, 2, 3].map((height) => script.decided(0, height)),
    );
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('is found by its status even where nothing happens', () => {
    const script = withoutOne(3);
    script.start(3).heal().deliver();
    expect(script.decided(3, 3)).to.equal(script.decided(0, 3));
  });

  it('asks for blocks when it hears of a height beyond the next', () => {
    const script = withoutOne(3).start(3);
    script.heal(0).deliver(both(kinds('status'), ({ to }) => to === 3));
    expect(script.flights(kinds('syncRequest')).map(({ from, to }) => [from, to])).to.deep.equal([[3, 0]]);
    script.deliver();
    expect(script.node(3).height).to.equal(3);
  });

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

  it('limits its answers to a validator that repeats itself', () => {
    const script = withoutOne(3);
    for (let count = 0; count < 20; count++) {
      for (const height of [1, 2, 3]) script.say(signAs(3, { type: 'status', height, round: count }), 0);
    }
    expect(script.flights(kinds('certificate'))).to.have.length(3);
  });
});

describe('a decision whose body is missing', () => {
  it('is fetched from those who committed, and the next height waits for it', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(({ to }) => to !== 3);
    const commits = both(kinds('commit'), ({ to }) => to === 3);
    expect(script.flights(commits)).to.have.length(3);
    script.deliver(commits);
    expect(status(script, 3)).to.include({ height: 1, isDecided: true, isSigning: false });
    script.lose(({ to }) => to === 3).heal(3);
    expect(script.flights(kinds('bodyRequest')).map(({ to }) => to)).to.deep.equal([0, 1, 2, 0, 1, 2]);
    script.deliver();
    expect(script.decided(3)).to.equal(script.decided(0));
  });

  it('keeps the messages of the next height until it is there', () => {
    const script = new Script().startAll().passInterval().hold(3, 'commit').deliver();
    expect(script.decided(0)).to.be.a('string');
    expect(script.decided(3)).to.equal(undefined);
    script.passInterval(0, 1, 2).deliver();
    expect(script.decided(0, 2)).to.be.a('string');
    script.release(3, 'commit').deliver();
    // Proposal, Prepares and Commits of height 2 were there already.
    expect(script.decided(3, 2)).to.equal(script.decided(0, 2));
  });

  it('bounds what it keeps of the next height', () => {
    const script = new Script().start(3);
    for (let round = 0; round < 100; round++) {
      const vote: Commit = { type: 'commit', height: 2, round, blockHash: hashOf(1) };
      script.say(signAs(0, vote), 3);
    }
    expect(script.node(3).refusals).to.have.length(84);
    expect(new Set(script.node(3).refusals)).to.deep.equal(new Set(['BUFFER_FULL']));
  });
});

describe('the journal at start', () => {
  it('of a height that is committed is superseded', () => {
    const script = withoutOne(2).start(3).passInterval(3).fire(3);
    expect(script.node(3).disk.record).to.include({ height: 1, round: 1 });
    script
      .heal(0)
      .deliver(kinds('status', 'syncRequest', 'syncAnswer'))
      .lose()
      .restart(3);
    expect(status(script, 3)).to.include({ height: 3, round: 0, isSigning: true });
  });

  it('of a height beyond the chain lets nothing be signed below it', () => {
    const script = withoutOne(3);
    const { disk } = script.node(3);
    disk.record = emptyRecord(3);
    script.start(3).passInterval(3);
    expect(status(script, 3)).to.include({ height: 1, isSigning: false });
    expect(script.hasTimer(3)).to.equal(false);
    script.heal(0).deliver();
    expect(status(script, 3)).to.include({ height: 4, isSigning: true });
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('that cannot be trusted lets nothing be signed at all, while the chain is followed', () => {
    const script = new Script({
      node: (number) =>
        number === 3 ? { changeEffects: (effects) => effects.filter((effect) => effect.type !== 'persist') } : {},
    });
    script.start(0, 1, 2);
    script.node(3).startWithoutRecord();
    script.passInterval().deliver();
    expect(status(script, 3).isSigning).to.equal(false);
    expect(script.decided(3)).to.equal(script.decided(0));
    expect(script.node(3).disk.record).to.deep.equal(emptyRecord(0));
  });
});

describe('a change of the validators', () => {
  // Heights 1 and 2 are decided by 0 … 3, later ones by 4, 1, 2, 3: another list, in another order.
  const schedule = (height: number) => (height <= 2 ? [0, 1, 2, 3] : [4, 2, 1, 3]);

  it('lets the new ones decide from its height on, and the one that left follows no more', () => {
    const script = new Script({ validatorCount: 5, schedule }).startAll();
    for (let height = 1; height <= 5; height++) {
      script.passInterval().deliver().heal().deliver();
      for (const { id } of script.nodes) if (script.hasTimer(id) && script.node(id).height < height) script.fire(id);
      script.deliver();
    }
    expect(script.node(2).height).to.be.greaterThan(3);
    expect(script.decided(1, 4)).to.equal(script.decided(3, 4));
    expect(status(script, 0).self).to.equal(undefined);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('drops what was kept of the next height: its indices are those of the list before', () => {
    const script = new Script({ validatorCount: 5, schedule: (height) => (height <= 1 ? [0, 1, 2, 3] : [4, 2, 1, 3]) });
    script.startAll();
    const vote: Commit = { type: 'commit', height: 2, round: 0, blockHash: hashOf(9) };
    for (const sender of [0, 1, 2]) script.say(signAs(sender, vote), 3);
    script.passInterval().deliver();
    expect(status(script, 3)).to.include({ height: 2, isDecided: false });
  });
});
