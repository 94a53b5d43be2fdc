import { invariant } from '../../primitives/errors.js';
import type { PairHasher } from '../../primitives/merkle.js';
import { STATE_ENTRY_BYTES, type StateTreeShape, stateBit, statePath } from '../../primitives/stateTree.js';
import { pooledSha256 } from '../nativeSha256.js';
import type { PageKey, Repository } from '../storage/types.js';
import { DirtyPages } from './dirtyPages.js';
import { StateError } from './errors.js';
import { GenerationCache } from './generationCache.js';
import { NodePool } from './nodePool.js';
import { newPage, type Page, pageFromEntries } from './treeHash.js';

const NODE_BYTES = 32;
/** What an array costs beside its bytes, roughly. */
const PAGE_OVERHEAD_BYTES = 200;
/** In `bucketRoot`: the bucket is one page. */
const WHOLE = -1;

export interface PageTreeOptions {
  readonly shape: StateTreeShape;
  /** Bytes of pages that one generation of the cache keeps. */
  readonly pageCacheBytes: number;
}

export interface PageTreeModules {
  readonly pages: Repository<PageKey, Uint8Array>;
  readonly hasher: PairHasher;
}

/** New hashes of one level above the pages: `indices` ascending. */
export interface LevelChange {
  readonly indices: Uint32Array;
  readonly hashes: Uint8Array;
}

/**
 * The committed tree. The levels down to the fixed depth are one typed array in heap order (1 is the top, children of i
 * are 2i and 2i + 1); a bucket is one page, or a subtree of nodes in the pool. Pages stand in the database, some here.
 */
export class PageTree {
  readonly shape: StateTreeShape;
  readonly bucketCount: number;
  readonly hasher: PairHasher;
  readonly pool = new NodePool();
  readonly #pages: Repository<PageKey, Uint8Array>;
  readonly #upper: Uint8Array;
  readonly #upperWords: Uint32Array;
  readonly #bucketRoot: Int32Array;
  /** Entries of a bucket that is one page. */
  readonly #bucketEntries: Uint16Array;
  /** By place. */
  readonly #cache: GenerationCache<number, Page>;
  #scratch = new Uint8Array(4_096);
  /** Pages of which the database holds an older version, or none. */
  readonly dirty = new DirtyPages();

  constructor({ shape, pageCacheBytes }: PageTreeOptions, { pages, hasher }: PageTreeModules) {
    this.shape = shape;
    this.bucketCount = 2 ** shape.treeDepth;
    this.hasher = hasher;
    this.#pages = pages;
    this.#upper = new Uint8Array(2 * this.bucketCount * NODE_BYTES);
    this.#upperWords = wordsOf(this.#upper);
    this.#bucketRoot = new Int32Array(this.bucketCount).fill(WHOLE);
    this.#bucketEntries = new Uint16Array(this.bucketCount);
    this.#cache = new GenerationCache(pageCacheBytes, ({ length }) => length + PAGE_OVERHEAD_BYTES);
  }

  /** A view of the node of heap index `index`. */
  upperHash(index: number): Uint8Array {
    return this.#upper.subarray(index * NODE_BYTES, index * NODE_BYTES + NODE_BYTES);
  }

  setBucketHash(bucket: number, hash: Uint8Array): void {
    this.#upper.set(hash, (this.bucketCount + bucket) * NODE_BYTES);
  }

  /** The pool's index of the bucket's top node; undefined when the bucket is one page. */
  bucketRoot(bucket: number): number | undefined {
    const root = this.#bucketRoot[bucket] as number;
    return root === WHOLE ? undefined : root;
  }

  bucketEntries(bucket: number): number {
    return this.#bucketEntries[bucket] as number;
  }

  setBucketPage(bucket: number, entryCount: number): void {
    this.#bucketRoot[bucket] = WHOLE;
    this.#bucketEntries[bucket] = entryCount;
  }

  setBucketSubtree(bucket: number, root: number): void {
    this.#bucketRoot[bucket] = root;
    this.#bucketEntries[bucket] = 0;
  }

  /** The page of a bucket that is one. `keyHash` is any key hash below it. */
  bucketPage(bucket: number, keyHash: Uint8Array): Page {
    return this.#page(bucket, this.shape.treeDepth, keyHash, this.bucketEntries(bucket));
  }

  poolPage(node: number, depth: number, keyHash: Uint8Array): Page {
    return this.#page(this.placeOf(node), depth, keyHash, this.pool.entryCount(node));
  }

  /** One number for each page: buckets that are pages first, then nodes of the pool. */
  placeOf(node: number): number {
    return this.bucketCount + node;
  }

  /** A copy of the page in an array that the next call uses again. */
  scratchFor(page: Page): Uint8Array {
    if (this.#scratch.length < page.length) this.#scratch = new Uint8Array(page.length);
    this.#scratch.set(page, 0);
    return this.#scratch.subarray(0, page.length);
  }

  cachePage(place: number, page: Page): void {
    this.#cache.set(place, page);
  }

  forgetPage(place: number): void {
    this.#cache.delete(place);
    this.dirty.delete(place);
  }

  #page(place: number, depth: number, keyHash: Uint8Array, expectedCount: number): Page {
    const cached = this.dirty.get(place)?.page ?? this.#cache.get(place);
    if (cached !== undefined) return cached;
    if (expectedCount === 0) return newPage(keyHash, depth, 0);
    const entries = this.#pages.get({ depth, path: statePath(keyHash, depth) });
    if (entries === undefined || entries.length !== expectedCount * STATE_ENTRY_BYTES) {
      throw new StateError('STATE_PAGES_INCONSISTENT', `the page at depth ${depth} is not the one that was written`, {
        expected: `${expectedCount} entries`,
        actual: entries === undefined ? 'no page' : `${entries.length} bytes`,
        hint: 'the node must stop; run `vostro node verify`',
      });
    }
    const page = pageFromEntries(keyHash, depth, entries);
    this.#cache.set(place, page);
    return page;
  }

