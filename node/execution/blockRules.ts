import type { GenesisParameters } from '../../genesis/types.js';
import { transactionsRoot } from '../../primitives/block.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { decodeTransaction } from '../../primitives/transaction.js';
import type { BlockHeader, DecodedTransaction } from '../../primitives/types.js';
import { byteString } from '../storage/rowCodec.js';
import type { BlockFault, BlockFaultCode } from './errors.js';
import type { Hashing } from './nativeHashing.js';

/** What a block is judged against: its parent, the network, and who decides it. */
export interface BlockParent {
  readonly header: BlockHeader;
  readonly blockHash: Hash;
  readonly genesisHash: Hash;
  readonly parameters: GenesisParameters;
}

export function fault(code: BlockFaultCode, expected: string, actual: string, transactionId?: Hash): BlockFault {
  const subject = transactionId === undefined ? 'block' : `transaction ${toHex(transactionId)}`;
  const message = `${subject}: expected ${expected}, found ${actual}`;
  return transactionId === undefined ? { code, message } : { code, message, transactionId };
}

/** PROTOCOL §Block validity B1–B5: what a header must say about its place, before anything of the body is read. */
export function checkHeader(header: BlockHeader, parent: BlockParent): BlockFault | undefined {
  const previous = parent.header;
  if (header.chainId !== previous.chainId) {
    return fault('CHAIN_ID_MISMATCH', `chain ${previous.chainId}`, `chain ${header.chainId}`);
  }
  if (header.height !== previous.height + 1) {
    return fault('HEIGHT_MISMATCH', `height ${previous.height + 1}`, `${header.height}`);
  }
  if (!equalBytes(header.parentHash, parent.blockHash)) {
    return fault('PARENT_MISMATCH', `parent ${toHex(parent.blockHash)}`, toHex(header.parentHash));
  }
  if (header.timestamp <= previous.timestamp) {
    return fault('TIMESTAMP_NOT_AFTER_PARENT', `a timestamp above ${previous.timestamp}`, `${header.timestamp}`);
  }
  if (!equalBytes(header.validatorsHash, previous.nextValidatorsHash)) {
    const expected = `validators ${toHex(previous.nextValidatorsHash)}`;
    return fault('VALIDATORS_HASH_MISMATCH', expected, toHex(header.validatorsHash));
  }
  return undefined;
}

/** PROTOCOL §Block validity B6: number and bytes of a block's transactions, before one of them is decoded. */
export function checkBlockSize(
  transactions: readonly Uint8Array[],
  parameters: GenesisParameters,
): BlockFault | undefined {
  if (transactions.length > parameters.maxBlockTransactions) {
    const expected = `at most ${parameters.maxBlockTransactions} transactions`;
    return fault('TOO_MANY_TRANSACTIONS', expected, `${transactions.length}`);
  }
  let bytes = 0;
  for (const transaction of transactions) bytes += transaction.length;
  if (bytes > parameters.maxBlockBytes) {
    return fault('BLOCK_TOO_LARGE', `at most ${parameters.maxBlockBytes} bytes of transactions`, `${bytes}`);
  }
  return undefined;
}

/** PROTOCOL §Block validity B7: a block's transactions, each decoded once, or the first that is none. */
export function decodeBody(
  transactions: readonly Uint8Array[],
  genesisHash: Hash,
  hashing: Hashing,
): { readonly decoded: readonly DecodedTransaction[] } | { readonly fault: BlockFault } {
  const decoded: DecodedTransaction[] = [];
  for (const [index, bytes] of transactions.entries()) {
    try {
      decoded.push(decodeTransaction(bytes, genesisHash, hashing.sha256));
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return { fault: fault('TRANSACTION_MALFORMED', `a transaction at index ${index}`, error.message) };
    }
  }
  return { decoded };
}

/** PROTOCOL §Block validity B8, B9: the body is the header's, and nothing stands in it twice. Checked before execution. */
export function checkBody(
  decoded: readonly DecodedTransaction[],
  header: BlockHeader,
  hashing: Hashing,
): BlockFault | undefined {
  const leaves = decoded.map((transaction) => transaction.leafHash);
  const root = transactionsRoot(leaves, hashing.hasher);
  if (!equalBytes(root, header.txRoot)) return fault('TX_ROOT_MISMATCH', `txRoot ${toHex(header.txRoot)}`, toHex(root));
  const ids = new Set<string>();
  for (const { id } of decoded) {
    const name = byteString(id);
    if (ids.has(name)) return fault('TRANSACTION_DUPLICATE', 'each transaction once', 'a second one', id);
    ids.add(name);
  }
  return undefined;
}

/** What the execution found, as its header has to say it. */
export interface ExecutedRoots {
  readonly stateRoot: Hash;
  readonly receiptsRoot: Hash;
  readonly nextValidatorsHash: Hash;
}

/** PROTOCOL §Block validity B12: the header's promises about what execution gives. */
export function checkRoots(header: BlockHeader, executed: ExecutedRoots): BlockFault | undefined {
  const rules = [
    ['RECEIPTS_ROOT_MISMATCH', 'receiptsRoot'],
    ['STATE_ROOT_MISMATCH', 'stateRoot'],
    ['NEXT_VALIDATORS_HASH_MISMATCH', 'nextValidatorsHash'],
  ] as const;
  for (const [code, field] of rules) {
    if (!equalBytes(header[field], executed[field])) {
      return fault(code, `${field} ${toHex(executed[field])} as executed here`, toHex(header[field]));
    }
  }
  return undefined;
}
