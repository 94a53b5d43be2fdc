import { encodeBlock, readBlock } from '../../primitives/block.js';
import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { encodeCertificate, readCertificate } from '../../primitives/certificate.js';
import {
  formatError,
  hashItem,
  openFormat,
  readItems,
  readUint,
  requireCount,
  requireUint,
  uintItem,
  VERSION_ITEM,
} from '../../primitives/format.js';
import { LIMITS } from '../../primitives/limits.js';
import { encode, encodeListOf, encodeUint, type RlpReader, readHash } from '../../primitives/rlp.js';
import type { Certificate } from '../../primitives/types.js';
import type { CertifiedBlock } from '../execution/types.js';
import { REQUEST_LIMITS } from './limits.js';

/** Questions that nodes ask each other, and the answers: docs/PROTOCOL.md §What is asked. */

/** What a peer may ask. */
export type PeerRequest =
  /** How far are you? */
  | { readonly type: 'status' }
  /** Committed blocks with their certificates, ascending; fewer than asked for where bytes run out. */
  | { readonly type: 'blocks'; readonly fromHeight: number; readonly maxCount: number; readonly maxBytes: number }
  /** Transactions of an undecided block that was proposed compactly. */
  | { readonly type: 'transactions'; readonly blockHash: Hash; readonly leafHashes: readonly Hash[] }
  /** A whole block by its hash, undecided or committed at this height. */
  | { readonly type: 'body'; readonly height: number; readonly blockHash: Hash }
  /** The height that you work at; refused by a validator that has lost its own journal. */
  | { readonly type: 'workingHeight' };

/** How far a node is, with the proof of it. */
export interface ChainClaim {
  readonly headHeight: number;
  readonly headHash: Hash;
  /** Of the head; undefined at height 0 only. */
  readonly certificate: Certificate | undefined;
}

const CODES = { status: 1, blocks: 2, transactions: 3, body: 4, workingHeight: 5 } as const;
const MAX_REQUEST_BYTES = 34 * REQUEST_LIMITS.transactions + 64;
const MAX_CLAIM_BYTES = 65_536;
const MAX_ANSWER_BYTES = 16_777_216;

/** @throws FormatError */
export function encodeRequest(request: PeerRequest): Uint8Array {
  return encode([VERSION_ITEM, encodeUint(CODES[request.type]), ...requestItems(request)]);
}

function requestItems(request: PeerRequest) {
  switch (request.type) {
    case 'status':
    case 'workingHeight':
      return [];
    case 'blocks':
      return [
        uintItem(request.fromHeight, 'fromHeight'),
        uintItem(request.maxCount, 'maxCount', REQUEST_LIMITS.blocks),
        uintItem(request.maxBytes, 'maxBytes', REQUEST_LIMITS.answerBytes),
      ];
    case 'transactions':
      requireCount(request.leafHashes.length, 1, REQUEST_LIMITS.transactions, 'leafHashes');
      return [hashItem(request.blockHash, 'blockHash'), request.leafHashes.map((hash) => hashItem(hash, 'leafHashes'))];
    case 'body':
      return [uintItem(request.height, 'height'), hashItem(request.blockHash, 'blockHash')];
  }
}

/** Hashes are views of `bytes`. @throws RlpError, FormatError */
export function decodeRequest(bytes: Uint8Array): PeerRequest {
  const list = openFormat(bytes, MAX_REQUEST_BYTES, 'request');
  const request = readRequest(list, list.uint(1, 'type'));
  list.done('request');
  return request;
}

function readRequest(list: RlpReader, code: number): PeerRequest {
  switch (code) {
    case CODES.status:
      return { type: 'status' };
    case CODES.workingHeight:
      return { type: 'workingHeight' };
    case CODES.body:
      return { type: 'body', height: readUint(list, 'height'), blockHash: readHash(list, 'blockHash') };
    case CODES.transactions:
      return {
        type: 'transactions',
        blockHash: readHash(list, 'blockHash'),
        leafHashes: readItems(list, { min: 1, max: REQUEST_LIMITS.transactions, field: 'leafHashes' }, (reader) =>
          readHash(reader, 'leafHashes'),
        ),
      };
    case CODES.blocks:
      return {
        type: 'blocks',
        fromHeight: readUint(list, 'fromHeight'),
        maxCount: readUint(list, 'maxCount', REQUEST_LIMITS.blocks),
        maxBytes: readUint(list, 'maxBytes', REQUEST_LIMITS.answerBytes),
      };
    default:
      throw formatError('VALUE_OUT_OF_RANGE', 'type', 'a request from 1 to 5', `${code}`);
  }
}

