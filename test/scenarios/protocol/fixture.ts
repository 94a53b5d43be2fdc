import type {
  ConsensusConfig,
  ConsensusHead,
  Signed,
  SignedMessage,
  UnsignedMessage,
} from '../../../consensus/types.js';
import { headerHash } from '../../../primitives/block.js';
import { equalBytes, type Hash, toHex } from '../../../primitives/bytes.js';
import { buildCertificate, certificateSigners } from '../../../primitives/certificate.js';
import type { Address, BlockHeader, Certificate, CertificateType, Validator } from '../../../primitives/types.js';
import { quorum, validatorsHash } from '../../../primitives/validator.js';

/** A small chain for tests of the protocol: validators, headers, and signatures that stand in for real ones. */

export const CHAIN_ID = 'simulated';
export const GENESIS_TIMESTAMP_MS = 1_000_000;

export const TEST_CONFIG: ConsensusConfig = {
  chainId: CHAIN_ID,
  address: undefined,
  timeoutBaseMs: 200,
  timeoutCapMs: 2_000,
  maxClockDriftMs: 500,
  minBlockIntervalMs: 20,
  heartbeatMs: 400,
};

export function testAddress(name: number): Address {
  return `0x${name.toString(16).padStart(40, '0')}`;
}

/** Validators by number: number i has address i + 1. */
export function testValidators(numbers: readonly number[]): Validator[] {
  return numbers.map((number) => {
    const publicKey = new Uint8Array(33).fill(number + 1);
    publicKey[0] = 2;
    return { address: testAddress(number + 1), suite: 1, publicKey };
  });
}

/** The indices 0 … count − 1. */
export function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

export function hashOf(number: number): Hash {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(28, number);
  return hash;
}

export function genesisHead(validators: readonly Validator[]): ConsensusHead {
  const listHash = validatorsHash(validators);
  const header: BlockHeader = {
    chainId: CHAIN_ID,
    height: 0,
    parentHash: new Uint8Array(32),
    proposer: testAddress(0),
    timestamp: GENESIS_TIMESTAMP_MS,
    txRoot: new Uint8Array(32),
    stateRoot: new Uint8Array(32),
    receiptsRoot: new Uint8Array(32),
    validatorsHash: listHash,
    nextValidatorsHash: listHash,
  };
  return { header, blockHash: headerHash(header), validators };
}

/** A header on top of another; `content` tells blocks apart that are otherwise the same. */
export function childHeader(
  parent: { readonly header: BlockHeader; readonly blockHash: Hash },
  fields: { readonly proposer: Address; readonly timestamp: number; readonly content: number },
  nextValidatorsHash: Hash = parent.header.nextValidatorsHash,
): BlockHeader {
  const { content, ...given } = fields;
  return {
    ...parent.header,
    ...given,
    height: parent.header.height + 1,
    parentHash: parent.blockHash,
    txRoot: hashOf(content),
    validatorsHash: parent.header.nextValidatorsHash,
    nextValidatorsHash,
  };
}

const TYPE_NUMBERS = { proposal: 1, prepare: 2, commit: 3, roundChange: 4, status: 5 } as const;
const NO_HASH = new Uint8Array();

/** FNV-1a, over numbers. */
function mix(state: number, values: ArrayLike<number>): number {
  let mixed = state;
  for (let i = 0; i < values.length; i++) mixed = Math.imul(mixed ^ (values[i] as number), 0x01000193);
  return mixed;
}

/** 64 bytes that only this key makes for what the message signs: enough to see that a signature was moved or changed. */
function standInSignature(key: number, message: UnsignedMessage): Uint8Array {
  const prepared = message.type === 'roundChange' ? (message.preparedRound ?? -1) : 0;
  const position = [key, TYPE_NUMBERS[message.type], message.height, message.round, prepared];
  const hash = message.type === 'roundChange' ? message.preparedHash : 'blockHash' in message && message.blockHash;
  const signature = new Uint8Array(64);
  const view = new DataView(signature.buffer);
  view.setUint32(0, mix(mix(0x811c9dc5, position), hash || NO_HASH) >>> 0);
  view.setUint32(4, key);
  return signature;
}

/** What a message signs, as text, for the checker and for people. */
export function payloadOf(message: UnsignedMessage): string {
  const position = `${message.type}/${message.height}/${message.round}`;
  switch (message.type) {
    case 'status':
      return position;
    case 'roundChange': {
      const { preparedRound, preparedHash } = message;
      return `${position}/${preparedRound ?? 'none'}/${preparedHash === undefined ? '' : toHex(preparedHash)}`;
    }
    default:
      return `${position}/${toHex(message.blockHash)}`;
  }
}

/** Signs with the key of validator number `key`, who stands at index `sender` of the list. */
export function signAs<Message extends UnsignedMessage>(
  sender: number,
  message: Message,
  key: number = sender,
): Signed<Message> {
  return { ...message, sender, signature: standInSignature(key, message) };
}

/** The number of the validator at an index of a list. */
export function keyAt(validators: readonly Validator[], index: number): number | undefined {
  const address = validators[index]?.address;
  return address === undefined ? undefined : Number(address) - 1;
}

/** A certificate of the validators numbered 0 … n − 1. */
export function certify(
  type: CertificateType,
  vote: { readonly height: number; readonly round: number; readonly blockHash: Hash },
  signers: readonly number[],
  validatorCount: number,
): Certificate {
  const { height, round, blockHash } = vote;
  const signatures = new Map(
    signers.map((sender) => [sender, signAs(sender, { type, height, round, blockHash }).signature]),
  );
  return buildCertificate(type, vote, validatorCount, signatures);
}

/** What `verifyCertificate` is for real signatures. */
export function isStandInCertificate(certificate: Certificate, validators: readonly Validator[]): boolean {
  const signers = certificateSigners(certificate);
  const { type, height, round, blockHash, signatures } = certificate;
  if (signers.length < quorum(validators.length) || signers.length !== signatures.length) return false;
  return signers.every((signer, position) => {
    const key = keyAt(validators, signer);
    if (key === undefined) return false;
    const expected = signAs(signer, { type, height, round, blockHash }, key).signature;
    return equalBytes(expected, signatures[position] ?? new Uint8Array());
  });
}

/** What the host checks before it hands a message to the protocol. */
export function isAuthentic(message: SignedMessage, validators: readonly Validator[]): boolean {
  const key = keyAt(validators, message.sender);
  if (key === undefined) return false;
  if (!equalBytes(signAs(message.sender, message, key).signature, message.signature)) return false;
  if (message.type !== 'proposal' && message.type !== 'roundChange') return true;
  if (message.type === 'proposal' && !message.roundChanges.every((item) => isAuthentic(item, validators))) return false;
  const { preparedCertificate } = message;
  return preparedCertificate === undefined || isStandInCertificate(preparedCertificate, validators);
}
