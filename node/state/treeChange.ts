import { invariant } from '../../primitives/errors.js';
import { MAX_STATE_DEPTH, STATE_ENTRY_BYTES } from '../../primitives/stateTree.js';
import { pooledSha256 } from '../nativeSha256.js';
import type { PageKey } from '../storage/types.js';
import type { KeyChanges } from './keyChanges.js';
import { applyUpdates, editPage, findUpdates, leftCount, type ValueUpdates } from './pageEdit.js';
import type { LevelChange, PageTree } from './pageTree.js';
import { entriesOf, entryCount, type Page, pageFromEntries, pathOf } from './treeHash.js';

const NODE_BYTES = 32;

/** A page that the block changed or made. */
export interface ChangedPage {
  readonly kind: 'page';
  readonly depth: number;
  /** As it will be; with `updates`, as it was before them, and shared with the committed tree. */
  readonly page: Page;
  /** Value hashes that are set in the page itself when the block is committed. */
  readonly updates: ValueUpdates | undefined;
  readonly entryCount: number;
  /** The page's number in the tree when it stays where it was; undefined for one that a split or a merge made. */
  readonly place: number | undefined;
  hash: Uint8Array;
}

/** A node below the fixed depth that the block changed or made. */
export interface ChangedInterior {
  readonly kind: 'interior';
  readonly depth: number;
  readonly left: NodeRef;
  readonly right: NodeRef;
  readonly entryCount: number;
  hash: Uint8Array;
}

export type ChangedNode = ChangedPage | ChangedInterior;

/** A committed node of the pool by its index, or a changed one. */
export type NodeRef = number | ChangedNode;

const NOT_HASHED = new Uint8Array(0);
const NO_CHANGES = new Uint32Array(0);

/**
 * The tree after a block's changes, beside the committed one, which stays as it is until `settle`. The
 * shape is a function of the keys alone: below the fixed depth a node is a page exactly when it has at most
 * `pageEntries` entries, whatever way led there.
 */
export class TreeChange {
  readonly buckets: number[] = [];
  /** The top node of each changed bucket. */
  readonly nodes: ChangedNode[] = [];
  /** Places at which there is no page any more. */
  readonly removedRows: PageKey[] = [];
  /** Pool nodes that are gone. */
  readonly replacedNodes: number[] = [];
  /** New hashes from the bucket level to the top. */
  readonly levels: readonly LevelChange[];
  readonly #tree: PageTree;
  readonly changes: KeyChanges;
  readonly #interiors: ChangedInterior[][] = [];
  readonly #updated: ChangedPage[] = [];

