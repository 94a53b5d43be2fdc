import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeJournalRecord,
  emptyRecord,
  encodeJournalRecord,
  MAX_RECORD_BYTES,
} from '../../../consensus/journalRecord.js';
import {
  decodeMessage,
  encodeMessage,
  MAX_LEAD_MILLIONTHS,
  MAX_MESSAGE_BYTES,
  MAX_OUTLINE_LEADS,
  type OutlineMessage,
  type WireMessage,
} from '../../../consensus/messageCodec.js';
import type { Commit, JournalRecord, Proposal, RoundChange, Signed } from '../../../consensus/types.js';
import { concatBytes, equalBytes } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { type Evidence, proveFault } from '../../../primitives/evidence.js';
import { LIMITS } from '../../../primitives/limits.js';
import { forgeProposal, forgeRoundChange } from '../../scenarios/protocol/byzantine.js';
import { certify, genesisHead, hashOf, indices, signAs, testValidators } from '../../scenarios/protocol/fixture.js';

const { header: genesis } = genesisHead(testValidators(indices(4)));

/** Certificates, claims and everything of a network of `n`, at some height and round above 0. */
const parts = fc.record({
  n: fc.constantFrom(4, 7, 128),
  height: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  round: fc.integer({ min: 1, max: LIMITS.round }),
  block: fc.integer({ min: 1, max: 1_000 }),
  isPrepared: fc.boolean(),
});

type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

function certificateOf({ n, height, round, block, isPrepared }: Parts) {
  if (!isPrepared) return undefined;
  const quorum = indices(Math.floor((2 * n - 1) / 3) + 1);
  return certify('prepare', { height, round: round - 1, blockHash: hashOf(block) }, quorum, n);
}

function roundChangesOf(given: Parts): Signed<RoundChange>[] {
  return indices(given.n).map((sender) => ({
    ...forgeRoundChange(sender, { height: given.height, round: given.round }, certificateOf(given)),
    preparedCertificate: undefined,
  }));
}

function proposalOf(given: Parts): Signed<Proposal> {
  const header = { ...genesis, height: given.height };
  return forgeProposal(
    given.n - 1,
    given.round,
    { header, blockHash: hashOf(given.block) },
    {
      roundChanges: roundChangesOf(given),
      preparedCertificate: certificateOf(given),
    },
  );
}

function messagesOf(given: Parts, leaves: number): WireMessage[] {
  const { height, round, block, n } = given;
  const blockHash = hashOf(block);
  return [
    { ...proposalOf(given), leafHashes: indices(leaves).map(hashOf) },
    signAs(0, { type: 'prepare', height, round, blockHash }),
    signAs(n - 1, { type: 'commit', height, round, blockHash }),
    forgeRoundChange(1, { height, round }, certificateOf(given)),
    signAs(2, { type: 'status', height, round }),
    { type: 'certificate', certificate: certify('commit', { height, round, blockHash }, indices(n), n) },
    { type: 'evidence', evidence: evidenceOf(given) },
    outlineOf(given, leaves + 1),
  ];
}

function outlineOf({ height, round, block, n }: Parts, leaves: number): OutlineMessage {
  const leads = indices(n).map((member) => ({ member: `BANK${member}`, millionths: 1 + member * 7_000_000 }));
  const of = {
    height,
    round,
    parentHash: hashOf(block),
    timestamp: height,
    maxBytes: LIMITS.blockBytes,
    maxFuel: 2_000_000_000,
  };
  return { type: 'outline', ...of, leads, leafHashes: indices(leaves).map(hashOf) };
}

function evidenceOf({ height, round, block, n }: Parts): Evidence {
  const [a, b] = [block, block + 1].map((content) => {
    const commit = { type: 'commit', height, round, blockHash: hashOf(content) } as const;
    return { ...commit, signature: signAs<Commit>(n - 1, commit).signature };
  });
  const [validator] = testValidators([n - 1]);
  const evidence = validator && a && b && proveFault(validator, a, b);
  if (evidence === undefined) throw new Error('two Commits prove a fault');
  return evidence;
}

function recordOf(given: Parts): JournalRecord {
  const { height, round, block } = given;
  const blockHash = hashOf(block);
  const { sender: _sender, signature: _signature, ...proposal } = proposalOf(given);
  const prepared = certificateOf(given);
  return {
    height,
    round,
    sent: {
      proposal,
      prepare: { type: 'prepare', height, round, blockHash },
      commit: given.isPrepared ? { type: 'commit', height, round: round - 1, blockHash } : undefined,
      roundChange: {
        type: 'roundChange',
        height,
        round,
        preparedRound: prepared?.round,
        preparedHash: prepared?.blockHash,
        preparedCertificate: prepared,
      },
    },
    prepared,
  };
}

