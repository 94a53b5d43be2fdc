import { encodeHeader } from '../primitives/block.js';
import { openFormat, readUint } from '../primitives/format.js';
import { LIMITS } from '../primitives/limits.js';
import { encodeListOf, type RlpReader, readHash } from '../primitives/rlp.js';
import { NOTHING_SENT } from './heightState.js';
import type { Commit, JournalRecord, Prepare, Proposal, RoundChange } from './types.js';
import {
  certificatePart,
  claimParts,
  hashPart,
  optionalPart,
  readClaim,
  readDetachedHeader,
  readOptional,
  readOptionalCertificate,
  readRound,
  readRoundChanges,
  roundChangesPart,
  uintPart,
} from './voteFormat.js';

/** The journal's record in bytes. PROTOCOL §Consensus, Journal. */

/** Three certificates and 128 round changes. */
export const MAX_RECORD_BYTES = 3 * 10_240 + 110 * LIMITS.validators;

/**
 * A record that binds nothing yet. Height 0 is what a new key begins with; after a lost journal, H + 2 where H is the
 * highest working height that a quorum of the other validators reports: below it nothing is signed (PROTOCOL §Journal J7).
 */
export function emptyRecord(height: number): JournalRecord {
  return { height, round: 0, sent: NOTHING_SENT, prepared: undefined };
}

/** @throws FormatError */
export function encodeJournalRecord({ height, round, sent, prepared }: JournalRecord): Uint8Array {
  return encodeListOf([
    uintPart(1, 'version'),
    uintPart(height, 'height'),
    roundPart(round),
    optionalPart(sent.proposal, proposalPart),
    optionalPart(sent.prepare, blockVotePart),
    optionalPart(sent.commit, blockVotePart),
    optionalPart(sent.roundChange, roundChangePart),
    certificatePart(prepared),
  ]);
}

/** @throws RlpError, FormatError */
export function decodeJournalRecord(bytes: Uint8Array): JournalRecord {
  const list = openFormat(bytes.slice(), MAX_RECORD_BYTES, 'record');
  const height = readUint(list, 'height');
  const record: JournalRecord = {
    height,
    round: readRound(list),
    sent: {
      proposal: readOptional(list, 'proposal', (items) => readProposal(items, height)),
      prepare: readOptional(list, 'prepare', (items) => readBlockVote(items, 'prepare', height)),
      commit: readOptional(list, 'commit', (items) => readBlockVote(items, 'commit', height)),
      roundChange: readOptional(list, 'roundChange', (items) => readRoundChange(items, height)),
    },
    prepared: readOptionalCertificate(list, 'prepared'),
  };
  list.done('record');
  return record;
}

function roundPart(round: number): Uint8Array {
  return uintPart(round, 'round', LIMITS.round);
}

function blockVotePart({ round, blockHash }: Prepare | Commit): Uint8Array {
  return encodeListOf([roundPart(round), hashPart(blockHash, 'blockHash')]);
}

function readBlockVote<Type extends 'prepare' | 'commit'>(reader: RlpReader, type: Type, height: number) {
  const list = reader.list(type);
  const vote = { type, height, round: readRound(list), blockHash: readHash(list, 'blockHash') };
  list.done(type);
  return vote;
}

function roundChangePart(vote: RoundChange): Uint8Array {
  return encodeListOf([roundPart(vote.round), ...claimParts(vote), certificatePart(vote.preparedCertificate)]);
}

function readRoundChange(reader: RlpReader, height: number): RoundChange {
  const list = reader.list('roundChange');
  const round = readRound(list);
  const claim = readClaim(list);
  const preparedCertificate = readOptionalCertificate(list, 'preparedCertificate');
  list.done('roundChange');
  return { type: 'roundChange', height, round, ...claim, preparedCertificate };
}

function proposalPart(vote: Proposal): Uint8Array {
  return encodeListOf([
    roundPart(vote.round),
    hashPart(vote.blockHash, 'blockHash'),
    encodeHeader(vote.header),
    roundChangesPart(vote.roundChanges, vote),
    certificatePart(vote.preparedCertificate),
  ]);
}

function readProposal(reader: RlpReader, height: number): Proposal {
  const list = reader.list('proposal');
  const round = readRound(list);
  const proposal: Proposal = {
    type: 'proposal',
    height,
    round,
    blockHash: readHash(list, 'blockHash'),
    header: readDetachedHeader(list),
    roundChanges: readRoundChanges(list, { height, round }),
    preparedCertificate: readOptionalCertificate(list, 'preparedCertificate'),
  };
  list.done('proposal');
  return proposal;
}
