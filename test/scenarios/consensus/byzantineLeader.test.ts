import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { forgeBlock, forgeProposal, forgeRoundChange } from '../../simulation/byzantine.js';
import { certify, signAs } from '../../simulation/fixture.js';
import { among, type Filter, kinds, Script } from '../../simulation/script.js';

const CYCLES = 12;

/** Everything is delivered and healed, then every timer that runs runs out, again and again. */
function goOn(script: Script, numbers: readonly number[], filter: Filter = among(...numbers)): void {
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    script
      .deliver(filter)
      .heal(...numbers)
      .deliver(filter);
    if (numbers.every((number) => script.decided(number) !== undefined)) return;
    for (const number of numbers) if (script.hasTimer(number)) script.fire(number);
  }
}

/**
 * Validator 3, leader of (1, 2), has the round changes of 0 and 2 and its own; it shows its proposal to validator 1
 * alone, which is still in round 1, and falls silent. The body it keeps.
 */
function shownToOneAlone(withBody: boolean): Script {
  const script = new Script().start(0, 1, 2).passInterval(0, 1, 2).lose();
  const honest = among(0, 1, 2);
  script.fire(0).fire(2);
  script.say(forgeRoundChange(3, { height: 1, round: 1 }), 0, 1, 2);
  script.deliver((flight) => honest(flight) && flight.what === 'roundChange');
  expect([0, 1, 2].map((number) => script.round(number))).to.deep.equal([1, 1, 1]);
  // The proposal of (1, 1) is lost, and so are the round changes of 0 and 2 for round 2 on their way to 1.
  script.lose().fire(0).fire(2);
  const round2 = { height: 1, round: 2 };
  const roundChanges = [0, 2, 3].map((sender) => forgeRoundChange(sender, round2));
  const block = forgeBlock(script.node(0), { proposer: script.node(3).config.address, content: 99 });
  if (withBody) script.node(1).disk.bodies.set(toHex(block.blockHash), block);
  script.lose(({ to }) => to === 1);
  script.say(forgeProposal(3, 2, block, { roundChanges }), 1);
  return script;
}

describe('a faulty leader', () => {
  it('that shows its proposal to one validator alone does not halt the others', () => {
    const script = shownToOneAlone(true);
    expect(script.node(1).disk.record.sent.prepare?.round).to.equal(2);
    expect(script.hasTimer(1), 'it entered the round with a quorum of round changes').to.equal(true);
    goOn(script, [0, 1, 2]);
    expect(new Set([0, 1, 2].map((number) => script.decided(number))).size).to.equal(1);
    expect(script.decided(0)).to.be.a('string');
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('that also withholds the body does not halt them either', () => {
    const script = shownToOneAlone(false);
    expect(script.node(1).disk.record.sent.prepare?.round).to.not.equal(2);
    expect(script.node(1).disk.record.sent.roundChange?.round, 'its round changes count all the same').to.equal(2);
    goOn(script, [0, 1, 2]);
    expect(script.decided(0)).to.be.a('string');
  });

  it('does not halt them when all restart at that moment: each journal holds a round change for its round', () => {
    const script = shownToOneAlone(true).lose().restart(0, 1, 2);
    expect(script.node(1).disk.record.sent.roundChange?.round).to.equal(2);
    goOn(script, [0, 1, 2]);
    expect(script.decided(0)).to.be.a('string');
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('would halt them if a validator could enter a round without a round change of its own', () => {
    // The same restart, with what was signed for round 2 limited to the Prepare.
    const script = shownToOneAlone(true).lose().crash(0, 1, 2);
    const { disk } = script.node(1);
    disk.record = { ...disk.record, sent: { ...disk.record.sent, roundChange: undefined } };
    script.start(0, 1, 2);
    goOn(script, [0, 1, 2]);
    expect(script.decided(0)).to.equal(undefined);
  });

  it('that proposes two blocks is seen: the first one counts, the second is evidence', () => {
    const script = new Script().start(0);
    const proposer = script.node(1).config.address;
    const [first, second] = [1, 2].map((content) => forgeBlock(script.node(0), { proposer, content }));
    if (first === undefined || second === undefined) throw new Error('two blocks');
    script.node(0).disk.bodies.set(toHex(first.blockHash), first);
    script
      .say(forgeProposal(1, 0, first), 0)
      .say(forgeProposal(1, 0, second), 0)
      .say(forgeProposal(1, 0, second), 0);
    expect(script.node(0).disk.record.sent.prepare?.blockHash).to.deep.equal(first.blockHash);
    expect(script.node(0).evidence.map(({ kind, first }) => [kind, first.type])).to.deep.equal([
      ['doubleSign', 'proposal'],
    ]);
    expect(script.node(0).refusals).to.deep.equal(['CONFLICTING', 'CONFLICTING']);
  });

  it('whose block executes to other roots gets no Prepare and no second try', () => {
    const script = new Script().start(0);
    const proposer = script.node(1).config.address;
    const wrong = { ...forgeBlock(script.node(0), { proposer, content: 1 }), isValid: false };
    script.node(0).disk.bodies.set(toHex(wrong.blockHash), wrong);
    script.say(forgeProposal(1, 0, wrong), 0).say(forgeProposal(1, 0, wrong), 0);
    expect(script.node(0).disk.record.sent.prepare).to.equal(undefined);
    expect(script.node(0).refusals).to.deep.equal(['BLOCK_INVALID']);
  });

  it('whose body cannot be had is heard again when it repeats its proposal', () => {
    const script = new Script().start(0);
    const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 1 });
    script.say(forgeProposal(1, 0, block), 0).fire(0, 'body');
    expect(script.node(0).refusals).to.deep.equal(['BODY_UNAVAILABLE']);
    script.node(0).disk.bodies.set(toHex(block.blockHash), block);
    script.say(forgeProposal(1, 0, block), 0);
    expect(script.node(0).disk.record.sent.prepare?.blockHash).to.deep.equal(block.blockHash);
  });
});

describe('a prepared block whose body nobody shows', () => {
  /**
   * Validator 3 alone holds the quorum of Prepares for a block that 0 and 1 once prepared; their bodies are gone. In
   * each round its round change is among the first.
   */
  function run(countsAnyBody: boolean): Script {
    const script = new Script({
      node: () => ({
        changeEffects: (effects, node) => {
          if (!countsAnyBody) return effects;
          for (const effect of effects) {
            if (effect.type !== 'fetchBody') continue;
            node.disk.bodies.set(toHex(effect.blockHash), { ...block, isValid: true });
            // Believes to hold what nobody else can get.
            node.input({ type: 'bodyAvailable', blockHash: effect.blockHash, header: block.header });
            node.disk.bodies.delete(toHex(effect.blockHash));
          }
          return effects;
        },
        servesBodies: !countsAnyBody,
      }),
    }).start(0, 1, 2);
    const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 5 });
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: block.blockHash }, [0, 1, 3], 4);
    script.passInterval(0, 2, 1).lose();
    for (let round = 1; round <= CYCLES && script.decided(0) === undefined; round++) {
      for (const number of [0, 1, 2]) if (script.hasTimer(number)) script.fire(number);
      for (const to of [0, 1, 2]) script.say(forgeRoundChange(3, { height: 1, round }, certificate), to);
      script.deliver(among(0, 1, 2));
      if (round % 4 === 2)
        for (const number of [0, 1, 2]) if (script.hasTimer(number, 'body')) script.fire(number, 'body');
    }
    return script;
  }

  it('spoils no round: any other quorum of round changes does', () => {
    const script = run(false);
    expect(script.decided(0)).to.be.a('string');
    expect(script.checker.violations).to.deep.equal([]);
  });

  it('would spoil every round if a leader counted it without the body', () => {
    expect(run(true).decided(0)).to.equal(undefined);
  });

  it('is fetched from its signers and proposed again where one of them is honest', () => {
    const script = new Script().start(0, 1, 2);
    const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 5 });
    script.node(1).disk.bodies.set(toHex(block.blockHash), block);
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: block.blockHash }, [0, 1, 3], 4);
    const round1 = { height: 1, round: 1 };
    script.say(forgeRoundChange(3, round1, certificate), 0, 1, 2).say(forgeRoundChange(0, round1), 1, 2);
    // Validator 2, the leader, misses the body; validator 3 does not answer, validator 1 does.
    expect(script.flights(kinds('bodyRequest')).map(({ from, to }) => [from, to])).to.deep.include([2, 1]);
    script.lose(({ what, from }) => what === 'roundChange' && from === 1).deliver(among(0, 1, 2));
    expect([0, 1, 2].map((number) => script.decided(number))).to.deep.equal(
      [0, 0, 0].map(() => toHex(block.blockHash)),
    );
  });
});

