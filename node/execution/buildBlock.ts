import type { GenesisParameters } from '../../genesis/types.js';
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
import { type Attempt, type BlockRoom, fillFairly, type MemberWaiting } from './fairOrder.js';
import type { LeftOut } from './leftOut.js';
import type { BuildRequest, BuildResult, MemberLead } from './types.js';

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

interface Build {
  readonly result: ExecutionResult;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Builds a block on the head, of the candidates in fair shares of their members (PROTOCOL §Shares of a block). Those that
 * may not be included are left out; behind one that the block has no room for, it says nothing of those of the same member
 * and priority. The build is the block's execution.
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
  const { urgentBlockPercent } = base.parent.parameters;
  const execution = new BlockExecution(base, request.timestamp);
  const filler = new BlockFiller(execution, base.parent.parameters, request);
  fillFairly(byMember(execution, candidates, request.leads), {
    room: filler.room,
    urgentBlockPercent,
    sizeBytes: ({ bytes }) => bytes.length,
    attempt: (transaction) => filler.attempt(transaction),
  });
  return { result: execution.finish(), leftOut: filler.leftOut };
}

/** Candidates of one member, each list in their order. */
interface MemberCandidates extends MemberWaiting<DecodedTransaction> {
  readonly urgent: DecodedTransaction[];
  readonly normal: DecodedTransaction[];
}

/** In the order in which the members come. Senders that nobody registered share a place: they are left out, or come last. */
function byMember(
  execution: BlockExecution,
  candidates: readonly DecodedTransaction[],
  leads: readonly MemberLead[] = [],
): readonly MemberCandidates[] {
  const leadOf = new Map(leads.map(({ member, lead }) => [member, lead]));
  const members = new Map<string, MemberCandidates>();
  for (const transaction of candidates) {
    const member = execution.memberOf(transaction.body.sender) ?? '';
    const known = members.get(member) ?? { urgent: [], normal: [], lead: leadOf.get(member) ?? 0 };
    members.set(member, known);
    known[transaction.body.priority].push(transaction);
  }
  return [...members.values()];
}

/** Takes candidates into a block as they are tried, and keeps account of what it has room for. */
class BlockFiller {
  readonly room: BlockRoom;
  readonly leftOut: LeftOut[] = [];
  #bytes = 0;
  #count = 0;
  /** Fuel that was spent on transactions for which there was none left. */
  #wastedFuel = 0;
  /** Whoever reaches it is the last. */
  #endFuel: number;
  #hasTriedNormal = false;

  constructor(
    private readonly execution: BlockExecution,
    private readonly parameters: GenesisParameters,
    { maxBytes = parameters.maxBlockBytes, maxFuel = parameters.maxBlockFuel }: BuildRequest,
  ) {
    const { maxBlockFuel, maxBlockBytes, maxBlockTransactions } = parameters;
    this.room = {
      fuel: Math.max(1, Math.min(maxFuel, maxBlockFuel)),
      bytes: Math.min(maxBytes, maxBlockBytes),
      transactions: maxBlockTransactions,
    };
    this.#endFuel = this.room.fuel;
  }

  attempt(transaction: DecodedTransaction): Attempt {
    if (this.#count === this.room.transactions) return 'blockEnds';
    if (this.#isOver(transaction)) return 'blockEnds';
    const bytes = transaction.bytes.length;
    const { maxBlockBytes } = this.parameters;
    const fits = this.#bytes + bytes <= (this.#count === 0 ? maxBlockBytes : this.room.bytes);
    const before = this.execution.fuelUsed;
    const code = fits ? this.execution.add(transaction)?.code : 'BLOCK_TOO_LARGE';
    if (code === undefined) {
      this.#bytes += bytes;
      this.#count += 1;
      return { fuel: this.execution.fuelUsed - before, bytes, transactions: 1 };
    }
    // What does not fit an empty block fits none.
    const retry = RETRIED.has(code) && !(code === 'BLOCK_TOO_LARGE' && bytes > maxBlockBytes);
    this.leftOut.push({ id: transaction.id, code, retry });
    if (code === 'BLOCK_FUEL_EXCEEDED') return this.#afterOverrun();
    if (code === 'QUOTA_EXCEEDED') return 'memberEnds';
    return code === 'URGENT_QUOTA_EXCEEDED' || (code === 'BLOCK_TOO_LARGE' && retry) ? 'listEnds' : 'leftOut';
  }

  /** What urgent ones took beyond their part, which the last of them may, is not at the expense of normal ones. */
  #isOver({ body }: DecodedTransaction): boolean {
    const { fuelUsed } = this.execution;
    if (body.priority === 'normal' && !this.#hasTriedNormal) {
      this.#hasTriedNormal = true;
      this.#endFuel += Math.max(0, fuelUsed - (this.room.fuel * this.parameters.urgentBlockPercent) / 100);
    }
    return this.#count > 0 && fuelUsed >= this.#endFuel;
  }

  /** Cheaper ones of others may still fit; but finding that out may cost no more than one transaction. */
  #afterOverrun(): Attempt {
    this.#wastedFuel += this.parameters.maxBlockFuel - this.execution.fuelUsed;
    return this.#wastedFuel >= this.parameters.maxTransactionFuel ? 'blockEnds' : 'listEnds';
  }
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
