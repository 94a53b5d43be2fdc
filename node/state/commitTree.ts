import type { HeightBatch, PageKey, Repository } from '../storage/types.js';
import type { PageTree } from './pageTree.js';
import type { ChangedNode, NodeRef, TreeChange } from './treeChange.js';
import { entriesOf, pathOf } from './treeHash.js';

export interface TreeRows {
  readonly pages: Repository<PageKey, Uint8Array>;
  readonly batch: HeightBatch;
}

/** Writes the rows of the pages that changed, and removes those of pages that are gone. */
export function writeTreeChange(change: TreeChange, rows: TreeRows): void {
  for (const key of change.removedRows) rows.pages.delete(rows.batch, key);
  for (const node of change.nodes) writePages(node, rows);
}

function writePages(ref: NodeRef, rows: TreeRows): void {
  if (typeof ref === 'number') return;
  if (ref.kind === 'interior') {
    writePages(ref.left, rows);
    writePages(ref.right, rows);
    return;
  }
  const key = { depth: ref.depth, path: pathOf(ref.page, ref.depth) };
  // An empty page is told by its place: it has no row.
  if (ref.entryCount > 0) rows.pages.put(rows.batch, key, entriesOf(ref.page, ref.depth));
  else if (ref.hasRow) rows.pages.delete(rows.batch, key);
}

/** Makes the change the committed tree: once its rows are on disk. */
export function applyTreeChange(change: TreeChange, tree: PageTree): void {
  for (const node of change.replacedNodes) {
    tree.forgetPoolPage(node);
    tree.pool.remove(node);
  }
  change.nodes.forEach((node, index) => {
    applyBucket(change.buckets[index] as number, node, tree);
  });
  tree.applyLevels(change.levels);
}

function applyBucket(bucket: number, node: ChangedNode, tree: PageTree): void {
  if (node.kind === 'page') {
    tree.setBucketPage(bucket, node.entryCount);
    tree.cacheBucketPage(bucket, node.page);
  } else {
    tree.setBucketSubtree(bucket, install(node, tree));
    tree.forgetBucketPage(bucket);
  }
}

/** Gives the changed nodes a place in the pool. @returns the index of the top one */
function install(ref: NodeRef, tree: PageTree): number {
  if (typeof ref === 'number') return ref;
  let index: number;
  if (ref.kind === 'page') {
    index = tree.pool.addPage(ref.entryCount);
    tree.cachePoolPage(index, ref.page);
  } else {
    const left = install(ref.left, tree);
    index = tree.pool.addInterior(left, install(ref.right, tree), ref.entryCount);
  }
  tree.pool.setHash(index, ref.hash);
  return index;
}
