import { addressFromPublicKey } from './address.js';
import { compareBytes, equalBytes, type Hash } from './bytes.js';
import { CodedError } from './errors.js';
import {
  addressItem,
  fixedItem,
  formatError,
  openFormat,
  readAddress,
  readFormat,
  readSuite,
  readUint,
  VERSION_ITEM,
} from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { LIMITS } from './limits.js';
import {
  blockVoteItems,
  commitDigest,
  prepareDigest,
  proposalDigest,
  type RoundChangeVote,
  roundChangeDigest,
  roundChangeItems,
} from './message.js';
import { encode, encodeUint, type RlpInput, type RlpReader, readHash } from './rlp.js';
import { nobleBackend, SIGNATURE_BYTES } from './signature.js';
import type { Address, SignatureBackend, Suite, Validator } from './types.js';

/**
 * PROTOCOL §Evidence: two signatures of one validator of which an honest one gives at most one. Anybody who knows the
 * validator's key and the genesis hash can check it, without the chain.
 */

/**
 * PROTOCOL §Evidence E1, E2. `doubleSign`: two payloads for one (type, height, round). `amnesia`: a RoundChange that
 * forgets a Commit.
 */
export type EvidenceKind = 'doubleSign' | 'amnesia';

interface SignedBlockVote {
  readonly type: 'proposal' | 'prepare' | 'commit';
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
  /** 64 bytes over the digest of the type. */
  readonly signature: Uint8Array;
}

interface SignedRoundChange extends RoundChangeVote {
  readonly type: 'roundChange';
  readonly signature: Uint8Array;
}

/** A vote without anything that its sender did not sign. */
export type SignedVote = SignedBlockVote | SignedRoundChange;

/** Made by `proveFault` or read by `decodeEvidence`: the two votes prove the kind and stand in their canonical order. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly validator: Address;
  readonly suite: Suite;
  readonly first: SignedVote;
  readonly second: SignedVote;
}

export type EvidenceErrorCode = 'EVIDENCE_KEY_MISMATCH' | 'EVIDENCE_SIGNATURE_INVALID';

/** Evidence that proves nothing against the validator that it names. */
export class EvidenceError extends CodedError<EvidenceErrorCode> {}

const KIND_CODES: Readonly<Record<EvidenceKind, number>> = { doubleSign: 1, amnesia: 2 };
const TYPE_CODES: Readonly<Record<SignedVote['type'], number>> = { proposal: 1, prepare: 2, commit: 3, roundChange: 4 };
const EMPTY = new Uint8Array();

/** What two votes that one key signed prove, the votes in canonical order; undefined where an honest key signs both. */
export function proveFault(
  { address, suite }: Pick<Validator, 'address' | 'suite'>,
  a: SignedVote,
  b: SignedVote,
): Evidence | undefined {
  if (a.height !== b.height) return undefined;
  const ordered = inOrder(a, b);
  const [first, second] = ordered;
  const kind = kindOf(first, second);
  return kind === undefined ? undefined : { kind, validator: address, suite, first, second };
}

/** PROTOCOL §Evidence E3: of two of one type the one whose payload's bytes come first, else the one of the lower type. */
function inOrder(a: SignedVote, b: SignedVote): readonly [SignedVote, SignedVote] {
  const order =
    a.type === b.type
      ? compareBytes(encode(payloadItems(a)), encode(payloadItems(b)))
      : TYPE_CODES[a.type] - TYPE_CODES[b.type];
  return order <= 0 ? [a, b] : [b, a];
}

function kindOf(first: SignedVote, second: SignedVote): EvidenceKind | undefined {
  if (first.type === second.type) {
    const isOne = first.round !== second.round || isSamePayload(first, second);
    return isOne ? undefined : 'doubleSign';
  }
  if (first.type !== 'commit' || second.type !== 'roundChange' || second.round <= first.round) return undefined;
  return forgets(second, first) ? 'amnesia' : undefined;
}

/** PROTOCOL §Evidence E2: the claim is of no round, of one before the Commit's, or of another block in its round. */
function forgets({ preparedRound, preparedHash }: SignedRoundChange, commit: SignedBlockVote): boolean {
  if (preparedRound === undefined || preparedHash === undefined || preparedRound < commit.round) return true;
  return preparedRound === commit.round && !equalBytes(preparedHash, commit.blockHash);
}

function isSamePayload(a: SignedVote, b: SignedVote): boolean {
  if (a.type !== 'roundChange') return b.type === a.type && equalBytes(a.blockHash, b.blockHash);
  return b.type === 'roundChange' && a.preparedRound === b.preparedRound && isSameHash(a.preparedHash, b.preparedHash);
}

function isSameHash(a: Hash | undefined, b: Hash | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

/** @throws FormatError */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  return encode(
    evidenceItems(evidence, (vote) => [payloadItems(vote), fixedItem(vote.signature, SIGNATURE_BYTES, 'signature')]),
  );
}

/** Reads what `encodeEvidence` gives and nothing else. Signatures are not checked. @throws RlpError, FormatError */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  return readEvidenceFields(openFormat(bytes.slice(), LIMITS.evidenceBytes, 'evidence'));
}

