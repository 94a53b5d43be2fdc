import type { SignedTransaction } from '../client/transactions.js';
import { fromHex, type Hash, toHex } from '../primitives/bytes.js';
import { isCodedError } from '../primitives/errors.js';
import { LIMITS } from '../primitives/limits.js';
import { decodeTransaction, decodeTransactionBody } from '../primitives/transaction.js';
import type { TransactionBody } from '../primitives/types.js';
import { CliError } from './errors.js';
import { readBytesFile } from './files.js';

/** Hexadecimal of the largest transaction, and JSON around it. */
const MAX_FILE_BYTES = 4 * LIMITS.transactionBytes;

/**
 * A transaction from a file, signed or not yet: its bytes, their hexadecimal, or JSON with them as `transaction` or `body`,
 * as a proposal of `vostro dvp` has it.
 *
 * @throws CliError `FILE_UNREADABLE`, `FILE_MALFORMED`
 */
export async function readTransactionFile(
  path: string,
  genesisHash: Hash,
): Promise<TransactionBody | SignedTransaction> {
  const bytes = transactionBytes(await readBytesFile(path, MAX_FILE_BYTES), path);
  try {
    return decodeTransactionBody(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
  }
  try {
    return { id: toHex(decodeTransaction(bytes, genesisHash).id), bytes };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw malformed(path, error.message);
  }
}

function transactionBytes(content: Uint8Array, path: string): Uint8Array {
  const [first] = content;
  // A transaction's first byte is that of a list: no text begins with it.
  if (first !== undefined && first >= 0xc0) return content;
  const text = new TextDecoder().decode(content).trim();
  try {
    return fromHex(text.startsWith('{') ? hexOfJson(text) : text);
  } catch (error) {
    if (!isCodedError(error) && !(error instanceof SyntaxError)) throw error;
    throw malformed(path, error.message);
  }
}

function hexOfJson(text: string): string {
  const { transaction, body } = JSON.parse(text) as { readonly transaction?: unknown; readonly body?: unknown };
  const hex = transaction ?? body;
  return typeof hex === 'string' ? hex : '';
}

function malformed(path: string, actual: string): CliError {
  const expected = 'a transaction or its body: as bytes, hexadecimal, or JSON with `transaction` or `body`';
  return new CliError('FILE_MALFORMED', `${path}: expected ${expected}, found ${actual}`, { expected, actual });
}
