import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { forgeBlock, forgeProposal, forgeRoundChange } from '../../simulation/byzantine.js';
import { among, both, kinds, Script } from '../../simulation/script.js';

const ROUND_1 = { height: 1, round: 1 };

describe('changing rounds', () => {
  it('goes on without a dead leader: the next one proposes with a quorum of round changes', () => {
    const script = new Script().start(0, 2, 3).passInterval(0, 2, 3);
    for (const number of [0, 2, 3]) script.fire(number);
    script.deliver();
    expect([0, 2, 3].map((number) => script.round(number))).to.deep.equal([0, 0, 0]);
    expect(new Set([0, 2, 3].map((number) => script.decided(number))).size).to.equal(1);
    expect(script.node(0).disk.chain[0]?.certificate.round).to.equal(1);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('settles a lone payment that one validator alone holds, under a dead leader', () => {
    const script = new Script();
    for (const number of [0, 3]) script.node(number).isWorkPending = false;
    script.start(0, 2, 3).passInterval(0, 2, 3);
    expect([0, 2, 3].map((number) => script.hasTimer(number))).to.deep.equal([false, true, false]);
    // The others have nothing to include; that one asks for a round is work enough to start their timers.
    script.fire(2).deliver();
    expect([0, 3].map((number) => script.hasTimer(number))).to.deep.equal([true, true]);
    script.fire(0).fire(3).deliver();
    expect([0, 2, 3].map((number) => script.decided(number))).to.not.include(undefined);
  });

  it('has an idle leader propose in round 0 when it sees that somebody asks for the next', () => {
    const script = new Script();
    for (const number of [0, 1, 3]) script.node(number).isWorkPending = false;
    script.startAll().passInterval().fire(2).deliver();
    // Validator 2 has left round 0: the other three decide there.
    expect(script.node(1).disk.chain[0]?.certificate.round).to.equal(0);
  });

  it('jumps to the round that f + 1 validators have reached, and not for f', () => {
    const script = new Script().start(0);
    script.say(forgeRoundChange(3, { height: 1, round: 7 }), 0);
    expect(script.round(0)).to.equal(0);
    script.say(forgeRoundChange(2, { height: 1, round: 4 }), 0);
    expect(script.round(0)).to.equal(4);
    expect(script.node(0).disk.record.sent.roundChange?.round).to.equal(4);
  });

  it('does not run ahead alone: the timer of a later round starts with a quorum only', () => {
    const script = new Script().start(0).passInterval(0).fire(0).heal(0);
    expect(script.round(0)).to.equal(1);
    expect(script.hasTimer(0)).to.equal(false);
    script.say(forgeRoundChange(2, ROUND_1), 0);
    expect(script.hasTimer(0)).to.equal(false);
    script.say(forgeRoundChange(3, ROUND_1), 0);
    expect(script.hasTimer(0)).to.equal(true);
    expect(script.timerDelayMs(0)).to.equal(300);
  });

  it('ignores timers of rounds and heights that are over', () => {
    const script = new Script().startAll();
    script.input(0, { type: 'timeout', height: 1, round: 0 });
    expect(script.round(0), 'no timer was started').to.equal(0);
    script.passInterval();
    script.input(0, { type: 'timeout', height: 1, round: 1 }).input(0, { type: 'timeout', height: 2, round: 0 });
    expect(script.round(0)).to.equal(0);
    script.fire(0);
    expect(script.round(0)).to.equal(1);
    script.input(0, { type: 'timeout', height: 1, round: 0 });
    expect(script.round(0)).to.equal(1);
  });

  it('says its Commit again in later rounds, so that the round in which it was said still decides', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare')).lose();
    for (const number of [0, 1, 2, 3]) script.fire(number);
    script.lose().heal().deliver(kinds('commit'));
    expect(script.node(3).disk.chain[0]?.certificate.round).to.equal(0);
  });

  it('decides by Commits of a round that it has left', () => {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare'));
    const commitsTo3 = both(kinds('commit'), ({ to }) => to === 3);
    script.deliver(both(kinds('commit'), ({ to }) => to !== 3));
    script.fire(3);
    expect(script.round(3)).to.equal(1);
    script.deliver(commitsTo3);
    expect(script.decided(3)).to.be.a('string').and.equal(script.decided(0));
    expect(script.node(3).disk.chain[0]?.certificate.round).to.equal(0);
  });
});

describe('a block that was prepared', () => {
  /** Validators 0 and 1 hold a quorum of Prepares for the block of (1, 0); nobody decides. */
  function prepared(): Script {
    const script = new Script().startAll().passInterval();
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    script.deliver(both(kinds('prepare'), ({ to }) => to < 2)).lose();
    return script;
  }

  function nextRound(script: Script, ...numbers: readonly number[]): Script {
    for (const number of numbers) script.fire(number);
    return script.deliver(both(among(...numbers), kinds('roundChange')));
  }

  it('is proposed again with its old proposer and timestamp, and accepted whatever the clocks say now', () => {
    const script = prepared();
    const block = script.node(0).disk.record.prepared?.blockHash;
    // A block that was fresh under the old clocks is far ahead of these.
    for (const node of script.nodes) script.skewsMs.set(node.id, -600_000);
    nextRound(script, 0, 1, 2, 3).deliver();
    const chain = script.node(3).disk.chain;
    expect(chain[0]?.certificate.round).to.equal(1);
    expect(script.decided(3)).to.equal(block === undefined ? '' : toHex(block));
    expect(chain[0]?.body.header.proposer).to.equal(script.node(1).config.address);
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('would halt the chain if its clock were checked again', () => {
    const isAhead = (timestamp: number, nowMs: number) => timestamp > nowMs + 500;
    const script = new Script({
      node: () => ({
        changeInput: (input) =>
          input.type === 'message' &&
          input.message.type === 'proposal' &&
          input.message.preparedCertificate !== undefined &&
          isAhead(input.message.header.timestamp, input.nowMs)
            ? undefined
            : input,
      }),
    });
    script
      .startAll()
      .passInterval()
      .deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    script.deliver(both(kinds('prepare'), ({ to }) => to < 2)).lose();
    for (const node of script.nodes) script.skewsMs.set(node.id, -600_000);
    for (let round = 0; round < 20; round++) {
      for (const { id } of script.nodes) if (script.hasTimer(id)) script.fire(id);
      script.deliver().heal().deliver();
    }
    expect(script.decided(0)).to.equal(undefined);
  });

  it('comes back as long as one of the quorum holds its certificate', () => {
    const script = prepared();
    const block = script.node(0).disk.record.prepared?.blockHash;
    expect(script.node(2).disk.record.prepared).to.equal(undefined);
    // Validator 2 leads the next round without a certificate of its own; validator 1 is the only holder heard.
    nextRound(script, 1, 2, 3).deliver(among(1, 2, 3));
    expect(script.node(3).disk.chain[0]?.certificate.round).to.equal(1);
    expect(script.decided(3)).to.equal(block === undefined ? '' : toHex(block));
  });

  it('split Prepares decide nothing, and the next round decides one block', () => {
    const script = new Script().start(0, 2, 3).passInterval(0, 2, 3);
    // The leader, validator 1, shows two blocks: X to 0 and 2, Y to 3.
    const proposer = script.node(1).config.address;
    const [x, y] = [101, 102].map((content) => forgeBlock(script.node(0), { proposer, content }));
    if (x === undefined || y === undefined) throw new Error('two blocks');
    for (const body of [x, y]) script.node(1).disk.bodies.set(toHex(body.blockHash), body);
    script.node(1).start();
    script
      .say(forgeProposal(1, 0, x), 0, 2)
      .say(forgeProposal(1, 0, y), 3)
      .deliver();
    expect([0, 2, 3].map((number) => script.decided(number))).to.deep.equal([undefined, undefined, undefined]);
    script.crash(1);
    for (const number of [0, 2, 3]) script.fire(number);
    script.deliver();
    expect(new Set([0, 2, 3].map((number) => script.decided(number))).size).to.equal(1);
    expect(script.decided(0)).to.be.a('string');
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('is accepted from a justified proposal by a validator that is behind, which asks for the round first', () => {
    const script = new Script().start(0);
    const proposer = script.node(2).config.address;
    const block = forgeBlock(script.node(0), { proposer, content: 7 });
    const roundChanges = [1, 2, 3].map((sender) => forgeRoundChange(sender, ROUND_1));
    script.node(0).disk.bodies.set(toHex(block.blockHash), block);
    script.say(forgeProposal(2, 1, block, { roundChanges }), 0);
    const { sent, round } = script.node(0).disk.record;
    expect(round).to.equal(1);
    expect(sent.roundChange?.round).to.equal(1);
    expect(sent.prepare?.round).to.equal(1);
    expect(script.hasTimer(0), 'the timer of the round runs at once').to.equal(true);
  });
});
