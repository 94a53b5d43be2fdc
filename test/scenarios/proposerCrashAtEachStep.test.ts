import { expect } from 'chai';
import { forgeRoundChange } from './protocol/byzantine.js';
import { kinds, Script } from './protocol/script.js';
import type { Work } from './protocol/world.js';
import { expectOneBlock, goOn } from './support/outcome.js';

const ALL = [0, 1, 2, 3];

const STEPS: readonly (readonly [string, Work])[] = [
  ['while it builds', 'build'],
  ['before its proposal is in the journal', 'persist'],
  ['after its proposal is in the journal, before it is sent', 'send'],
  ['while it writes the block', 'commit'],
];

/**
 * Trap: the proposer crashes somewhere between building a block and having written it. When it comes back it may have
 * forgotten what it proposed and propose another block for the same round; when it stays away the others must not wait.
 *
 * Closed by PROTOCOL §Consensus, Journal: what was signed is said again after a restart, and nothing else; and rules 5 to 7: the
 * others change the round.
 */
describe('the proposer crashes', () => {
  for (const [when, work] of STEPS) {
    it(`${when}, and comes back`, () => {
      const script = new Script().startAll().hold(1, work).passInterval().deliver();
      script.restart(1).release(1, work).passInterval();
      goOn(script, ALL);
      expectOneBlock(script, ALL);
    });

    it(`${when}, and the others go on without it`, () => {
      const script = new Script().startAll().hold(1, work).passInterval().deliver();
      script.crash(1).release(1, work);
      goOn(script, [0, 2, 3]);
      expectOneBlock(script, [0, 2, 3]);
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

/**
 * Trap: any validator crashes between its journal and the network, or all do at once, in the middle of a round.
 *
 * Closed by the same rules: what the journal names binds, and is signed and sent again.
 */
describe('a validator crashes between its journal and the network', () => {
  it('sends on restart what its journal says that it signed', () => {
    const script = new Script().startAll().passInterval();
    script.hold(2, 'send').deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    const { sent } = script.node(2).disk.record;
    expect(sent.prepare?.round).to.equal(0);
    expect(script.flights(({ from }) => from === 2)).to.deep.equal([]);
    script.restart(2).release(2, 'send');
    expect(script.flights(({ from, what }) => from === 2 && what === 'prepare')).to.have.length(3);
  });

  it('stays bound by its Prepare when others take it to a later round', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer')).lose();
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
    const prepared = script.node(0).disk.record.prepared?.blockHash;
    script
      .restart(...ALL)
      .lose()
      .passInterval();
    for (const number of ALL) script.fire(number);
    for (const number of ALL) expect(script.node(number).disk.record.sent.roundChange?.preparedRound).to.equal(0);
    script.deliver();
    expectOneBlock(script, ALL);
    expect(script.node(0).disk.chain[0]?.body.blockHash).to.deep.equal(prepared);
  });

  for (const what of [['proposal'], ['proposal', 'bodyRequest', 'bodyAnswer', 'prepare']] as const) {
    it(`and so do all others, after every ${what.at(-1)} has come: the height is decided all the same`, () => {
      const script = new Script().startAll().passInterval();
      script
        .deliver(kinds(...what))
        .lose()
        .restart(...ALL)
        .passInterval();
      goOn(script, ALL);
      expectOneBlock(script, ALL);
    });
  }
});