/** @throws FormatError */
export function encodeClaim({ headHeight, headHash, certificate }: ChainClaim): Uint8Array {
  return encodeListOf([
    VERSION_ITEM,
    encode(uintItem(headHeight, 'headHeight')),
    encode(hashItem(headHash, 'headHash')),
    certificate === undefined ? encode(new Uint8Array()) : encodeCertificate(certificate),
  ]);
}

/** @throws RlpError, FormatError */
export function decodeClaim(bytes: Uint8Array): ChainClaim {
  const list = openFormat(bytes, MAX_CLAIM_BYTES, 'claim');
  const headHeight = readUint(list, 'headHeight');
  const headHash = readHash(list, 'headHash');
  const certificate = list.nextIsList('certificate') ? readCertificate(list) : readNone(list);
  list.done('claim');
  requireConsistent(headHeight, headHash, certificate);
  return { headHeight, headHash, certificate };
}

function readNone(list: RlpReader): undefined {
  list.fixed(0, 'certificate');
  return undefined;
}

/** The certificate is of the head that is claimed; only the genesis state has none. */
function requireConsistent(headHeight: number, headHash: Hash, certificate: Certificate | undefined): void {
  const isProven =
    certificate?.type === 'commit' && certificate.height === headHeight && equalBytes(certificate.blockHash, headHash);
  if (headHeight === 0 ? certificate === undefined : isProven) return;
  throw formatError('INCONSISTENT', 'certificate', `the commit certificate of height ${headHeight}`, 'another or none');
}

/** @throws FormatError */
export function encodeBlocks(blocks: readonly CertifiedBlock[]): Uint8Array {
  requireCount(blocks.length, 0, REQUEST_LIMITS.blocks, 'blocks');
  const pairs = blocks.map(({ block, certificate }) =>
    encodeListOf([encodeBlock(block), encodeCertificate(certificate)]),
  );
  return encodeListOf([VERSION_ITEM, encodeListOf(pairs)]);
}

/** Transactions are views of `bytes`. @throws RlpError, FormatError */
export function decodeBlocks(bytes: Uint8Array): CertifiedBlock[] {
  const list = openFormat(bytes, MAX_ANSWER_BYTES, 'blocks');
  const blocks = readItems(list, { min: 0, max: REQUEST_LIMITS.blocks, field: 'blocks' }, readCertifiedBlock);
  list.done('blocks');
  return blocks;
}

function readCertifiedBlock(reader: RlpReader): CertifiedBlock {
  const pair = reader.list('blocks');
  const certified = { block: readBlock(pair), certificate: readCertificate(pair) };
  pair.done('blocks');
  return certified;
}

/** One item for each hash that was asked for, in that order; undefined where it is not here or did not fit. */
export function encodeTransactions(transactions: readonly (Uint8Array | undefined)[]): Uint8Array {
  requireCount(transactions.length, 1, REQUEST_LIMITS.transactions, 'transactions');
  const items = transactions.map((transaction) => transaction ?? new Uint8Array());
  return encodeListOf([VERSION_ITEM, encode(items)]);
}

/** Transactions are views of `bytes`. @throws RlpError, FormatError */
export function decodeTransactions(bytes: Uint8Array, expectedCount: number): (Uint8Array | undefined)[] {
  const list = openFormat(bytes, MAX_ANSWER_BYTES, 'transactions');
  const bounds = { min: requireUint(expectedCount, 'transactions'), max: expectedCount, field: 'transactions' };
  const transactions = readItems(list, bounds, (reader) => {
    const transaction = reader.bytes(LIMITS.transactionBytes, 'transactions');
    return transaction.length === 0 ? undefined : transaction;
  });
  list.done('transactions');
  return transactions;
}
