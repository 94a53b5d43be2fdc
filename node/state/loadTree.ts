import { toHex } from '../../primitives/bytes.js';
import { MAX_STATE_DEPTH, STATE_ENTRY_BYTES, stateBit } from '../../primitives/stateTree.js';
import { pooledSha256 } from '../nativeSha256.js';
import type { PageKey, Repository } from '../storage/types.js';
import { StateError } from './errors.js';
import { KeyChanges } from './keyChanges.js';
import { bucketOf, PageTree, type PageTreeModules, type PageTreeOptions, writeBucketPath } from './pageTree.js';
import { type NodeRef, TreeChange, withBit } from './treeChange.js';
import { newPage, pageFromEntries } from './treeHash.js';
import { applyTreeChange, type LogRange } from './treeWriter.js';

const NODE_BYTES = 32;
/** In place of a child that no row has named yet. */
const MISSING = -2;

export interface LoadTreeModules extends PageTreeModules {
  readonly log: Repository<number, Uint8Array>;
}

export interface LoadedTree {
  readonly tree: PageTree;
  readonly log: LogRange;
}

/**
 * Builds the tree from the pages that the database holds and brings it up to date from the log. Hashes every page, so
 * that what comes out is what is there. Writes nothing.
 *
 * @throws StateError `STATE_PAGES_INCONSISTENT`
 */
export async function loadTree(options: PageTreeOptions, modules: LoadTreeModules): Promise<LoadedTree> {
  const tree = new PageTree(options, modules);
  for await (const [key, entries] of modules.pages.entries()) addPage(tree, key, entries);
  completeSubtrees(tree);
  tree.hashAll();
  return { tree, log: await replayLog(tree, modules.log) };
}

/** Sets every key of the log to what its newest row says: what pages hold of it already stays as it is. */
async function replayLog(tree: PageTree, log: Repository<number, Uint8Array>): Promise<LogRange> {
  const newest = new Map<string, Uint8Array>();
  const sizes: number[] = [];
  let first = 0;
  for await (const [row, entries] of log.entries()) {
    if (sizes.length === 0) first = row;
    const expected = first + sizes.length;
    if (row !== expected) throw inconsistent('the log of the state', `row ${expected}`, `row ${row}`);
    sizes.push(entries.length / STATE_ENTRY_BYTES);
    for (let at = 0; at < entries.length; at += STATE_ENTRY_BYTES) {
      const entry = entries.subarray(at, at + STATE_ENTRY_BYTES);
      newest.set(toHex(entry.subarray(0, NODE_BYTES)), entry);
    }
  }
  const changes = new KeyChanges(newest.size);
  let change = 0;
  for (const entry of newest.values()) changes.entries.set(entry, change++ * STATE_ENTRY_BYTES);
  const treeChange = new TreeChange(tree, changes);
  if (treeChange.removedRows.length > 0) throw inconsistent('the pages', 'the shape of the head', 'another one');
  treeChange.settle();
  applyTreeChange(treeChange, tree);
  markDirty(treeChange.nodes, tree, first);
  return { first, sizes };
}

function markDirty(refs: readonly NodeRef[], tree: PageTree, commit: number): void {
  for (const ref of refs) {
    if (typeof ref === 'number') continue;
    if (ref.kind === 'interior') markDirty([ref.left, ref.right], tree, commit);
    else if (ref.place !== undefined) tree.dirty.set(ref.place, ref.page, ref.depth, commit);
  }
}

function addPage(tree: PageTree, { depth, path }: PageKey, entries: Uint8Array): void {
  const { treeDepth, pageEntries } = tree.shape;
  const count = entries.length / STATE_ENTRY_BYTES;
  const isFull = count > pageEntries && depth < MAX_STATE_DEPTH;
  if (depth < treeDepth || !Number.isInteger(count) || count < 1 || isFull) {
    throw inconsistent(
      `a page at depth ${depth}`,
      `1 to ${pageEntries} entries from depth ${treeDepth} on`,
      `${count}`,
    );
  }
  const keyHash = new Uint8Array(NODE_BYTES);
  keyHash.set(path, 0);
  const hash = pooledSha256(pageFromEntries(keyHash, depth, entries));
  const bucket = bucketOf(keyHash, treeDepth);
  if (tree.bucketEntries(bucket) > 0) throw overlapping(depth);
  if (depth === treeDepth) {
    if (tree.bucketRoot(bucket) !== undefined) throw overlapping(depth);
    tree.setBucketPage(bucket, count);
    tree.setBucketHash(bucket, hash);
    return;
  }
  const node = tree.pool.addPage(count);
  tree.pool.setHash(node, hash);
  hang(tree, { bucket, keyHash, depth, node });
}