describe('votes that an honest validator never sends', () => {
  const hashes = [1, 2].map((value) => new Uint8Array(32).fill(value)) as [Uint8Array, Uint8Array];

  it('two Prepares, or two Commits, of one round are evidence, once of each type for a validator and height', () => {
    const script = new Script().start(0);
    for (const type of ['prepare', 'commit'] as const) {
      for (const round of [0, 1]) {
        for (const blockHash of hashes) script.say(signAs(2, { type, height: 1, round, blockHash }), 0);
      }
    }
    expect(script.node(0).evidence.map(({ first }) => [first.type, first.round])).to.deep.equal([
      ['prepare', 0],
      ['commit', 0],
    ]);
    expect(script.node(0).evidence[0]).to.include({ kind: 'doubleSign', validator: script.node(2).config.address });
  });

  it('a round change that forgets an earlier Commit is evidence of amnesia, in whichever order they come', () => {
    const commit = signAs(2, { type: 'commit', height: 1, round: 1, blockHash: hashes[0] });
    const forgetful = forgeRoundChange(2, { height: 1, round: 3 });
    for (const messages of [
      [commit, forgetful],
      [forgetful, commit],
    ]) {
      const script = new Script().start(0);
      for (const message of messages) script.say(message, 0);
      expect(script.node(0).evidence[0]).to.include({ kind: 'amnesia', validator: script.node(2).config.address });
    }
  });

  it('a round change that claims what it cannot prove is refused', () => {
    const script = new Script().start(0);
    const [blockHash, otherHash] = hashes;
    const certificate = certify('prepare', { height: 1, round: 0, blockHash }, [1, 2, 3], 4);
    const claims = [
      { preparedRound: 0, preparedHash: blockHash, preparedCertificate: undefined },
      { preparedRound: 1, preparedHash: blockHash, preparedCertificate: certificate },
      { preparedRound: 0, preparedHash: otherHash, preparedCertificate: certificate },
      { preparedRound: undefined, preparedHash: undefined, preparedCertificate: certificate },
      { preparedRound: 2, preparedHash: blockHash, preparedCertificate: { ...certificate, round: 2 } },
    ];
    for (const claim of claims) {
      const vote = { type: 'roundChange' as const, height: 1, round: 2, ...claim };
      script.input(0, { type: 'message', message: signAs(3, vote) });
    }
    expect(script.node(0).refusals).to.deep.equal(claims.map(() => 'ROUND_CHANGE_INVALID'));
  });
});