/** Evidence inside another format. @throws RlpError, FormatError */
export function readEvidence(reader: RlpReader): Evidence {
  return readEvidenceFields(readFormat(reader, 'evidence'));
}

function readEvidenceFields(list: RlpReader): Evidence {
  const kind = list.uint(1, 'kind');
  const validator = readAddress(list, 'validator');
  const suite = readSuite(list, 'suite');
  const first = readSignedVote(list, 'first');
  const second = readSignedVote(list, 'second');
  list.done('evidence');
  const proven = proveFault({ address: validator, suite }, first, second);
  if (proven === undefined || proven.first !== first || KIND_CODES[proven.kind] !== kind) {
    throw formatError('INCONSISTENT', 'evidence', 'two votes that prove its kind, in their order', 'others');
  }
  return proven;
}

/**
 * PROTOCOL §Evidence E4: what evidence is known by. Signatures are left out: the same fault, signed again, is the same evidence.
 *
 * @throws FormatError
 */
export function evidenceId(evidence: Evidence): Hash {
  return taggedHash(TAGS.evidence, encode(evidenceItems(evidence, payloadItems)));
}

function evidenceItems(evidence: Evidence, voteItems: (vote: SignedVote) => RlpInput): RlpInput {
  const { kind, validator, suite, first, second } = evidence;
  return [
    VERSION_ITEM,
    encodeUint(KIND_CODES[kind]),
    addressItem(validator, 'validator'),
    encodeUint(suite),
    voteItems(first),
    voteItems(second),
  ];
}

/** What the digest of a vote holds, its type in the place of the version. */
function payloadItems(vote: SignedVote): RlpInput[] {
  const [, ...fields] = vote.type === 'roundChange' ? roundChangeItems(vote) : blockVoteItems(vote);
  return [encodeUint(TYPE_CODES[vote.type]), ...fields];
}

function readSignedVote(reader: RlpReader, field: string): SignedVote {
  const signed = reader.list(field);
  const payload = signed.list('payload');
  const vote = readPayload(payload);
  payload.done('payload');
  const signature = signed.fixed(SIGNATURE_BYTES, 'signature');
  signed.done(field);
  return { ...vote, signature };
}

function readPayload(list: RlpReader): Omit<SignedBlockVote, 'signature'> | Omit<SignedRoundChange, 'signature'> {
  const code = list.uint(1, 'type');
  const height = readUint(list, 'height');
  const round = readUint(list, 'round', LIMITS.round);
  if (code === TYPE_CODES.roundChange) return { type: 'roundChange', height, round, ...readClaim(list) };
  const type = (['proposal', 'prepare', 'commit'] as const).find((name) => TYPE_CODES[name] === code);
  if (type === undefined) throw formatError('VALUE_OUT_OF_RANGE', 'type', 'a vote from 1 to 4', `${code}`);
  return { type, height, round, blockHash: readHash(list, 'blockHash') };
}

function readClaim(list: RlpReader): Pick<RoundChangeVote, 'preparedRound' | 'preparedHash'> {
  const shifted = readUint(list, 'preparedRound', LIMITS.round + 1);
  if (shifted > 0) return { preparedRound: shifted - 1, preparedHash: readHash(list, 'preparedHash') };
  list.fixed(EMPTY.length, 'preparedHash');
  return { preparedRound: undefined, preparedHash: undefined };
}

/** What the sender of a vote signed. @throws FormatError */
export function signedVoteDigest(genesisHash: Hash, vote: SignedVote): Hash {
  switch (vote.type) {
    case 'proposal':
      return proposalDigest(genesisHash, vote);
    case 'prepare':
      return prepareDigest(genesisHash, vote);
    case 'commit':
      return commitDigest(genesisHash, vote);
    case 'roundChange':
      return roundChangeDigest(genesisHash, vote);
  }
}

/**
 * PROTOCOL §Evidence E5: passes evidence that holds against the owner of a key, on the network of a genesis hash.
 *
 * @param publicKey of the validator that it names, compressed
 * @throws EvidenceError
 */
export function verifyEvidence(
  evidence: Evidence,
  publicKey: Uint8Array,
  genesisHash: Hash,
  backend: Pick<SignatureBackend, 'verify'> = nobleBackend,
): void {
  const { validator, first, second } = evidence;
  const owner = addressFromPublicKey(publicKey);
  if (owner !== validator) {
    throw new EvidenceError('EVIDENCE_KEY_MISMATCH', `expected the key of ${validator}, found that of ${owner}`, {
      expected: validator,
      actual: owner,
    });
  }
  for (const vote of [first, second]) {
    if (backend.verify(vote.signature, signedVoteDigest(genesisHash, vote), publicKey)) continue;
    const what = `${vote.type} for height ${vote.height}, round ${vote.round}`;
    throw new EvidenceError('EVIDENCE_SIGNATURE_INVALID', `${validator} did not sign this ${what} on this network`, {
      expected: `the signature of ${validator}`,
      actual: 'another value',
      vote: vote.type,
      height: vote.height,
      round: vote.round,
    });
  }
}
