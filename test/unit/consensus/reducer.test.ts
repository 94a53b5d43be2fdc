import { expect } from 'chai';
import { startConsensus, step } from '../../../consensus/consensus.js';
import { emptyRecord } from '../../../consensus/journalRecord.js';
import type { ConsensusState } from '../../../consensus/state.js';
import type {
  ConsensusStart,
  Effect,
  InputBody,
  RoundChange,
  SignedMessage,
  Status,
} from '../../../consensus/types.js';
import { headerHash } from '../../../primitives/block.js';
import { isCodedError } from '../../../primitives/errors.js';
import { forgeProposal, forgeRoundChange } from '../../scenarios/protocol/byzantine.js';
import {
  certify,
  childHeader,
  GENESIS_TIMESTAMP_MS,
  genesisHead,
  hashOf,
  indices,
  signAs,
  TEST_CONFIG,
  testAddress,
  testValidators,
} from '../../scenarios/protocol/fixture.js';

const validators = testValidators(indices(4));
const head = genesisHead(validators);
const NOW_MS = GENESIS_TIMESTAMP_MS + 1_000;

/** A reducer at height 1, as validator `self`; leader of (1, r) is validator (1 + r) mod 4. */
function start(self: number | undefined, changes: Partial<ConsensusStart> = {}) {
  const address = self === undefined ? undefined : validators[self]?.address;
  const given = { nowMs: NOW_MS, head, record: emptyRecord(0), bodies: [], workPending: true, ...changes };
  return startConsensus({ ...TEST_CONFIG, address }, given);
}

function take(state: ConsensusState, ...inputs: readonly InputBody[]): Effect[] {
  return inputs.flatMap((input) => step(state, { ...input, nowMs: NOW_MS }));
}

function hear(state: ConsensusState, ...messages: readonly SignedMessage[]): Effect[] {
  return take(state, ...messages.map((message) => ({ type: 'message' as const, message })));
}

const interval = { type: 'proposalDue', height: 1, reason: 'interval' } as const;

function block(proposer: number, timestamp = NOW_MS) {
  const header = childHeader(head, { proposer: testAddress(proposer + 1), timestamp, content: 1 });
  return { header, blockHash: headerHash(header) };
}

function types(effects: readonly Effect[]): string[] {
  return effects.map((effect) => (effect.type === 'refused' ? `refused ${effect.code}` : effect.type));
}

describe('a leader', () => {
  it('asks for a block after its parent’s timestamp, even where its clock is behind', () => {
    const { state } = start(1, { nowMs: 0 });
    const [effect] = step(state, { ...interval, nowMs: 5 }).filter(({ type }) => type === 'buildBlock');
    expect(effect).to.include({ height: 1, round: 0, timestamp: GENESIS_TIMESTAMP_MS + 1 });
  });

  // PROTOCOL §Journal J3.
  it('journals its Proposal and its own Prepare in one record', () => {
    const { state } = start(1);
    take(state, interval);
    const effects = take(state, { type: 'built', height: 1, round: 0, ...block(1) });
    expect(types(effects)).to.deep.equal(['persist']);
    const [persist] = effects;
    expect(persist?.type === 'persist' && persist.thenSend.map(({ type }) => type)).to.deep.equal([
      'proposal',
      'prepare',
    ]);
    expect(persist?.type === 'persist' && persist.record.sent.proposal?.blockHash).to.deep.equal(block(1).blockHash);
  });

  it('proposes once a round, and drops what was built for a round that is over', () => {
    const { state } = start(1);
    expect(types(take(state, interval, interval))).to.deep.equal(['scheduleTimer', 'buildBlock']);
    take(state, { type: 'timeout', height: 1, round: 0 });
    expect(take(state, { type: 'built', height: 1, round: 0, ...block(1) })).to.deep.equal([]);
  });

  it('keeps no more of what it built too late than it may', () => {
    const { state } = start(1);
    const late = indices(40).map((content) => {
      const header = childHeader(head, { proposer: testAddress(2), timestamp: NOW_MS, content });
      return { type: 'built', height: 1, round: 9, header, blockHash: headerHash(header) } as const;
    });
    const released = take(state, ...late).filter(({ type }) => type === 'releaseBody');
    expect(released).to.have.length(8);
  });

  it('asks each who claims a body that it misses, as soon as he does', () => {
    const { state } = start(2);
    take(state, interval, { type: 'timeout', height: 1, round: 0 });
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: block(1).blockHash }, [0, 1, 3], 4);
    const claims = [0, 3].map((sender) => forgeRoundChange(sender, { height: 1, round: 1 }, certificate));
    const [own] = [signAs(2, state.current.sent.roundChange as RoundChange)];
    const fetches = hear(state, own, ...claims).filter(({ type }) => type === 'fetchBody');
    expect(fetches.map((effect) => effect.type === 'fetchBody' && effect.from[0])).to.deep.equal([0]);
    expect(state.current.round).to.equal(1);
  });

  it('tries again at a heal when its block could not be built', () => {
    const { state } = start(1);
    take(state, interval);
    expect(types(take(state, { type: 'buildFailed', height: 1, round: 0 }, { type: 'heal' }))).to.include('buildBlock');
  });
});

