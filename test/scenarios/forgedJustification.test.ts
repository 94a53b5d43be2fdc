import { expect } from 'chai';
import type { Proposal } from '../../consensus/types.js';
import { toHex } from '../../primitives/bytes.js';
import { forgeBlock, forgeProposal, forgeRoundChange } from './protocol/byzantine.js';
import { certify, hashOf, signAs } from './protocol/fixture.js';
import { Script } from './protocol/script.js';

const ROUND_1 = { height: 1, round: 1 };

interface Forgery {
  readonly what: string;
  readonly round?: number;
  readonly justification: Partial<Pick<Proposal, 'roundChanges' | 'preparedCertificate'>>;
}

/** What validator 0 says to a proposal by the leader of its round, whose block it holds. */
function answerTo({ round = 1, justification }: Forgery): { readonly refusals: readonly string[]; prepared: boolean } {
  const script = new Script().start(0);
  const leader = (1 + round) % 4;
  const block = forgeBlock(script.node(0), { proposer: script.node(leader).config.address, content: 7 });
  script.node(0).disk.bodies.set(toHex(block.blockHash), block);
  const message = forgeProposal(leader, round, block, justification);
  // Straight to the rules: what the host checks (the signatures) holds here.
  script.input(0, { type: 'message', message });
  const { refusals, disk } = script.node(0);
  return { refusals, prepared: disk.record.sent.prepare !== undefined };
}

/**
 * Trap: a faulty leader makes up the reasons for which its block would have to be accepted: too few round changes, one of
 * them twice, those of another round, a claim without its certificate, an old claim where there is a higher one.
 *
 * Closed by PROTOCOL §Consensus rule 2: what makes a proposal justified; and Messages: what makes a RoundChange consistent.
 */
describe('a proposal whose justification is made up', () => {
  const four = [0, 1, 2, 3].map((sender) => forgeRoundChange(sender, ROUND_1));
  const [zero, one, two, three] = four as [(typeof four)[0], (typeof four)[0], (typeof four)[0], (typeof four)[0]];
  const old = certify('prepare', { height: 1, round: 0, blockHash: hashOf(5) }, [0, 1, 2], 4);
  const claiming = forgeRoundChange(3, ROUND_1, old);

  const forgeries: readonly Forgery[] = [
    { what: 'with no round changes at all', justification: {} },
    { what: 'with the round changes of fewer than a quorum', justification: { roundChanges: [one, two] } },
    { what: 'with one round change twice', justification: { roundChanges: [one, one, two] } },
    { what: 'with round changes out of their order', justification: { roundChanges: [two, one, zero] } },
    {
      what: 'with a round change that claims the round that it asks for',
      justification: {
        roundChanges: [
          one,
          two,
          signAs(3, { ...three, preparedRound: 1, preparedHash: hashOf(5), preparedCertificate: undefined }),
        ],
      },
    },
    { what: 'with a claim and no certificate', justification: { roundChanges: [one, two, claiming] } },
    {
      what: 'with a claim of another block than its own',
      justification: { roundChanges: [one, two, claiming], preparedCertificate: old },
    },
    {
      what: 'with a certificate that nobody claims',
      justification: { roundChanges: [one, two, three], preparedCertificate: old },
    },
    { what: 'in round 0 with round changes', round: 0, justification: { roundChanges: [], preparedCertificate: old } },
  ];
  for (const forgery of forgeries) {
    it(`${forgery.what} is refused`, () => {
      expect(answerTo(forgery)).to.deep.equal({ refusals: ['NOT_JUSTIFIED'], prepared: false });
    });
  }

  it('is told from one that is true', () => {
    const trueOne: Forgery = { what: 'with a quorum', justification: { roundChanges: [one, two, three] } };
    expect(answerTo(trueOne)).to.deep.equal({ refusals: [], prepared: true });
  });

  it('does not help who does not lead the round', () => {
    const script = new Script().start(0);
    const block = forgeBlock(script.node(0), { proposer: script.node(3).config.address, content: 7 });
    script.node(0).disk.bodies.set(toHex(block.blockHash), block);
    script.say(forgeProposal(3, 1, block, { roundChanges: [one, two, three] }), 0);
    expect(script.node(0).refusals).to.deep.equal(['NOT_LEADER']);
    expect(script.node(0).disk.record.sent.prepare).to.equal(undefined);
  });

  it('does not help a block that stands on another parent', () => {
    const script = new Script().start(0);
    const block = forgeBlock(script.node(0), { proposer: script.node(1).config.address, content: 7 });
    const header = { ...block.header, parentHash: hashOf(9) };
    script.say(forgeProposal(1, 0, { ...block, header }), 0);
    expect(script.node(0).refusals).to.deep.equal(['HEADER_MISMATCH']);
  });
});

describe('a round change whose claim is made up', () => {
  it('is refused whichever part of it is not true', () => {
    const script = new Script().start(0);
    const [blockHash, otherHash] = [hashOf(1), hashOf(2)];
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
