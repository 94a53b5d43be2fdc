import { encodeHeader } from '../primitives/block.js';
import type { Hash } from '../primitives/bytes.js';
import { encodeCertificate, readCertificate } from '../primitives/certificate.js';
import { type Evidence, encodeEvidence, readEvidence } from '../primitives/evidence.js';
import { formatError, openFormat, readItems, readUint, requireCount, requireSize } from '../primitives/format.js';
import { LIMITS } from '../primitives/limits.js';
import { encodeListOf, type RlpReader, readHash } from '../primitives/rlp.js';
import type { Certificate } from '../primitives/types.js';
import type { Commit, Prepare, Proposal, RoundChange, Signed, Status } from './types.js';
import {
  certificatePart,
  claimParts,
  hashPart,
  readClaim,
  readDetachedHeader,
  readOptionalCertificate,
  readRound,
  readRoundChanges,
  readSignature,
  roundChangesPart,
  signatureParts,
  uintPart,
} from './voteFormat.js';

/** Messages between validators as they stand on the wire. PROTOCOL §Consensus, Messages. */

/** A proposal names its transactions by the leaf hash of each, in the block's order; bodies are pulled by leaf hash. */
export type CompactProposal = Signed<Proposal> & { readonly leafHashes: readonly Hash[] };

/** The commit certificate of a past height, for a validator that is still there; it needs no signature of its own. */
export interface CertificateMessage {
  readonly type: 'certificate';
  readonly certificate: Certificate;
}

/** Proof of a validator's fault, which needs no signature of who shows it. */
export interface EvidenceMessage {
  readonly type: 'evidence';
  readonly evidence: Evidence;
}

export type WireMessage =
  | CompactProposal
  | Signed<Prepare>
  | Signed<Commit>
  | Signed<RoundChange>
  | Signed<Status>
  | CertificateMessage
  | EvidenceMessage;

const TYPE_CODES: Readonly<Record<WireMessage['type'], number>> = {
  proposal: 1,
  prepare: 2,
  commit: 3,
  roundChange: 4,
  status: 5,
  certificate: 6,
  evidence: 7,
};

/** Everything but a proposal: at most one certificate of 128 signatures. */
const MAX_VOTE_BYTES = 10_240;
/** A proposal: header, certificate, 128 round changes of at most 110 bytes, and the leaf hashes. */
export const MAX_MESSAGE_BYTES = 2 * MAX_VOTE_BYTES + 110 * LIMITS.validators + 33 * LIMITS.transactionsPerBlock;

/** @throws FormatError */
export function encodeMessage(message: WireMessage): Uint8Array {
  return encodeListOf([uintPart(1, 'version'), uintPart(TYPE_CODES[message.type], 'type'), ...messageParts(message)]);
}

function messageParts(message: WireMessage): Uint8Array[] {
  if (message.type === 'certificate') return [encodeCertificate(message.certificate)];
  if (message.type === 'evidence') return [encodeEvidence(message.evidence)];
  const position = [uintPart(message.height, 'height'), uintPart(message.round, 'round', LIMITS.round)];
  const signed = signatureParts(message);
  switch (message.type) {
    case 'prepare':
    case 'commit':
      return [...position, hashPart(message.blockHash, 'blockHash'), ...signed];
    case 'roundChange':
      return [...position, ...claimParts(message), ...signed, certificatePart(message.preparedCertificate)];
    case 'status':
      return [...position, ...signed];
    case 'proposal':
      requireCount(message.leafHashes.length, 0, LIMITS.transactionsPerBlock, 'leafHashes');
      return [
        ...position,
        hashPart(message.blockHash, 'blockHash'),
        ...signed,
        encodeHeader(message.header),
        encodeListOf(message.leafHashes.map((hash) => hashPart(hash, 'leafHashes'))),
        roundChangesPart(message.roundChanges, message),
        certificatePart(message.preparedCertificate),
      ];
  }
}

/**
 * Reads a message and nothing else. The leaf hashes of a proposal are views of `bytes`; all else is copied, so that what
 * is kept of it keeps no network buffer in memory.
 *
 * @throws RlpError, FormatError
 */
export function decodeMessage(bytes: Uint8Array): WireMessage {
  const type = readType(openFormat(bytes, MAX_MESSAGE_BYTES, 'message'));
  if (type === TYPE_CODES.proposal) return decodeProposal(bytes);
  requireSize(bytes.length, MAX_VOTE_BYTES, 'message');
  const list = openFormat(bytes.slice(), MAX_VOTE_BYTES, 'message');
  const message = readVote(list, readType(list));
  list.done('message');
  return message;
}

function readType(list: RlpReader): number {
  return list.uint(1, 'type');
}

function readVote(list: RlpReader, type: number): WireMessage {
  if (type === TYPE_CODES.certificate) return { type: 'certificate', certificate: readCertificate(list) };
  if (type === TYPE_CODES.evidence) return { type: 'evidence', evidence: readEvidence(list) };
  const height = readUint(list, 'height');
  const round = readRound(list);
  switch (type) {
    case TYPE_CODES.prepare:
      return { type: 'prepare', height, round, blockHash: readHash(list, 'blockHash'), ...readSignature(list) };
    case TYPE_CODES.commit:
      return { type: 'commit', height, round, blockHash: readHash(list, 'blockHash'), ...readSignature(list) };
    case TYPE_CODES.roundChange:
      return {
        type: 'roundChange',
        height,
        round,
        ...readClaim(list),
        ...readSignature(list),
        preparedCertificate: readOptionalCertificate(list, 'preparedCertificate'),
      };
    case TYPE_CODES.status:
      return { type: 'status', height, round, ...readSignature(list) };
    default:
      throw formatError('VALUE_OUT_OF_RANGE', 'type', 'a message type from 1 to 7', `${type}`);
  }
}

function decodeProposal(bytes: Uint8Array): CompactProposal {
  const list = openFormat(bytes, MAX_MESSAGE_BYTES, 'message');
  readType(list);
  const height = readUint(list, 'height');
  const round = readRound(list);
  const message: CompactProposal = {
    type: 'proposal',
    height,
    round,
    blockHash: readHash(list, 'blockHash').slice(),
    ...copied(readSignature(list)),
    header: readDetachedHeader(list),
    leafHashes: readItems(list, { min: 0, max: LIMITS.transactionsPerBlock, field: 'leafHashes' }, readLeafHash),
    roundChanges: readRoundChanges(list, { height, round }),
    preparedCertificate: readOptionalCertificate(list, 'preparedCertificate'),
  };
  list.done('message');
  return message;
}

function copied({ sender, signature }: { readonly sender: number; readonly signature: Uint8Array }) {
  return { sender, signature: signature.slice() };
}

function readLeafHash(reader: RlpReader): Hash {
  return readHash(reader, 'leafHashes');
}
