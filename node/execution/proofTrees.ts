import { invariant } from '../../primitives/errors.js';
import { type MerkleTree, merkleTree } from '../../primitives/merkle.js';
import { decodeOutcomes, encodeOutcome } from '../../primitives/receipt.js';
import type { Outcome } from '../../primitives/types.js';
import { GenerationCache } from '../state/generationCache.js';
import type { ChainDatabase, TransactionPosition } from '../storage/types.js';
import type { Hashing } from './nativeHashing.js';

/** The payments of one batch, ready to be proven one by one. */
export interface OutcomeTree {
  readonly tree: MerkleTree;
  readonly outcomes: readonly Outcome[];
  /** Business reference → index of the first payment that bears it. */
  readonly indexOf: ReadonlyMap<string, number>;
}

/** Weight of a cached tree is its count of leaves: about 10 MB of nodes in each cache. */
const MAX_LEAVES = 100_000;

/** Trees over committed receipts and outcomes, hashed once while their block is asked for. */
export class ProofTrees {
  readonly #database: ChainDatabase;
  readonly #hashing: Hashing;
  readonly #receipts = new GenerationCache<number, MerkleTree>(MAX_LEAVES, weightOfTree);
  readonly #outcomes = new GenerationCache<string, OutcomeTree>(MAX_LEAVES, ({ tree }) => weightOfTree(tree));

  constructor(database: ChainDatabase, hashing: Hashing) {
    this.#database = database;
    this.#hashing = hashing;
  }

  /** The tree of the receipts of a committed height. */
  receipts(height: number): MerkleTree {
    const cached = this.#receipts.get(height);
    if (cached !== undefined) return cached;
    const receipts = this.#database.receipts.list(height);
    invariant(receipts !== undefined, 'a committed height has receipts', { height });
    const tree = merkleTree(receipts.map(this.#hashing.receiptLeaf), this.#hashing.hasher);
    this.#receipts.set(height, tree);
    return tree;
  }

  /** Undefined when the transaction there has no outcomes. */
  outcomes(position: TransactionPosition): OutcomeTree | undefined {
    const name = `${position.height}/${position.index}`;
    const cached = this.#outcomes.get(name);
    if (cached !== undefined) return cached;
    const bytes = this.#database.outcomes.get(position);
    if (bytes === undefined) return undefined;
    const outcomes = decodeOutcomes(bytes);
    const leaves = outcomes.map((outcome) => this.#hashing.outcomeLeaf(encodeOutcome(outcome)));
    const indexOf = new Map<string, number>();
    outcomes.forEach(({ reference }, index) => {
      if (!indexOf.has(reference)) indexOf.set(reference, index);
    });
    const found = { tree: merkleTree(leaves, this.#hashing.hasher), outcomes, indexOf };
    this.#outcomes.set(name, found);
    return found;
  }
}

function weightOfTree(tree: MerkleTree): number {
  return 1 + tree.count;
}
