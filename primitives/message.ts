import type { Hash } from './bytes.js';
import { formatError, hashItem, uintItem, VERSION_ITEM } from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { LIMITS } from './limits.js';
import { encode, type RlpInput } from './rlp.js';

/**
 * What validators sign: H(tag of the type ‖ genesis hash ‖ canonical fields). PROTOCOL §Formats, Consensus digests.
 * The tag keeps the types apart, the genesis hash the networks.
 */

/** Proposal, Prepare and Commit sign the same fields. */
export interface BlockVote {
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
}

export interface RoundChangeVote {
  readonly height: number;
  /** The round that is asked for. */
  readonly round: number;
  /** The round in which the sender last held a prepared certificate, and its block's hash: both or neither. */
  readonly preparedRound: number | undefined;
  readonly preparedHash: Hash | undefined;
}

export interface StatusVote {
  readonly height: number;
  readonly round: number;
}

/** What the leader of (h, r) signs. @throws FormatError */
export function proposalDigest(genesisHash: Hash, vote: BlockVote): Hash {
  return digest(TAGS.proposal, genesisHash, blockVoteItems(vote));
}

/** @throws FormatError */
export function prepareDigest(genesisHash: Hash, vote: BlockVote): Hash {
  return digest(TAGS.prepare, genesisHash, blockVoteItems(vote));
}

/** The finality seal. @throws FormatError */
export function commitDigest(genesisHash: Hash, vote: BlockVote): Hash {
  return digest(TAGS.commit, genesisHash, blockVoteItems(vote));
}

/** @throws FormatError */
export function roundChangeDigest(genesisHash: Hash, vote: RoundChangeVote): Hash {
  return digest(TAGS.roundChange, genesisHash, roundChangeItems(vote));
}

/** @throws FormatError */
export function statusDigest(genesisHash: Hash, vote: StatusVote): Hash {
  return digest(TAGS.status, genesisHash, [
    VERSION_ITEM,
    uintItem(vote.height, 'height'),
    uintItem(vote.round, 'round', LIMITS.round),
  ]);
}

function digest(tag: Hash, genesisHash: Hash, fields: RlpInput): Hash {
  return taggedHash(tag, hashItem(genesisHash, 'genesisHash'), encode(fields));
}

/** The fields of the digest of a Proposal, a Prepare or a Commit, the version first. @throws FormatError */
export function blockVoteItems(vote: BlockVote): RlpInput[] {
  return [
    VERSION_ITEM,
    uintItem(vote.height, 'height'),
    uintItem(vote.round, 'round', LIMITS.round),
    hashItem(vote.blockHash, 'blockHash'),
  ];
}

/** The same of a RoundChange. @throws FormatError */
export function roundChangeItems(vote: RoundChangeVote): RlpInput[] {
  return [
    VERSION_ITEM,
    uintItem(vote.height, 'height'),
    uintItem(vote.round, 'round', LIMITS.round),
    ...preparedItems(vote),
  ];
}

/** preparedRound + 1, or 0 for none, so that round 0 and none are told apart. */
function preparedItems({ preparedRound, preparedHash }: RoundChangeVote): RlpInput[] {
  if (preparedRound === undefined && preparedHash === undefined)
    return [uintItem(0, 'preparedRound'), new Uint8Array()];
  if (preparedRound === undefined || preparedHash === undefined) {
    throw formatError('INCONSISTENT', 'preparedHash', 'a prepared round with its hash, or neither', 'one of them');
  }
  return [uintItem(preparedRound + 1, 'preparedRound', LIMITS.round + 1), hashItem(preparedHash, 'preparedHash')];
}