describe('a proposal is refused', () => {
  const good = forgeProposal(1, 0, block(1));
  const cases: readonly (readonly [string, string, SignedMessage])[] = [
    ['from another than its round’s leader', 'NOT_LEADER', forgeProposal(2, 0, block(2))],
    ['with a header of another block', 'HEADER_MISMATCH', forgeProposal(1, 0, { ...block(1), blockHash: hashOf(1) })],
    ['of a later round without a quorum of round changes', 'NOT_JUSTIFIED', forgeProposal(2, 1, block(2))],
    ['fresh, in the name of another', 'PROPOSER_MISMATCH', forgeProposal(1, 0, block(3))],
    ['ahead of the clock', 'TIMESTAMP_OUT_OF_RANGE', forgeProposal(1, 0, block(1, NOW_MS + 501))],
    ['not after its parent', 'TIMESTAMP_OUT_OF_RANGE', forgeProposal(1, 0, block(1, GENESIS_TIMESTAMP_MS))],
  ];
  for (const [what, code, message] of cases) {
    it(what, () => {
      const { state } = start(0);
      expect(types(hear(state, message))).to.deep.equal([`refused ${code}`]);
      expect(types(hear(state, good)), 'the good one is still taken').to.include('executeBlock');
    });
  }
});

describe('an execution', () => {
  const good = forgeProposal(1, 0, block(1));
  const result = { type: 'executed', height: 1, round: 0, ...block(1), outcome: 'valid' } as const;

  it('leads to a Prepare where its round still lasts', () => {
    const { state } = start(0);
    hear(state, good);
    const [persist] = take(state, result);
    expect(persist?.type === 'persist' && persist.thenSend).to.deep.equal([
      { type: 'prepare', height: 1, round: 0, blockHash: block(1).blockHash },
    ]);
  });

  it('that comes too late leads to none, but its block needs no second one', () => {
    const { state } = start(0);
    hear(state, good);
    take(state, interval, { type: 'timeout', height: 1, round: 0 });
    expect(take(state, result)).to.deep.equal([]);
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: good.blockHash }, [1, 2, 3], 4);
    const roundChanges = [1, 2, 3].map((sender) => forgeRoundChange(sender, { height: 1, round: 1 }, certificate));
    const again = forgeProposal(2, 1, block(1), { roundChanges, preparedCertificate: certificate });
    const effects = hear(state, again);
    expect(types(effects)).to.include('persist').and.not.include('executeBlock');
  });
});

describe('a node that does not validate', () => {
  it('follows decisions, and sets no timer and signs nothing', () => {
    const { state, effects } = start(undefined);
    expect(effects).to.deep.equal([]);
    const { header, blockHash } = block(1);
    const commits = [0, 1, 2].map((sender) => signAs(sender, { type: 'commit', height: 1, round: 0, blockHash }));
    hear(state, forgeProposal(1, 0, block(1)));
    expect(types(hear(state, ...commits))).to.deep.equal(['fetchBody']);
    expect(types(take(state, { type: 'bodyAvailable', blockHash, header }))).to.deep.equal(['commitBlock']);
    expect(take(state, { type: 'heal' })).to.deep.equal([]);
  });
});

describe('a reducer', () => {
  it('gives the same effects for the same inputs', () => {
    const run = () => {
      const { state, effects } = start(0);
      const { blockHash } = block(1);
      return [
        ...effects,
        ...hear(state, forgeProposal(1, 0, block(1))),
        ...take(state, { type: 'executed', height: 1, round: 0, ...block(1), outcome: 'valid' }),
        ...hear(
          state,
          ...[1, 2, 3].map((sender) => signAs(sender, { type: 'prepare', height: 1, round: 0, blockHash })),
        ),
        ...hear(
          state,
          ...[1, 2, 3].map((sender) => signAs(sender, { type: 'commit', height: 1, round: 0, blockHash })),
        ),
      ];
    };
    expect(run()).to.deep.equal(run());
    expect(types(run()).at(-1)).to.equal('commitBlock');
  });

  it('works at the next height by the constants that are in force there', () => {
    const { state } = start(1);
    const { header, blockHash } = block(1);
    const address = validators[1]?.address;
    const config = { ...TEST_CONFIG, address, heartbeatMs: 123_456, timeoutBaseMs: 77 };
    const committed = { type: 'committed', head: { ...head, header, blockHash }, config } as const;
    const effects = [...take(state, committed), ...take(state, { type: 'proposalDue', height: 2, reason: 'interval' })];
    const scheduled = effects.find(({ type }) => type === 'scheduleProposal');
    expect(scheduled).to.include({ height: 2, heartbeatMs: 123_456 });
    expect(effects.find(({ type }) => type === 'scheduleTimer')).to.include({ height: 2, durationMs: 77 });
  });

  it('does nothing twice for a message that comes twice', () => {
    const { state } = start(0);
    const { blockHash } = block(1);
    const messages = [
      forgeProposal(1, 0, block(1)),
      signAs(2, { type: 'prepare', height: 1, round: 0, blockHash }),
      signAs(2, { type: 'commit', height: 1, round: 0, blockHash }),
      forgeRoundChange(3, { height: 1, round: 1 }),
    ] as const;
    hear(state, ...messages);
    expect(hear(state, ...messages)).to.deep.equal([]);
  });

  it('stops where its host breaks the agreement between them', () => {
    const other = { ...head, blockHash: hashOf(9), header: { ...head.header, height: 1 } };
    const { state } = start(undefined);
    const { blockHash } = block(1);
    take(state, {
      type: 'certificate',
      certificate: certify('commit', { height: 1, round: 0, blockHash }, [0, 1, 2], 4),
      from: 0,
    });
    const broken: readonly InputBody[] = [
      { type: 'committed', head: other },
      {
        type: 'certificate',
        certificate: certify('prepare', { height: 1, round: 0, blockHash }, [0, 1, 2], 4),
        from: 0,
      },
      { type: 'message', message: signAs<Status>(4, { type: 'status', height: 1, round: 0 }) },
    ];
    for (const input of broken) {
      let code = 'none';
      try {
        take(state, input);
      } catch (error) {
        code = isCodedError(error) ? error.code : 'another error';
      }
      expect(code, input.type).to.equal('INVARIANT_BROKEN');
    }
  });
});