  /**
   * Hashes upwards from new hashes of the bucket level; nothing committed changes.
   *
   * @returns the levels from the buckets up, the last of which is the top node
   */
  hashUpwards(buckets: LevelChange): LevelChange[] {
    const levels: LevelChange[] = [buckets];
    for (let depth = this.shape.treeDepth; depth > 0; depth--) {
      levels.push(this.#parentsOf(levels[levels.length - 1] as LevelChange));
    }
    return levels;
  }

  #parentsOf({ indices, hashes }: LevelChange): LevelChange {
    const parents = new Uint32Array(indices.length);
    const input = new Uint8Array(indices.length * 2 * NODE_BYTES);
    const [from, to] = [wordsOf(hashes), wordsOf(input)];
    let count = 0;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      const isRight = index & 1;
      copyNode(from, i, to, 2 * count + isRight);
      if (isRight === 0 && indices[i + 1] === index + 1) copyNode(from, ++i, to, 2 * count + 1);
      else copyNode(this.#upperWords, index ^ 1, to, 2 * count + 1 - isRight);
      parents[count++] = index >>> 1;
    }
    const output = new Uint8Array(count * NODE_BYTES);
    this.hasher.hashPairs(input.subarray(0, count * 2 * NODE_BYTES), output);
    return { indices: parents.subarray(0, count), hashes: output };
  }

  /** Makes the levels that `hashUpwards` gave the committed ones. */
  applyLevels(levels: readonly LevelChange[]): void {
    for (const { indices, hashes } of levels) {
      const words = wordsOf(hashes);
      for (let i = 0; i < indices.length; i++) copyNode(words, i, this.#upperWords, indices[i] as number);
    }
  }

  /** Entries of the whole tree: walks over its buckets. */
  entryCount(): number {
    let total = 0;
    for (let bucket = 0; bucket < this.bucketCount; bucket++) {
      const root = this.bucketRoot(bucket);
      total += root === undefined ? this.bucketEntries(bucket) : this.pool.entryCount(root);
    }
    return total;
  }

  /** Hashes every level above the buckets, and the empty pages among them: once, at start. */
  hashAll(): void {
    const { treeDepth } = this.shape;
    const keyHash = new Uint8Array(NODE_BYTES);
    for (let bucket = 0; bucket < this.bucketCount; bucket++) {
      if (this.bucketRoot(bucket) !== undefined || this.bucketEntries(bucket) > 0) continue;
      writeBucketPath(keyHash, bucket, treeDepth);
      this.setBucketHash(bucket, pooledSha256(newPage(keyHash, treeDepth, 0)));
    }
    for (let depth = treeDepth - 1; depth >= 0; depth--) {
      const first = 2 ** depth;
      const level = this.#upper.subarray(first * NODE_BYTES, 2 * first * NODE_BYTES);
      this.hasher.hashPairs(this.#upper.subarray(2 * first * NODE_BYTES, 4 * first * NODE_BYTES), level);
    }
  }
}

/** The same bytes as 32-bit words, of an array that has its buffer for itself. */
function wordsOf(nodes: Uint8Array): Uint32Array {
  return new Uint32Array(nodes.buffer, nodes.byteOffset, nodes.length >> 2);
}

/** Copies one node: a loop over eight words costs a tenth of making a view and setting it. */
function copyNode(from: Uint32Array, fromNode: number, to: Uint32Array, toNode: number): void {
  for (let word = 0; word < 8; word++) to[toNode * 8 + word] = from[fromNode * 8 + word] as number;
}

/** The bucket of a key's hash: its leading bits. */
export function bucketOf(keyHash: Uint8Array, treeDepth: number): number {
  const prefix =
    (((keyHash[0] as number) << 24) |
      ((keyHash[1] as number) << 16) |
      ((keyHash[2] as number) << 8) |
      (keyHash[3] as number)) >>>
    0;
  return prefix >>> (32 - treeDepth);
}

/** Sets the leading bits to those of a bucket: a key hash below it. */
export function writeBucketPath(keyHash: Uint8Array, bucket: number, treeDepth: number): void {
  invariant(treeDepth <= 20, 'a bucket has at most 20 bits');
  const prefix = bucket * 2 ** (32 - treeDepth);
  keyHash[0] = prefix >>> 24;
  keyHash[1] = prefix >>> 16;
  keyHash[2] = prefix >>> 8;
  keyHash[3] = prefix;
}

/** The page under which a key stands, or would. */
export function pageOnTheWayTo(tree: PageTree, keyHash: Uint8Array): { readonly page: Page; readonly depth: number } {
  const { treeDepth } = tree.shape;
  const bucket = bucketOf(keyHash, treeDepth);
  let node = tree.bucketRoot(bucket);
  if (node === undefined) return { page: tree.bucketPage(bucket, keyHash), depth: treeDepth };
  let depth = treeDepth;
  for (; !tree.pool.isPage(node); depth++) {
    node = stateBit(keyHash, depth) === 1 ? tree.pool.right(node) : tree.pool.left(node);
  }
  return { page: tree.poolPage(node, depth, keyHash), depth };
}