interface Place {
  readonly bucket: number;
  readonly keyHash: Uint8Array;
  readonly depth: number;
  readonly node: number;
}

/** Puts the page's node in its place, making the interior nodes on the way. */
function hang(tree: PageTree, { bucket, keyHash, depth, node }: Place): void {
  const { pool } = tree;
  let parent = tree.bucketRoot(bucket) ?? MISSING;
  if (parent === MISSING) {
    parent = pool.addInterior(MISSING, MISSING, 0);
    tree.setBucketSubtree(bucket, parent);
  }
  for (let level = tree.shape.treeDepth; level < depth; level++) {
    if (pool.isPage(parent)) throw overlapping(depth);
    const goesRight = stateBit(keyHash, level) === 1;
    const child = goesRight ? pool.right(parent) : pool.left(parent);
    const isLast = level === depth - 1;
    if (isLast && child !== MISSING) throw overlapping(depth);
    if (child !== MISSING) {
      parent = child;
      continue;
    }
    const next = isLast ? node : pool.addInterior(MISSING, MISSING, 0);
    pool.setChildren(parent, goesRight ? pool.left(parent) : next, goesRight ? next : pool.right(parent));
    parent = next;
  }
}

/** Fills in empty pages, counts entries, and hashes the interior nodes below the fixed depth, level by level. */
function completeSubtrees(tree: PageTree): void {
  const levels: number[][] = [];
  for (let bucket = 0; bucket < tree.bucketCount; bucket++) {
    const root = tree.bucketRoot(bucket);
    if (root === undefined) continue;
    const keyHash = new Uint8Array(NODE_BYTES);
    writeBucketPath(keyHash, bucket, tree.shape.treeDepth);
    complete(tree, { node: root, depth: tree.shape.treeDepth, keyHash }, levels);
  }
  for (const nodes of levels.toReversed()) hashLevel(tree, nodes);
  for (let bucket = 0; bucket < tree.bucketCount; bucket++) {
    const root = tree.bucketRoot(bucket);
    if (root !== undefined) tree.setBucketHash(bucket, tree.pool.hash(root));
  }
}

interface Visit {
  readonly node: number;
  readonly depth: number;
  readonly keyHash: Uint8Array;
}

function complete(tree: PageTree, { node, depth, keyHash }: Visit, levels: number[][]): number {
  const { pool } = tree;
  if (pool.isPage(node)) return pool.entryCount(node);
  const level = depth - tree.shape.treeDepth;
  while (levels.length <= level) levels.push([]);
  (levels[level] as number[]).push(node);
  const rightKeyHash = withBit(keyHash, depth, 1);
  const left = pool.left(node) === MISSING ? emptyPage(tree, keyHash, depth + 1) : pool.left(node);
  const right = pool.right(node) === MISSING ? emptyPage(tree, rightKeyHash, depth + 1) : pool.right(node);
  pool.setChildren(node, left, right);
  const count =
    complete(tree, { node: left, depth: depth + 1, keyHash }, levels) +
    complete(tree, { node: right, depth: depth + 1, keyHash: rightKeyHash }, levels);
  pool.setEntryCount(node, count);
  return count;
}

function emptyPage(tree: PageTree, keyHash: Uint8Array, depth: number): number {
  const node = tree.pool.addPage(0);
  tree.pool.setHash(node, pooledSha256(newPage(keyHash, depth, 0)));
  return node;
}

function hashLevel(tree: PageTree, nodes: readonly number[]): void {
  const input = new Uint8Array(nodes.length * 2 * NODE_BYTES);
  nodes.forEach((node, index) => {
    input.set(tree.pool.hash(tree.pool.left(node)), index * 2 * NODE_BYTES);
    input.set(tree.pool.hash(tree.pool.right(node)), (index * 2 + 1) * NODE_BYTES);
  });
  const output = new Uint8Array(nodes.length * NODE_BYTES);
  tree.hasher.hashPairs(input, output);
  nodes.forEach((node, index) => {
    tree.pool.setHash(node, output.subarray(index * NODE_BYTES, (index + 1) * NODE_BYTES));
  });
}

function overlapping(depth: number): StateError {
  return inconsistent(`a page at depth ${depth}`, 'no page above or below it', 'one');
}

function inconsistent(what: string, expected: string, actual: string): StateError {
  return new StateError('STATE_PAGES_INCONSISTENT', `${what}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'the database is damaged: run `vostro node verify`, then fetch the chain anew into an empty home',
  });
}
