import { expect } from 'chai';
import { startConsensus, step } from '../../../consensus/consensus.js';
import { WATCHED_ROUNDS } from '../../../consensus/evidence.js';
import { emptyRecord } from '../../../consensus/journalRecord.js';
import type { ConsensusState } from '../../../consensus/state.js';
import type { ConsensusHead, InputBody, Signed, SignedMessage, Vote } from '../../../consensus/types.js';
import { headerHash } from '../../../primitives/block.js';
import type { Evidence } from '../../../primitives/evidence.js';
import { forgeProposal, forgeRoundChange } from '../../scenarios/protocol/byzantine.js';
import {
  certify,
  childHeader,
  GENESIS_TIMESTAMP_MS,
  genesisHead,
  indices,
  signAs,
  TEST_CONFIG,
  testAddress,
  testValidators,
} from '../../scenarios/protocol/fixture.js';

const validators = testValidators(indices(4));
const head = genesisHead(validators);
const NOW_MS = GENESIS_TIMESTAMP_MS + 1_000;
const CULPRIT = 2;

/** Validator 0 of four, at height 1. */
function start(): ConsensusState {
  const config = { ...TEST_CONFIG, address: validators[0]?.address };
  const given = { nowMs: NOW_MS, head, record: emptyRecord(0), bodies: [], workPending: true };
  return startConsensus(config, given).state;
}

function take(state: ConsensusState, input: InputBody): Evidence[] {
  const effects = step(state, { ...input, nowMs: NOW_MS });
  return effects.flatMap((effect) => (effect.type === 'reportEvidence' ? [effect.evidence] : []));
}

function hear(state: ConsensusState, ...messages: readonly SignedMessage[]): Evidence[] {
  return messages.flatMap((message) => take(state, { type: 'message', message }));
}

const block = (content: number) => {
  const header = childHeader(head, { proposer: testAddress(2), timestamp: NOW_MS, content });
  return { header, blockHash: headerHash(header) };
};
const vote = (type: 'prepare' | 'commit', content: number, at: { height?: number; round?: number } = {}) =>
  signAs(CULPRIT, { type, height: at.height ?? 1, round: at.round ?? 0, blockHash: block(content).blockHash });
const commitOf = (sender: number) => signAs(sender, { type: 'commit', height: 1, round: 0, ...hashOnly(1) });
const hashOnly = (content: number) => ({ blockHash: block(content).blockHash });

/** Decides block 1 by the Commits of everybody but the culprit and this node, and of the culprit where it is among them. */
function decide(state: ConsensusState): Evidence[] {
  return hear(state, commitOf(1), commitOf(3), commitOf(CULPRIT));
}

function commit(state: ConsensusState): Evidence[] {
  const next: ConsensusHead = { ...block(1), validators };
  return [...decide(state), ...take(state, { type: 'committed', head: next })];
}

function kinds(found: readonly Evidence[]): string[] {
  return found.map(({ kind, validator, first }) => `${kind} ${first.type} of ${Number(validator) - 1}`);
}

