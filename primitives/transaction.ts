import { addressFromPublicKey } from './address.js';
import type { Hash } from './bytes.js';
import { CodedError } from './errors.js';
import {
  addressItem,
  bytesItem,
  fixedItem,
  formatError,
  nameItem,
  openFormat,
  readAddress,
  readFormat,
  readItems,
  readName,
  readSuite,
  readUint,
  requireCount,
  requireSize,
  requireSuite,
  uintItem,
  VERSION_ITEM,
} from './format.js';
import { type Sha256, sha256, TAGS, taggedHash, taggedHashWith } from './hash.js';
import { LIMITS } from './limits.js';
import { encode, encodeListOf, encodeUint, RlpReader } from './rlp.js';
import { nobleBackend, SIGNATURE_BYTES } from './signature.js';
import { SUITE_SECP256K1 } from './suite.js';
import type {
  Address,
  Call,
  DecodedTransaction,
  SignatureBackend,
  Transaction,
  TransactionBody,
  TransactionPriority,
  TransactionSignature,
} from './types.js';

/** PROTOCOL §Formats, Transaction. */

export type TransactionErrorCode = 'SIGNATURE_MISSING' | 'SIGNATURE_SURPLUS';

/** Signatures that do not stand one for each signer. */
export class TransactionError extends CodedError<TransactionErrorCode> {}

/** @throws FormatError when a field is out of its bounds or the signers are not sorted and unique */
export function encodeTransactionBody(body: TransactionBody): Uint8Array {
  requireCount(body.signers.length, 1, LIMITS.signersPerTransaction, 'signers');
  requireCount(body.calls.length, 1, LIMITS.callsPerTransaction, 'calls');
  const signers = body.signers.map((signer) => addressItem(signer, 'signers'));
  requireAscending(body.signers);
  return encode([
    VERSION_ITEM,
    nameItem(body.chainId, 'chainId'),
    addressItem(body.sender, 'sender'),
    signers,
    bytesItem(body.reference, 'reference', 1, LIMITS.referenceBytes),
    uintItem(body.expiresAt, 'expiresAt'),
    priorityItem(body.priority),
    body.calls.map((call) => [
      nameItem(call.contract, 'contract'),
      nameItem(call.method, 'method'),
      bytesItem(call.args, 'args', 0, LIMITS.transactionBytes),
    ]),
  ]);
}

/** In the order of their numbers on the wire. */
const PRIORITIES = ['normal', 'urgent'] as const satisfies readonly TransactionPriority[];

function priorityItem(priority: TransactionPriority): Uint8Array {
  const number = PRIORITIES.indexOf(priority);
  if (number < 0) throw formatError('VALUE_OUT_OF_RANGE', 'priority', PRIORITIES.join(' or '), String(priority));
  return encodeUint(number);
}

function readPriority(reader: RlpReader): TransactionPriority {
  return PRIORITIES[readUint(reader, 'priority', PRIORITIES.length - 1)] as TransactionPriority;
}

/** Lower-case hex of one length: the order of the strings is the order of the bytes. */
function requireAscending(signers: readonly Address[]): void {
  for (let i = 1; i < signers.length; i++) {
    if ((signers[i - 1] as Address) >= (signers[i] as Address)) {
      throw formatError('NOT_SORTED', 'signers', 'ascending addresses without repeats', 'another order');
    }
  }
}

/** The full signed bytes. @throws FormatError */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const { body, signatures } = transaction;
  requireSignatureCount(signatures.length, body.signers.length);
  const bytes = encodeListOf([
    VERSION_ITEM,
    encodeTransactionBody(body),
    encode(
      signatures.map(({ suite, signature }) => [
        encodeUint(requireSuite(suite, 'suite')),
        fixedItem(signature, SIGNATURE_BYTES, 'signature'),
      ]),
    ),
  ]);
  requireSize(bytes.length, LIMITS.transactionBytes, 'transaction');
  return bytes;
}

function requireSignatureCount(signatures: number, signers: number): void {
  if (signatures !== signers) {
    throw formatError('INCONSISTENT', 'signatures', `one for each of ${signers} signers`, `${signatures}`);
  }
}

/** The hashes of transactions of one chain. */
export interface TransactionHasher {
  /** What the signers sign: H(tag ‖ genesis hash ‖ body). */
  id(body: Uint8Array): Hash;
  /** Leaf of the transaction tree: H(tag ‖ full signed bytes). */
  leafHash(transaction: Uint8Array): Hash;
}

/** @param hash SHA-256, native where the caller has it */
export function transactionHasher(genesisHash: Hash, hash: Sha256 = sha256): TransactionHasher {
  return {
    id: (body) => taggedHashWith(hash, TAGS.transaction, genesisHash, body),
    leafHash: (transaction) => taggedHashWith(hash, TAGS.transactionLeaf, transaction),
  };
}

/**
 * Reads the full signed bytes in one pass; id and leaf are hashes of the bytes as they came. Fields are views of
 * `bytes`. Signatures are not verified here.
 *
 * @param hash SHA-256, native where the caller has it
 * @throws RlpError, FormatError
 */
export function decodeTransaction(bytes: Uint8Array, genesisHash: Hash, hash: Sha256 = sha256): DecodedTransaction {
  return decodeHashed(bytes, transactionHasher(genesisHash, hash));
}

