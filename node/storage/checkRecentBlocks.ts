import { headerHash } from '../../primitives/block.js';
import { equalBytes } from '../../primitives/bytes.js';
import { StorageError } from './errors.js';
import type { ChainDatabase } from './types.js';

/**
 * A damaged byte in LevelDB's log leaves a hole among the newest blocks. Two write buffers are what it may have held:
 * headers are checked further back than that, bodies as far as that.
 */
const RECENT_BLOCKS = 1_024;
const RECENT_BODY_BYTES = 64 * 2 ** 20;

/**
 * Checks at start that the newest blocks are whole and follow each other up to the head: a hole is not a shorter chain.
 * Everything below is `vostro node verify`'s.
 *
 * @throws StorageError `CHAIN_BROKEN`
 */
export function checkRecentBlocks(database: ChainDatabase): void {
  const head = database.head();
  if (head === undefined) return;
  let expected = head.blockHash;
  let bodyBytes = 0;
  for (let height = head.height; height >= Math.max(0, head.height - RECENT_BLOCKS); height--) {
    const header = database.headers.get(height);
    if (header === undefined) throw broken(database, height, 'a header', 'none');
    if (!equalBytes(headerHash(header), expected)) {
      throw broken(database, height, 'the header that the block above or the head names', 'another one');
    }
    if (bodyBytes < RECENT_BODY_BYTES) bodyBytes += contentBytes(database, height);
    expected = header.parentHash;
  }
}

/** Reads what belongs to a header. @returns its size */
function contentBytes(database: ChainDatabase, height: number): number {
  const bodies = database.bodies.list(height);
  const receipts = database.receipts.list(height);
  if (bodies === undefined) throw broken(database, height, 'a body', 'none');
  if (receipts === undefined) throw broken(database, height, 'receipts', 'none');
  if (height > 0 && !database.certificates.has(height)) throw broken(database, height, 'a certificate', 'none');
  return [...bodies, ...receipts].reduce((total, { length }) => total + length, 0);
}

function broken(database: ChainDatabase, height: number, expected: string, actual: string): StorageError {
  return new StorageError('CHAIN_BROKEN', `${database.path}: height ${height}: expected ${expected}, found ${actual}`, {
    path: database.path,
    height,
    expected,
    actual,
    hint: 'the database is damaged: run `vostro node verify`, then fetch the chain anew into an empty home',
  });
}