describe('the watch for evidence (PROTOCOL §Evidence E6)', () => {
  const pairs: Readonly<Record<string, readonly [Signed<Vote>, Signed<Vote>]>> = {
    'doubleSign proposal of 2': [forgeProposal(CULPRIT, 1, block(1)), forgeProposal(CULPRIT, 1, block(2))],
    'doubleSign prepare of 2': [vote('prepare', 1), vote('prepare', 2)],
    'doubleSign commit of 2': [vote('commit', 1), vote('commit', 2)],
    'doubleSign roundChange of 2': [
      forgeRoundChange(CULPRIT, { height: 1, round: 2 }),
      forgeRoundChange(
        CULPRIT,
        { height: 1, round: 2 },
        certify('prepare', { height: 1, round: 1, ...hashOnly(1) }, [0, 1, 3], 4),
      ),
    ],
    'amnesia commit of 2': [vote('commit', 1, { round: 1 }), forgeRoundChange(CULPRIT, { height: 1, round: 4 })],
  };

  for (const [expected, [a, b]] of Object.entries(pairs)) {
    it(`finds ${expected}, in either order, and once`, () => {
      for (const messages of [
        [a, b],
        [b, a],
      ]) {
        const state = start();
        expect(kinds(hear(state, ...messages))).to.deep.equal([expected]);
        expect(hear(state, ...messages)).to.deep.equal([]);
      }
    });

    it(`finds ${expected} although the height is decided, and once more although it is committed`, () => {
      const decided = start();
      hear(decided, commitOf(0), commitOf(1), commitOf(3));
      expect(decided.current.decision).not.to.equal(undefined);
      expect(kinds(hear(decided, a, b))).to.deep.equal([expected]);
      const committed = start();
      hear(committed, a, commitOf(0), commitOf(1), commitOf(3));
      take(committed, { type: 'committed', head: { ...block(1), validators } });
      expect(committed.current.height).to.equal(2);
      expect(kinds(hear(committed, b))).to.deep.equal([expected]);
    });
  }

  it('finds a fault in a round that is over, and in one that is to come', () => {
    const state = start();
    hear(state, vote('prepare', 1));
    for (const sender of [1, 3]) hear(state, forgeRoundChange(sender, { height: 1, round: 3 }));
    expect(state.current.round).to.equal(3);
    expect(kinds(hear(state, vote('prepare', 2)))).to.deep.equal(['doubleSign prepare of 2']);
    const later = [1, 2].map((content) => vote('commit', content, { round: 9 })) as [SignedMessage, SignedMessage];
    expect(kinds(hear(state, ...later))).to.deep.equal(['doubleSign commit of 2']);
  });

  it('finds a fault at the next height before that begins, and not beyond', () => {
    const state = start();
    expect(kinds(hear(state, vote('prepare', 1, { height: 2 }), vote('prepare', 2, { height: 2 })))).to.deep.equal([
      'doubleSign prepare of 2',
    ]);
    expect(hear(state, vote('prepare', 1, { height: 3 }), vote('prepare', 2, { height: 3 }))).to.deep.equal([]);
  });

  it('reads the round changes and the certificate that a proposal relays', () => {
    const state = start();
    hear(state, vote('commit', 1), vote('prepare', 2));
    const certificate = certify('prepare', { height: 1, round: 0, ...hashOnly(1) }, [1, CULPRIT, 3], 4);
    const roundChanges = [0, 1, CULPRIT].map((sender) => forgeRoundChange(sender, { height: 1, round: 1 }));
    // Its sender leads round 1, or not: what it relays is signed all the same.
    const found = hear(state, forgeProposal(1, 1, block(1), { roundChanges, preparedCertificate: certificate }));
    expect(kinds(found)).to.have.members(['amnesia commit of 2', 'doubleSign prepare of 2']);
  });

  it('finds who signed both when two blocks of one height have commit certificates', () => {
    const state = start();
    commit(state);
    const fork = certify('commit', { height: 1, round: 0, ...hashOnly(2) }, [1, CULPRIT, 3], 4);
    expect(kinds(take(state, { type: 'certificate', certificate: fork, from: undefined }))).to.have.members([
      'doubleSign commit of 1',
      'doubleSign commit of 2',
      'doubleSign commit of 3',
    ]);
  });

  it('finds a vote of this node’s own key that another machine made', () => {
    const state = start();
    const [own, foreign] = [1, 2].map((content) =>
      signAs(0, { type: 'prepare', height: 1, round: 0, ...hashOnly(content) }),
    );
    expect(kinds(hear(state, own as SignedMessage, foreign as SignedMessage))).to.deep.equal([
      'doubleSign prepare of 0',
    ]);
  });

  it('forgets, of one that signs for very many rounds, those that are far from where the others work', () => {
    const state = start();
    hear(state, vote('prepare', 1));
    for (let round = 1_000; round < 1_000 + 2 * WATCHED_ROUNDS; round++) hear(state, vote('prepare', 1, { round }));
    expect(hear(state, vote('prepare', 2, { round: 1_000 + 2 * WATCHED_ROUNDS - 1 }))).to.deep.equal([]);
    expect(kinds(hear(state, vote('prepare', 2)))).to.deep.equal(['doubleSign prepare of 2']);
  });

  it('has nothing against those who decide, change rounds and repeat themselves', () => {
    const state = start();
    const certificate = certify('prepare', { height: 1, round: 0, ...hashOnly(1) }, [1, CULPRIT, 3], 4);
    const honest = [1, CULPRIT, 3].flatMap((sender) => [
      signAs(sender, { type: 'prepare', height: 1, round: 0, ...hashOnly(1) }),
      signAs(sender, { type: 'commit', height: 1, round: 0, ...hashOnly(1) }),
      forgeRoundChange(sender, { height: 1, round: 1 }, certificate),
      forgeRoundChange(sender, { height: 1, round: 2 }, certificate),
    ]);
    expect(hear(state, ...honest, ...honest)).to.deep.equal([]);
  });
});
