import { headerHash, transactionsRoot } from '../../primitives/block.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { decodeTransaction, transactionLeaf } from '../../primitives/transaction.js';
import type { Block, BlockHeader, DecodedTransaction } from '../../primitives/types.js';
import {
  BlockExecution,
  type ExecutionBase,
  type ExecutionResult,
  HostException,
  withHostExceptions,
} from './blockExecution.js';
import { type BlockFaultCode, ExecutionError } from './errors.js';
import type { Candidate } from './executeBlock.js';
import type { BuildRequest, BuildResult } from './types.js';

/** How many poisonous transactions one build may meet before it gives up on all that are left. */
const MAX_RESTARTS = 8;

/** Faults that a later block may not have. */
const RETRIED: ReadonlySet<BlockFaultCode> = new Set<BlockFaultCode>([
  'EXPIRY_TOO_FAR',
  'QUOTA_EXCEEDED',
  'URGENT_QUOTA_EXCEEDED',
  'BLOCK_TOO_LARGE',
  'BLOCK_FUEL_EXCEEDED',
]);

type LeftOut = BuildResult['leftOut'][number];

interface Build {
  readonly result: ExecutionResult;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Builds a block on the head from the candidates in their order. Those that may not be included are left out; it stops
 * at the first that the block has no room for, and says nothing of those behind it. The build is the block's execution.
 *
 * @throws ExecutionError `BUILD_NOT_ON_HEAD`, HostException where no candidate is to blame, StorageError
 */
export function buildBlock(base: ExecutionBase, request: BuildRequest): { candidate: Candidate; result: BuildResult } {
  requireOnHead(base, request);
  const poisonous: LeftOut[] = [];
  const candidates = withHostExceptions(() => decodeCandidates(base, request));
  for (;;) {
    try {
      return withHostExceptions(() => {
        const { result, leftOut } = tryBuild(base, request, candidates.decoded);
        return finish(base, request, result, [...candidates.leftOut, ...poisonous, ...leftOut]);
      });
    } catch (error) {
      if (!(error instanceof HostException) || error.transactionId === undefined) throw error;
      const { transactionId, code } = error;
      // Whatever the transaction left behind goes with its overlay: the next try begins on the committed state.
      poisonous.push({ id: transactionId, code, retry: false });
      const isLast = poisonous.length > MAX_RESTARTS;
      candidates.decoded = isLast ? [] : candidates.decoded.filter(({ id }) => !equalBytes(id, transactionId));
    }
  }
}

function requireOnHead(base: ExecutionBase, { height, parentHash, timestamp }: BuildRequest): void {
  const { header, blockHash } = base.parent;
  if (height === header.height + 1 && equalBytes(parentHash, blockHash) && timestamp > header.timestamp) return;
  const expected = `height ${header.height + 1} on ${toHex(blockHash)} after ${header.timestamp}`;
  const actual = `height ${height} on ${toHex(parentHash)} at ${timestamp}`;
  throw new ExecutionError('BUILD_NOT_ON_HEAD', `expected a build of ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'build on the head of the newest commit result',
  });
}

interface DecodedCandidates {
  decoded: readonly DecodedTransaction[];
  readonly leftOut: readonly LeftOut[];
}

function decodeCandidates(base: ExecutionBase, { transactions, excluded = [] }: BuildRequest): DecodedCandidates {
  const { genesisHash } = base.parent;
  const excludedKeys = new Set(excluded.map(toHex));
  const decoded: DecodedTransaction[] = [];
  const leftOut: LeftOut[] = [];
  for (const bytes of transactions) {
    try {
      const transaction = decodeTransaction(bytes, genesisHash, base.hashing.sha256);
      const isExcluded = excludedKeys.size > 0 && excludedKeys.has(toHex(transaction.id));
      if (isExcluded) leftOut.push({ id: transaction.id, code: 'HOST_EXCEPTION', retry: false });
      else decoded.push(transaction);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      // No body, no id: its leaf names it.
      leftOut.push({ id: transactionLeaf(bytes), code: 'TRANSACTION_MALFORMED', retry: false });
    }
  }
  return { decoded, leftOut };
}

function tryBuild(base: ExecutionBase, request: BuildRequest, candidates: readonly DecodedTransaction[]): Build {
  const { maxBlockTransactions, maxBlockBytes } = base.parent.parameters;
  const execution = new BlockExecution(base, request.timestamp);
  const leftOut: LeftOut[] = [];
  let sizeBytes = 0;
  let count = 0;
  for (const transaction of candidates) {
    if (count === maxBlockTransactions) break;
    const fits = sizeBytes + transaction.bytes.length <= maxBlockBytes;
    const code = fits ? execution.add(transaction)?.code : 'BLOCK_TOO_LARGE';
    if (code === undefined) {
      sizeBytes += transaction.bytes.length;
      count += 1;
      continue;
    }
    const isFull = code === 'BLOCK_TOO_LARGE' || code === 'BLOCK_FUEL_EXCEEDED';
    // What does not fit an empty block fits none.
    leftOut.push({ id: transaction.id, code, retry: RETRIED.has(code) && !(isFull && count === 0) });
    if (isFull && count > 0) break;
  }
  return { result: execution.finish(), leftOut };
}

function finish(
  base: ExecutionBase,
  request: BuildRequest,
  result: ExecutionResult,
  leftOut: readonly LeftOut[],
): { candidate: Candidate; result: BuildResult } {
  const { parent, hashing } = base;
  const leaves: Hash[] = result.transactions.map((transaction) => transaction.leafHash);
  const header: BlockHeader = {
    chainId: parent.header.chainId,
    height: request.height,
    parentHash: request.parentHash,
    proposer: request.proposer,
    timestamp: request.timestamp,
    txRoot: transactionsRoot(leaves, hashing.hasher),
    stateRoot: result.stateRoot,
    receiptsRoot: result.receiptsRoot,
    validatorsHash: parent.header.nextValidatorsHash,
    nextValidatorsHash: result.nextValidatorsHash,
  };
  const block: Block = { header, transactions: result.transactions.map((transaction) => transaction.bytes) };
  const blockHash = headerHash(header);
  return { candidate: { block, blockHash, result }, result: { block, blockHash, leftOut } };
}
