import { encodeHeader } from '../primitives/block.js';
import type { Hash } from '../primitives/bytes.js';
import { encodeCertificate, readCertificate } from '../primitives/certificate.js';
import { type Evidence, encodeEvidence, readEvidence } from '../primitives/evidence.js';
import {
  formatError,
  nameItem,
  openFormat,
  readItems,
  readName,
  readUint,
  requireCount,
  requireSize,
} from '../primitives/format.js';
import { LIMITS } from '../primitives/limits.js';
import { encode, encodeListOf, type RlpReader, readHash } from '../primitives/rlp.js';
import type { Certificate, TimestampMs } from '../primitives/types.js';
import type { Commit, Prepare, Proposal, RoundChange, Signed, Status } from './types.js';
import {
  certificatePart,
  claimParts,
  detached,
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

/** What a member had of earlier blocks beyond what others that waited had, in millionths of a block. */
export interface MemberLeadMillionths {
  readonly member: string;
  readonly millionths: number;
}

/**
 * What a leader is about to build a block of, with all that its execution depends on: whoever has the transactions executes
 * while the leader does. Nothing is signed, and nothing rests on it: the proposal that follows counts.
 */
export interface OutlineMessage {
  readonly type: 'outline';
  readonly height: number;
  readonly round: number;
  readonly parentHash: Hash;
  readonly timestamp: TimestampMs;
  readonly maxBytes: number;
  readonly maxFuel: number;
  readonly leads: readonly MemberLeadMillionths[];
  /** Of the candidates, in the order in which they are offered. */
  readonly leafHashes: readonly Hash[];
}

/** A message that its sender signed. */
export type SignedWireMessage = Exclude<WireMessage, CertificateMessage | EvidenceMessage | OutlineMessage>;

/** Whether a message is one that its sender signed. */
export function isSigned(message: WireMessage): message is SignedWireMessage {
  return message.type !== 'certificate' && message.type !== 'evidence' && message.type !== 'outline';
}

export type WireMessage =
  | CompactProposal
  | Signed<Prepare>
  | Signed<Commit>
  | Signed<RoundChange>
  | Signed<Status>
  | CertificateMessage
  | EvidenceMessage
  | OutlineMessage;

const TYPE_CODES: Readonly<Record<WireMessage['type'], number>> = {
  proposal: 1,
  prepare: 2,
  commit: 3,
  roundChange: 4,
  status: 5,
  certificate: 6,
  evidence: 7,
  outline: 8,
};
const NEWEST_TYPE = 8;
const EXPECTED_TYPE = `a message type from 1 to ${NEWEST_TYPE}`;

/** Everything but a proposal and an outline: at most one certificate of 128 signatures. */
const MAX_VOTE_BYTES = 10_240;
/** Members that an outline may name as being ahead, and bytes of their BIC. */
export const MAX_OUTLINE_LEADS = 1_024;
const MEMBER_BYTES = 11;
/** A lead is a few blocks at most: this is far beyond any. */
export const MAX_LEAD_MILLIONTHS = 1_000_000_000;
/** A proposal: header, certificate, 128 round changes of at most 110 bytes, and the leaf hashes. An outline takes less. */
export const MAX_MESSAGE_BYTES = 2 * MAX_VOTE_BYTES + 110 * LIMITS.validators + 33 * LIMITS.transactionsPerBlock;

/** @throws FormatError */
export function encodeMessage(message: WireMessage): Uint8Array {
  return encodeListOf([uintPart(1, 'version'), uintPart(TYPE_CODES[message.type], 'type'), ...messageParts(message)]);
}

function messageParts(message: WireMessage): Uint8Array[] {
  if (message.type === 'certificate') return [encodeCertificate(message.certificate)];
  if (message.type === 'evidence') return [encodeEvidence(message.evidence)];
  const position = [uintPart(message.height, 'height'), uintPart(message.round, 'round', LIMITS.round)];
  if (message.type === 'outline') return [...position, ...outlineParts(message)];
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

function outlineParts(outline: OutlineMessage): Uint8Array[] {
  const { parentHash, timestamp, maxBytes, maxFuel, leads, leafHashes } = outline;
  requireCount(leads.length, 0, MAX_OUTLINE_LEADS, 'leads');
  requireCount(leafHashes.length, 1, LIMITS.transactionsPerBlock, 'leafHashes');
  return [
    hashPart(parentHash, 'parentHash'),
    uintPart(timestamp, 'timestamp'),
    uintPart(maxBytes, 'maxBytes', LIMITS.blockBytes),
    uintPart(maxFuel, 'maxFuel'),
    encodeListOf(
      leads.map(({ member, millionths }) =>
        encodeListOf([
          encode(nameItem(member, 'leads', MEMBER_BYTES)),
          uintPart(millionths, 'leads', MAX_LEAD_MILLIONTHS),
        ]),
      ),
    ),
    encodeListOf(leafHashes.map((hash) => hashPart(hash, 'leafHashes'))),
  ];
}

/**
 * Reads a message and nothing else. The leaf hashes of a proposal and of an outline are views of `bytes`; all else is copied, so that what
 * is kept of it keeps no network buffer in memory.
 *
 * @throws RlpError, FormatError
 */
export function decodeMessage(bytes: Uint8Array): WireMessage {
  const type = readType(openFormat(bytes, MAX_MESSAGE_BYTES, 'message'));
  if (type > NEWEST_TYPE) throw formatError('TYPE_UNKNOWN', 'type', EXPECTED_TYPE, `${type}`);
  if (type === TYPE_CODES.proposal) return decodeProposal(bytes);
  if (type === TYPE_CODES.outline) return decodeOutline(bytes);
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
      throw formatError('VALUE_OUT_OF_RANGE', 'type', EXPECTED_TYPE, `${type}`);
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

function decodeOutline(bytes: Uint8Array): OutlineMessage {
  const list = openFormat(bytes, MAX_MESSAGE_BYTES, 'message');
  readType(list);
  const message: OutlineMessage = {
    type: 'outline',
    height: readUint(list, 'height'),
    round: readRound(list),
    parentHash: readHash(list, 'parentHash').slice(),
    timestamp: readUint(list, 'timestamp'),
    maxBytes: readUint(list, 'maxBytes', LIMITS.blockBytes),
    maxFuel: readUint(list, 'maxFuel'),
    leads: readItems(detached(list, 'leads'), { min: 0, max: MAX_OUTLINE_LEADS, field: 'leads' }, readLead),
    leafHashes: readItems(list, { min: 1, max: LIMITS.transactionsPerBlock, field: 'leafHashes' }, readLeafHash),
  };
  list.done('message');
  return message;
}

function readLead(reader: RlpReader): MemberLeadMillionths {
  const list = reader.list('leads');
  const lead = {
    member: readName(list, 'leads', MEMBER_BYTES),
    millionths: readUint(list, 'leads', MAX_LEAD_MILLIONTHS),
  };
  list.done('leads');
  return lead;
}

function copied({ sender, signature }: { readonly sender: number; readonly signature: Uint8Array }) {
  return { sender, signature: signature.slice() };
}

function readLeafHash(reader: RlpReader): Hash {
  return readHash(reader, 'leafHashes');
}
