import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { forgeRoundChange } from '../../simulation/byzantine.js';
import { among, both, kinds, Script } from '../../simulation/script.js';
import type { Work } from '../../simulation/world.js';

const ALL = [0, 1, 2, 3];

function goOn(script: Script, until: () => boolean): void {
  for (let cycle = 0; cycle < 12 && !until(); cycle++) {
    script.deliver().heal().deliver();
    if (until()) return;
    for (const { id } of script.nodes) if (script.hasTimer(id)) script.fire(id);
  }
}

function expectAgreement(script: Script, height = 1): void {
  const decided = ALL.map((number) => script.decided(number, height));
  expect(decided, 'every validator decides').to.not.include(undefined);
  expect(new Set(decided).size, 'one block').to.equal(1);
  expect(script.checker.violations).to.deep.equal([]);
}

describe('the proposer crashes', () => {
  const steps: readonly (readonly [string, Work])[] = [
    ['while it builds', 'build'],
    ['before its proposal is in the journal', 'persist'],
    ['after its proposal is in the journal, before it is sent', 'send'],
    ['while it writes the block', 'commit'],
  ];
  for (const [when, work] of steps) {
    it(`${when}, and comes back`, () => {
      const script = new Script().startAll().hold(1, work).passInterval().deliver();
      script.restart(1).release(1, work).passInterval();
      goOn(script, () => ALL.every((number) => script.decided(number) !== undefined));
      expectAgreement(script);
    });

    it(`${when}, and the others go on without it`, () => {
      const script = new Script().startAll().hold(1, work).passInterval().deliver();
      script.crash(1).release(1, work);
      goOn(script, () => [0, 2, 3].every((number) => script.decided(number) !== undefined));
      expect(new Set([0, 2, 3].map((number) => script.decided(number))).size).to.equal(1);
      expect(script.decided(0)).to.be.a('string');
      expect(script.checker.violations).to.deep.equal([]);
    });
  }

  it('after its proposal is in the journal: it proposes the same block again, not another one', () => {
    const script = new Script().startAll().hold(1, 'send').passInterval(1);
    const journaled = script.node(1).disk.record.sent.proposal;
    expect(script.flights()).to.deep.equal([]);
    script.restart(1).release(1, 'send');
    const proposals = script.flights(kinds('proposal'));
    expect(proposals).to.have.length(3);
    for (const { packet } of proposals) {
      const message = packet.type === 'consensus' ? packet.message : undefined;
      expect(message?.type === 'proposal' && message.blockHash).to.deep.equal(journaled?.blockHash);
    }
  });
});

describe('a validator crashes between its journal and the network', () => {
  it('sends on restart what its journal says that it signed', () => {
    const script = new Script().startAll().passInterval();
    script.hold(2, 'send').deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    const { sent } = script.node(2).disk.record;
    expect(sent.prepare?.round).to.equal(0);
    expect(script.flights(({ from }) => from === 2)).to.deep.equal([]);
    script.restart(2).release(2, 'send');
    expect(script.flights(({ from }) => from === 2).map(({ what }) => what)).to.deep.equal([
      'prepare',
      'prepare',
      'prepare',
    ]);
    script.deliver();
    expectAgreement(script);
  });

  it('has said nothing that its journal does not hold: a crash before the disk forgets the vote', () => {
    const script = new Script().startAll().passInterval();
    script.hold(2, 'persist').deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    expect(script.flights(({ from }) => from === 2)).to.deep.equal([]);
    script.restart(2).release(2, 'persist');
    expect(script.node(2).disk.record.height).to.equal(0);
    // It prepares when the proposal comes again.
    goOn(script, () => ALL.every((number) => script.decided(number) !== undefined));
    expectAgreement(script);
  });

  it('would contradict itself if its messages left before the record is on disk', () => {
    const script = new Script({ node: () => ({ sendsFirst: true }) })
      .startAll()
      .passInterval(2)
      .hold(2, 'send')
      .fire(2);
    expect(script.flights(kinds('roundChange'))).to.have.length(3);
    // It crashes, remembers nothing of its round change, and prepares in the round that it has left.
    script.restart(2).release(2, 'send').passInterval(1);
    script.deliver(both(among(1, 2), kinds('proposal', 'bodyRequest', 'bodyAnswer')));
    expect(script.checker.violations.join('\n')).to.include('SIGNING_ROUND_DECREASES');
  });

  it('takes its accepted block up again: the others’ Prepares make it commit', () => {
    const script = new Script().startAll().passInterval();
    script
      .deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'))
      .restart(2)
      .lose(({ to }) => to === 2);
    script.heal(0, 1, 3).deliver(both(kinds('prepare'), ({ to }) => to === 2));
    expect(script.node(2).disk.record.sent.commit?.round).to.equal(0);
  });

  it('writes on what the journal said of earlier rounds', () => {
    const script = new Script().startAll().passInterval();
    script
      .deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'))
      .lose()
      .fire(2)
      .lose();
    const { prepare } = script.node(2).disk.record.sent;
    script.restart(2).lose();
    for (const sender of [0, 3]) script.say(forgeRoundChange(sender, { height: 1, round: 3 }), 2);
    const { sent, round } = script.node(2).disk.record;
    expect(round).to.equal(3);
    expect(prepare?.round).to.equal(0);
    expect(sent.prepare).to.deep.equal(prepare);
  });

  it('takes its prepared block into the next round', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare')).lose();
    script
      .restart(...ALL)
      .lose()
      .passInterval();
    for (const number of ALL) script.fire(number);
    for (const number of ALL) expect(script.node(number).disk.record.sent.roundChange?.preparedRound).to.equal(0);
    const prepared = script.node(0).disk.record.prepared?.blockHash;
    script.deliver();
    expectAgreement(script);
    expect(script.decided(0)).to.equal(prepared === undefined ? '' : toHex(prepared));
  });

  it('everything restarts at once, in the middle of a round: the height is decided all the same', () => {
    for (const what of [['proposal'], ['proposal', 'bodyRequest', 'bodyAnswer', 'prepare']] as const) {
      const script = new Script().startAll().passInterval();
      script
        .deliver(kinds(...what))
        .lose()
        .restart(...ALL)
        .passInterval();
      goOn(script, () => ALL.every((number) => script.decided(number) !== undefined));
      expectAgreement(script);
    }
  });
});