/** A decoder's answer: the value encoded again, or undefined where it refused with an error of ours. */
function again<T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T, encode: (value: T) => Uint8Array) {
  try {
    return encode(decode(bytes));
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}

describe('the codec of messages', () => {
  it('gives back what it was given, within its limits', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 20 }), (given, leaves) => {
        for (const message of messagesOf(given, leaves)) {
          const bytes = encodeMessage(message);
          expect(bytes.length).to.be.at.most(MAX_MESSAGE_BYTES);
          expect(decodeMessage(bytes)).to.deep.equal(message);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('holds the largest proposal that there can be', () => {
    const given: Parts = { n: 128, height: Number.MAX_SAFE_INTEGER, round: LIMITS.round, block: 1, isPrepared: true };
    const message = { ...proposalOf(given), leafHashes: indices(LIMITS.transactionsPerBlock).map(hashOf) };
    const bytes = encodeMessage(message);
    expect(bytes.length).to.be.at.most(MAX_MESSAGE_BYTES);
    const decoded = decodeMessage(bytes);
    expect(decoded.type === 'proposal' && decoded.leafHashes.length).to.equal(LIMITS.transactionsPerBlock);
  });

  it('holds the largest outline that there can be', () => {
    const given: Parts = { n: 4, height: Number.MAX_SAFE_INTEGER, round: LIMITS.round, block: 1, isPrepared: false };
    const leads = indices(MAX_OUTLINE_LEADS).map(() => ({ member: 'HLDRDE00XXX', millionths: MAX_LEAD_MILLIONTHS }));
    const message = { ...outlineOf(given, LIMITS.transactionsPerBlock), leads };
    const bytes = encodeMessage(message);
    expect(bytes.length).to.be.at.most(MAX_MESSAGE_BYTES);
    expect(decodeMessage(bytes)).to.deep.equal(message);
  });

  it('refuses what is cut short or longer, and takes a changed byte only where it means something else', () => {
    const given: Parts = { n: 4, height: 300, round: 2, block: 9, isPrepared: true };
    for (const message of messagesOf(given, 2)) {
      const bytes = encodeMessage(message);
      for (let length = 0; length < bytes.length; length++) {
        expect(again(bytes.subarray(0, length), decodeMessage, encodeMessage), message.type).to.equal(undefined);
      }
      expect(again(concatBytes(bytes, new Uint8Array(1)), decodeMessage, encodeMessage)).to.equal(undefined);
      for (let position = 0; position < bytes.length; position++) {
        const changed = bytes.slice();
        changed[position] = (changed[position] as number) ^ 0x81;
        const result = again(changed, decodeMessage, encodeMessage);
        if (result !== undefined)
          expect(equalBytes(result, changed), `${message.type} byte ${position}`).to.equal(true);
      }
    }
  });

  it('refuses more than its limits before it reads on', () => {
    const given: Parts = { n: 4, height: 1, round: 1, block: 1, isPrepared: false };
    const tooMany = { ...proposalOf(given), leafHashes: indices(LIMITS.transactionsPerBlock + 1).map(hashOf) };
    expect(() => encodeMessage(tooMany))
      .to.throw()
      .with.property('code', 'COUNT_OUT_OF_RANGE');
    expect(() => decodeMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1)))
      .to.throw()
      .with.property('code', 'INPUT_TOO_LARGE');
    const vote = signAs(0, { type: 'prepare', height: 1, round: LIMITS.round + 1, blockHash: hashOf(1) });
    expect(() => encodeMessage(vote))
      .to.throw()
      .with.property('code', 'VALUE_OUT_OF_RANGE');
    const stranger = signAs(LIMITS.validators, { type: 'status', height: 1, round: 0 });
    expect(() => encodeMessage(stranger))
      .to.throw()
      .with.property('code', 'VALUE_OUT_OF_RANGE');
  });

  it('keeps nothing of the network’s buffer but the leaf hashes of a proposal or an outline', () => {
    const given: Parts = { n: 4, height: 1, round: 1, block: 1, isPrepared: true };
    for (const message of messagesOf(given, 1)) {
      const bytes = encodeMessage(message);
      const decoded = decodeMessage(bytes);
      bytes.fill(0);
      const kept =
        'leafHashes' in decoded && 'leafHashes' in message ? { ...decoded, leafHashes: message.leafHashes } : decoded;
      expect(kept).to.deep.equal(message);
    }
  });
});

describe('the codec of the journal’s record', () => {
  it('gives back what it was given, within its limit', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const record = recordOf(given);
        const bytes = encodeJournalRecord(record);
        expect(bytes.length).to.be.at.most(MAX_RECORD_BYTES);
        expect(decodeJournalRecord(bytes)).to.deep.equal(record);
      }),
      { numRuns: 25 },
    );
    expect(decodeJournalRecord(encodeJournalRecord(emptyRecord(0)))).to.deep.equal(emptyRecord(0));
  });

  it('refuses what is cut short or longer', () => {
    const bytes = encodeJournalRecord(recordOf({ n: 4, height: 9, round: 2, block: 1, isPrepared: true }));
    for (let length = 0; length < bytes.length; length++) {
      expect(again(bytes.subarray(0, length), decodeJournalRecord, encodeJournalRecord)).to.equal(undefined);
    }
    expect(again(concatBytes(bytes, bytes), decodeJournalRecord, encodeJournalRecord)).to.equal(undefined);
  });
});
