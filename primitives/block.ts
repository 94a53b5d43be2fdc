import type { Hash } from './bytes.js';
import {
  addressItem,
  formatError,
  hashItem,
  nameItem,
  openFormat,
  readAddress,
  readFormat,
  readItems,
  readName,
  readUint,
  requireCount,
  requireSize,
  uintItem,
  VERSION_ITEM,
} from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { LIMITS } from './limits.js';
import { merkleRoot, type PairHasher, pureHasher } from './merkle.js';
import { encode, encodeListOf, type RlpReader, readHash } from './rlp.js';
import type { Block, BlockHeader } from './types.js';

/** PROTOCOL §Formats, Header and Block. */

/** A header: eleven fields, the longest of which is the chain id. */
const MAX_HEADER_BYTES = 512;
/** Room for the header and for each transaction's prefix. */
const MAX_BLOCK_BYTES = LIMITS.blockBytes + MAX_HEADER_BYTES + 5 * LIMITS.transactionsPerBlock + 16;

/** @throws FormatError when a field is out of its bounds */
export function encodeHeader(header: BlockHeader): Uint8Array {
  return encode([
    VERSION_ITEM,
    nameItem(header.chainId, 'chainId'),
    uintItem(header.height, 'height'),
    hashItem(header.parentHash, 'parentHash'),
    addressItem(header.proposer, 'proposer'),
    uintItem(header.timestamp, 'timestamp'),
    hashItem(header.txRoot, 'txRoot'),
    hashItem(header.stateRoot, 'stateRoot'),
    hashItem(header.receiptsRoot, 'receiptsRoot'),
    hashItem(header.validatorsHash, 'validatorsHash'),
    hashItem(header.nextValidatorsHash, 'nextValidatorsHash'),
  ]);
}

/** @throws RlpError, FormatError */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  return readHeaderFields(openFormat(bytes, MAX_HEADER_BYTES, 'header'));
}

/** A header inside another format. */
export function readHeader(reader: RlpReader): BlockHeader {
  return readHeaderFields(readFormat(reader, 'header'));
}

function readHeaderFields(list: RlpReader): BlockHeader {
  const header: BlockHeader = {
    chainId: readName(list, 'chainId'),
    height: readUint(list, 'height'),
    parentHash: readHash(list, 'parentHash'),
    proposer: readAddress(list, 'proposer'),
    timestamp: readUint(list, 'timestamp'),
    txRoot: readHash(list, 'txRoot'),
    stateRoot: readHash(list, 'stateRoot'),
    receiptsRoot: readHash(list, 'receiptsRoot'),
    validatorsHash: readHash(list, 'validatorsHash'),
    nextValidatorsHash: readHash(list, 'nextValidatorsHash'),
  };
  list.done('header');
  return header;
}

/** A block's identity: H(tag ‖ header). No round stands in it. */
export function headerHash(header: BlockHeader): Hash {
  return taggedHash(TAGS.header, encodeHeader(header));
}

/** The same under the name that every format's identity has. */
export const blockId = headerHash;

/** @throws FormatError */
export function encodeBlock(block: Block): Uint8Array {
  requireCount(block.transactions.length, 0, LIMITS.transactionsPerBlock, 'transactions');
  requireTotal(block.transactions);
  return encodeListOf([VERSION_ITEM, encodeHeader(block.header), encode(block.transactions)]);
}

/** Reads a block; its transactions are views of `bytes`, not decoded. @throws RlpError, FormatError */
export function decodeBlock(bytes: Uint8Array): Block {
  const list = openFormat(bytes, MAX_BLOCK_BYTES, 'block');
  const block = readBlockFields(list);
  list.done('block');
  return block;
}

/** A block inside another format. */
export function readBlock(reader: RlpReader): Block {
  const list = readFormat(reader, 'block');
  const block = readBlockFields(list);
  list.done('block');
  return block;
}

function readBlockFields(list: RlpReader): Block {
  const header = readHeader(list);
  const transactions = readItems(
    list,
    { min: 0, max: LIMITS.transactionsPerBlock, field: 'transactions' },
    readTransactionBytes,
  );
  requireTotal(transactions);
  return { header, transactions };
}

function readTransactionBytes(reader: RlpReader): Uint8Array {
  return reader.bytes(LIMITS.transactionBytes, 'transactions');
}

function requireTotal(transactions: readonly Uint8Array[]): void {
  let total = 0;
  for (const transaction of transactions) {
    if (transaction.length === 0) throw formatError('VALUE_OUT_OF_RANGE', 'transactions', 'signed bytes', 'none');
    requireSize(transaction.length, LIMITS.transactionBytes, 'transactions');
    total += transaction.length;
  }
  requireSize(total, LIMITS.blockBytes, 'transactions');
}

/** Root over the transactions' leaf hashes, in the block's order. */
export function transactionsRoot(leafHashes: readonly Hash[], hasher: PairHasher = pureHasher): Hash {
  return merkleRoot(leafHashes, hasher);
}