  constructor(tree: PageTree, changes: KeyChanges) {
    this.#tree = tree;
    this.changes = changes;
    const order = changes.order();
    const shift = 32 - tree.shape.treeDepth;
    for (let from = 0; from < order.length; ) {
      const bucket = changes.prefix(order[from] as number) >>> shift;
      let to = from + 1;
      while (to < order.length && changes.prefix(order[to] as number) >>> shift === bucket) to++;
      this.buckets.push(bucket);
      this.nodes.push(this.#changeBucket(bucket, order.subarray(from, to)));
      from = to;
    }
    this.#hashInteriors();
    this.levels = tree.hashUpwards(this.#bucketLevel());
  }

  /** The node at the top of the tree. A copy. */
  top(): Uint8Array {
    const last = this.levels[this.levels.length - 1] as LevelChange;
    return last.indices.length === 0 ? this.#tree.upperHash(1).slice() : last.hashes.slice(0, NODE_BYTES);
  }

  #changeBucket(bucket: number, group: Uint32Array): ChangedNode {
    const depth = this.#tree.shape.treeDepth;
    const root = this.#tree.bucketRoot(bucket);
    if (root !== undefined) return this.#changeNode(root, depth, group);
    const page = this.#tree.bucketPage(bucket, this.changes.keyHash(group[0] as number));
    return this.#editedPage(page, depth, group, bucket);
  }

  #changeNode(node: number, depth: number, group: Uint32Array): ChangedNode {
    const { pool } = this.#tree;
    if (pool.isPage(node)) {
      const page = this.#tree.poolPage(node, depth, this.changes.keyHash(group[0] as number));
      return this.#editedPage(page, depth, group, this.#tree.placeOf(node));
    }
    this.replacedNodes.push(node);
    const keyHash = this.changes.keyHash(group[0] as number);
    const [toLeft, toRight] = this.#partition(group, depth);
    const left = toLeft.length === 0 ? pool.left(node) : this.#changeNode(pool.left(node), depth + 1, toLeft);
    const right = toRight.length === 0 ? pool.right(node) : this.#changeNode(pool.right(node), depth + 1, toRight);
    const total = this.#entryCount(left) + this.#entryCount(right);
    if (total > this.#tree.shape.pageEntries) return this.#interior(depth, left, right, total);
    // Both have fewer entries than a page may: both are pages, and so is their parent now.
    const entries = new Uint8Array(total * STATE_ENTRY_BYTES);
    const leftEntries = this.#takeEntries(left, depth + 1, withBit(keyHash, depth, 0));
    entries.set(leftEntries, 0);
    entries.set(this.#takeEntries(right, depth + 1, withBit(keyHash, depth, 1)), leftEntries.length);
    return changedPage(depth, pageFromEntries(keyHash, depth, entries), undefined);
  }

  /** Changes that go left at this depth, and those that go right: the same array when all go one way. */
  #partition(group: Uint32Array, depth: number): readonly [Uint32Array, Uint32Array] {
    let right = 0;
    for (const change of group) right += this.changes.bit(change, depth);
    if (right === 0) return [group, NO_CHANGES];
    if (right === group.length) return [NO_CHANGES, group];
    return [
      group.filter((change) => this.changes.bit(change, depth) === 0),
      group.filter((change) => this.changes.bit(change, depth) === 1),
    ];
  }

  #editedPage(page: Page, depth: number, group: Uint32Array, place: number): ChangedNode {
    const updates = findUpdates(page, depth, this.changes, group);
    if (updates !== undefined) return this.#updatedPage(page, depth, updates, place);
    const edited = editPage(page, depth, this.changes, group);
    if (entryCount(edited, depth) <= this.#tree.shape.pageEntries || depth === MAX_STATE_DEPTH) {
      return changedPage(depth, edited, place);
    }
    this.#remove(page, depth, place);
    return this.#split(this.changes.keyHash(group[0] as number), depth, entriesOf(edited, depth));
  }