/** The same with a hasher of the caller's, for whoever reads many. @throws RlpError, FormatError */
export function decodeHashed(bytes: Uint8Array, hasher: TransactionHasher): DecodedTransaction {
  const envelope = openFormat(bytes, LIMITS.transactionBytes, 'transaction');
  const bodyBytes = envelope.raw('body');
  const body = readBody(new RlpReader(bodyBytes));
  const signatures = readItems(
    envelope,
    { min: 1, max: LIMITS.signersPerTransaction, field: 'signatures' },
    readSignature,
  );
  envelope.done('transaction');
  requireSignatureCount(signatures.length, body.signers.length);
  return {
    body,
    signatures,
    bytes,
    id: hasher.id(bodyBytes),
    leafHash: hasher.leafHash(bytes),
  };
}

function readSignature(reader: RlpReader): TransactionSignature {
  const item = reader.list('signature');
  const suite = readSuite(item, 'suite');
  const signature = item.fixed(SIGNATURE_BYTES, 'signature');
  item.done('signature');
  return { suite, signature };
}

/** Reads a body alone, as it is passed between those who are to sign it. @throws RlpError, FormatError */
export function decodeTransactionBody(bytes: Uint8Array): TransactionBody {
  requireSize(bytes.length, LIMITS.transactionBytes, 'body');
  const reader = new RlpReader(bytes);
  const body = readBody(reader);
  reader.done('body');
  return body;
}

function readBody(reader: RlpReader): TransactionBody {
  const list = readFormat(reader, 'body');
  const chainId = readName(list, 'chainId');
  const sender = readAddress(list, 'sender');
  const signers = readItems(list, { min: 1, max: LIMITS.signersPerTransaction, field: 'signers' }, readSigner);
  requireAscending(signers);
  const reference = bytesItem(list.bytes(LIMITS.referenceBytes, 'reference'), 'reference', 1, LIMITS.referenceBytes);
  const expiresAt = readUint(list, 'expiresAt');
  const priority = readPriority(list);
  const calls = readItems(list, { min: 1, max: LIMITS.callsPerTransaction, field: 'calls' }, readCall);
  list.done('body');
  return { chainId, sender, signers, reference, expiresAt, priority, calls };
}

function readSigner(reader: RlpReader): Address {
  return readAddress(reader, 'signers');
}

function readCall(reader: RlpReader): Call {
  const item = reader.list('call');
  const contract = readName(item, 'contract');
  const method = readName(item, 'method');
  const args = item.bytes(LIMITS.transactionBytes, 'args');
  item.done('call');
  return { contract, method, args };
}

const NO_SIGNATURE: Uint8Array = new Uint8Array(SIGNATURE_BYTES);

/** A body as if its signers had signed: the bytes of a transaction with signatures that hold for nothing. @throws FormatError */
export function draftTransaction(body: TransactionBody): Uint8Array {
  const signatures = body.signers.map(
    (): TransactionSignature => ({ suite: SUITE_SECP256K1, signature: NO_SIGNATURE }),
  );
  return encodeTransaction({ body, signatures });
}

/** What the signers sign: H(tag ‖ genesis hash ‖ body). */
export function transactionId(body: TransactionBody, genesisHash: Hash): Hash {
  return taggedHash(TAGS.transaction, genesisHash, encodeTransactionBody(body));
}

/** Leaf of the transaction tree: H(tag ‖ full signed bytes). */
export function transactionLeaf(bytes: Uint8Array): Hash {
  return taggedHash(TAGS.transactionLeaf, bytes);
}

/**
 * Signs with every signer's private key, given in any order.
 *
 * @throws TransactionError `SIGNATURE_MISSING` or `SIGNATURE_SURPLUS` unless the keys are exactly the signers' own
 */
export function signTransaction(
  body: TransactionBody,
  genesisHash: Hash,
  privateKeys: readonly Uint8Array[],
  backend: SignatureBackend = nobleBackend,
): Transaction {
  const id = transactionId(body, genesisHash);
  const signatures = new Map<Address, Uint8Array>();
  for (const key of privateKeys) {
    signatures.set(addressFromPublicKey(backend.publicKey(key)), backend.sign(id, key));
  }
  return assembleTransaction(body, signatures);
}

/**
 * Puts signatures that were made apart, over one id, in the signers' order.
 *
 * @throws TransactionError `SIGNATURE_MISSING`, `SIGNATURE_SURPLUS`
 */
export function assembleTransaction(
  body: TransactionBody,
  signaturesByAddress: ReadonlyMap<Address, Uint8Array>,
): Transaction {
  for (const address of signaturesByAddress.keys()) {
    if (!body.signers.includes(address)) {
      throw new TransactionError('SIGNATURE_SURPLUS', `${address} signed but is none of the body's signers`, {
        expected: body.signers.join(', '),
        actual: address,
        hint: 'list it among the signers before anyone signs, or leave its signature out',
      });
    }
  }
  const signatures = body.signers.map((signer): TransactionSignature => {
    const signature = signaturesByAddress.get(signer);
    if (signature === undefined) {
      throw new TransactionError('SIGNATURE_MISSING', `expected a signature of every signer, found none of ${signer}`, {
        expected: signer,
        actual: [...signaturesByAddress.keys()].join(', ') || 'none',
        hint: 'let this key sign the same body',
      });
    }
    return { suite: SUITE_SECP256K1, signature };
  });
  return { body, signatures };
}