  /** A page in which only values change keeps its array: most do, and a new array costs more than its hash. */
  #updatedPage(page: Page, depth: number, updates: ValueUpdates, place: number): ChangedPage {
    const scratch = this.#tree.scratchFor(page);
    applyUpdates(scratch, this.changes, updates);
    const hash = pooledSha256(scratch);
    const updated: ChangedPage = {
      kind: 'page',
      depth,
      page,
      updates,
      entryCount: entryCount(page, depth),
      place,
      hash,
    };
    this.#updated.push(updated);
    return updated;
  }

  /**
   * Brings the committed pages up to date in place: the change is being committed, and every other change that stood on
   * the same tree is void from here on.
   */
  settle(): void {
    for (const changed of this.#updated) {
      if (changed.updates !== undefined) applyUpdates(changed.page, this.changes, changed.updates);
    }
  }

  /** The subtree over sorted entries. `keyHash` is any key hash below it. */
  #split(keyHash: Uint8Array, depth: number, entries: Uint8Array): ChangedNode {
    const count = entries.length / STATE_ENTRY_BYTES;
    if (count <= this.#tree.shape.pageEntries || depth === MAX_STATE_DEPTH) {
      return changedPage(depth, pageFromEntries(keyHash, depth, entries), undefined);
    }
    const middle = leftCount(entries, depth) * STATE_ENTRY_BYTES;
    const left = this.#split(withBit(keyHash, depth, 0), depth + 1, entries.subarray(0, middle));
    const right = this.#split(withBit(keyHash, depth, 1), depth + 1, entries.subarray(middle));
    return this.#interior(depth, left, right, count);
  }

  #interior(depth: number, left: NodeRef, right: NodeRef, count: number): ChangedInterior {
    const node: ChangedInterior = { kind: 'interior', depth, left, right, entryCount: count, hash: NOT_HASHED };
    const level = depth - this.#tree.shape.treeDepth;
    while (this.#interiors.length <= level) this.#interiors.push([]);
    (this.#interiors[level] as ChangedInterior[]).push(node);
    return node;
  }

  /** The entries of a page that is merged into its parent; its row goes. */
  #takeEntries(ref: NodeRef, depth: number, keyHash: Uint8Array): Uint8Array {
    if (typeof ref !== 'number') {
      invariant(ref.kind === 'page', 'what fits into one page is made of pages');
      if (ref.place !== undefined) this.#remove(ref.page, depth, ref.place);
      if (ref.updates === undefined) return entriesOf(ref.page, depth);
      const page = ref.page.slice();
      applyUpdates(page, this.changes, ref.updates);
      return entriesOf(page, depth);
    }
    invariant(this.#tree.pool.isPage(ref), 'what fits into one page is made of pages');
    const page = this.#tree.poolPage(ref, depth, keyHash);
    this.#remove(page, depth, this.#tree.placeOf(ref));
    return entriesOf(page, depth);
  }

  /** A page that is no page any more. It may have a row even when it is empty now. */
  #remove(page: Page, depth: number, place: number): void {
    this.removedRows.push({ depth, path: pathOf(page, depth) });
    if (place >= this.#tree.bucketCount) this.replacedNodes.push(place - this.#tree.bucketCount);
  }

  #entryCount(ref: NodeRef): number {
    return typeof ref === 'number' ? this.#tree.pool.entryCount(ref) : ref.entryCount;
  }

  /** From the deepest level up, each level in one call. */
  #hashInteriors(): void {
    for (const nodes of this.#interiors.toReversed()) {
      const input = new Uint8Array(nodes.length * 2 * NODE_BYTES);
      nodes.forEach((node, index) => {
        input.set(this.#hashOf(node.left), index * 2 * NODE_BYTES);
        input.set(this.#hashOf(node.right), (index * 2 + 1) * NODE_BYTES);
      });
      const output = new Uint8Array(nodes.length * NODE_BYTES);
      this.#tree.hasher.hashPairs(input, output);
      nodes.forEach((node, index) => {
        node.hash = output.subarray(index * NODE_BYTES, (index + 1) * NODE_BYTES);
      });
    }
  }

  #hashOf(ref: NodeRef): Uint8Array {
    if (typeof ref === 'number') return this.#tree.pool.hash(ref);
    if (ref.hash === NOT_HASHED && ref.kind === 'page') ref.hash = pooledSha256(ref.page);
    return ref.hash;
  }

  #bucketLevel(): LevelChange {
    const first = this.#tree.bucketCount;
    const hashes = new Uint8Array(this.nodes.length * NODE_BYTES);
    this.nodes.forEach((node, index) => {
      hashes.set(this.#hashOf(node), index * NODE_BYTES);
    });
    return { indices: Uint32Array.from(this.buckets, (bucket) => first + bucket), hashes };
  }
}

function changedPage(depth: number, page: Page, place: number | undefined): ChangedPage {
  return {
    kind: 'page',
    depth,
    page,
    updates: undefined,
    entryCount: entryCount(page, depth),
    place,
    hash: NOT_HASHED,
  };
}

/** A key hash on the same way with this bit at `depth`; what comes after it does not matter. */
export function withBit(keyHash: Uint8Array, depth: number, bit: 0 | 1): Uint8Array {
  const changed = keyHash.slice();
  const mask = 1 << (7 - (depth & 7));
  changed[depth >> 3] = bit === 1 ? (changed[depth >> 3] as number) | mask : (changed[depth >> 3] as number) & ~mask;
  return changed;
}
