import type { HeightBatch, PageKey, Repository } from '../storage/types.js';
import type { PageTree } from './pageTree.js';
import type { ChangedNode, ChangedPage, NodeRef, TreeChange } from './treeChange.js';
import { entriesOf, type Page, pathOf } from './treeHash.js';

export interface TreeWriterOptions {
  /** Commits after which a changed page is written; 0 writes it at once. */
  readonly flushAfterCommits: number;
  /** Changed pages that may wait. */
  readonly maxDirtyPages: number;
  /** Entries of the whole log: what a restart goes through. */
  readonly maxLogEntries: number;
}

export interface TreeWriterModules {
  readonly tree: PageTree;
  readonly pages: Repository<PageKey, Uint8Array>;
  readonly log: Repository<number, Uint8Array>;
}

/** The rows that the log has. */
export interface LogRange {
  readonly first: number;
  /** Entries of each row, from the first on. */
  readonly sizes: readonly number[];
}

/** Pages that one commit writes because they waited long: a restart must not make one commit write them all. */
const MAX_DUE_PAGES = 4_096;
/** A commit that takes more of the log than one of so many is written through at once, as in `ValueStore`. */
const LARGE_COMMITS = 4;

/** What a commit does to the pages, worked out before it is written. */
interface Plan {
  /** Pages whose rows are written now; `place` where they were dirty or stay where they were. */
  readonly written: readonly { readonly place: number | undefined; readonly depth: number; readonly page: Page }[];
  /** Places whose pages wait. */
  readonly waiting: readonly ChangedPage[];
  readonly commit: number;
  /** First row of the log that is still needed. */
  readonly firstNeeded: number;
}

/**
 * Brings the tree's pages to disk. A page is about ten times as large as the entry that changed in it, and hot pages
 * change in every block: so a commit writes its changed entries as one row of a log, and a page only when it has waited
 * for some commits. What the database holds is always the tree's shape as of the head, with entries that the log brings
 * up to date: pages that a split or a merge made are written with the commit that made them.
 */
export class TreeWriter {
  readonly #options: TreeWriterOptions;
  readonly #modules: TreeWriterModules;
  #log: LogRange;

  constructor(options: TreeWriterOptions, modules: TreeWriterModules, log: LogRange) {
    this.#options = options;
    this.#modules = modules;
    this.#log = log;
  }

  /**
   * Settles the change and puts its rows into the batch: from here on the tree is of use only when they are written.
   *
   * @returns what to do then
   */
  write(change: TreeChange, batch: HeightBatch): () => void {
    const { tree, pages, log } = this.#modules;
    change.settle();
    const plan = this.#plan(change);
    for (const key of change.removedRows) pages.delete(batch, key);
    for (const { page, depth } of plan.written) {
      const key = { depth, path: pathOf(page, depth) };
      const entries = entriesOf(page, depth);
      // An empty page is told by its place: it has no row.
      if (entries.length > 0) pages.put(batch, key, entries);
      else pages.delete(batch, key);
    }
    if (plan.firstNeeded <= plan.commit) log.put(batch, plan.commit, change.changes.entries);
    for (let row = this.#log.first; row < Math.min(plan.firstNeeded, plan.commit); row++) log.delete(batch, row);
    return () => {
      applyTreeChange(change, tree);
      for (const { place, page } of plan.written) {
        if (place === undefined) continue;
        tree.forgetPage(place);
        tree.cachePage(place, page);
      }
      for (const { place, page, depth } of plan.waiting) tree.dirty.set(place as number, page, depth, plan.commit);
      const sizes = [...this.#log.sizes, change.changes.count];
      this.#log = { first: plan.firstNeeded, sizes: sizes.slice(plan.firstNeeded - this.#log.first) };
    };
  }

  #plan(change: TreeChange): Plan {
    const { tree } = this.#modules;
    const { flushAfterCommits, maxDirtyPages } = this.#options;
    const commit = this.#log.first + this.#log.sizes.length;
    const oldestAllowed = this.#oldestAllowed(change.changes.count);
    const stay = new Map<number, ChangedPage>();
    const written: Plan['written'][number][] = [];
    for (const node of change.nodes) sortPages(node, stay, written);
    const gone = new Set<number>(change.replacedNodes.map((node) => tree.placeOf(node)));
    change.nodes.forEach((node, index) => {
      if (node.kind === 'interior') gone.add(change.buckets[index] as number);
    });
    let excess = tree.dirty.size + stay.size - maxDirtyPages;
    let due = MAX_DUE_PAGES;
    let firstNeeded = commit + 1;
    for (const [place, dirty] of tree.dirty.entries()) {
      const isDue = commit - dirty.since >= flushAfterCommits && due > 0;
      if (!isDue && excess <= 0 && dirty.since >= oldestAllowed) {
        firstNeeded = Math.min(firstNeeded, dirty.since);
        break;
      }
      excess--;
      if (gone.has(place)) continue;
      due--;
      const changed = stay.get(place);
      written.push({ place, depth: dirty.depth, page: changed?.page ?? dirty.page });
      stay.delete(place);
    }
    if (flushAfterCommits === 0 || excess > 0 || commit < oldestAllowed) {
      written.push(...stay.values());
      stay.clear();
    }
    if (stay.size > 0) firstNeeded = Math.min(firstNeeded, commit);
    return { written, waiting: [...stay.values()], commit, firstNeeded };
  }

  /** The first row that the log may keep beside one of `newEntries`; the one after the commit itself where none may stay. */
  #oldestAllowed(newEntries: number): number {
    const { first, sizes } = this.#log;
    const { maxLogEntries } = this.#options;
    let row = first + sizes.length + 1;
    if (newEntries * LARGE_COMMITS > maxLogEntries) return row;
    let total = newEntries;
    while (total <= maxLogEntries && row > first) {
      row--;
      total += sizes[row - 1 - first] ?? 0;
    }
    return row;
  }
}

/** Tells pages that stay in their place from those that a split or a merge made. */
function sortPages(
  ref: NodeRef,
  stay: Map<number, ChangedPage>,
  made: { place: number | undefined; depth: number; page: Page }[],
): void {
  if (typeof ref === 'number') return;
  if (ref.kind === 'interior') {
    sortPages(ref.left, stay, made);
    sortPages(ref.right, stay, made);
  } else if (ref.place === undefined) made.push(ref);
  else stay.set(ref.place, ref);
}

/** Makes the change the committed tree. */
export function applyTreeChange(change: TreeChange, tree: PageTree): void {
  for (const node of change.replacedNodes) {
    tree.forgetPage(tree.placeOf(node));
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
    tree.cachePage(bucket, node.page);
  } else {
    tree.setBucketSubtree(bucket, install(node, tree));
    tree.forgetPage(bucket);
  }
}

/** Gives the changed nodes a place in the pool. @returns the index of the top one */
function install(ref: NodeRef, tree: PageTree): number {
  if (typeof ref === 'number') return ref;
  const index = ref.kind === 'page' ? installPage(ref, tree) : installInterior(ref, tree);
  tree.pool.setHash(index, ref.hash);
  return index;
}

function installPage({ place, page, entryCount }: ChangedPage, tree: PageTree): number {
  const index = place === undefined ? tree.pool.addPage(entryCount) : place - tree.bucketCount;
  tree.pool.setEntryCount(index, entryCount);
  tree.cachePage(tree.placeOf(index), page);
  return index;
}

function installInterior(node: Extract<ChangedNode, { kind: 'interior' }>, tree: PageTree): number {
  const left = install(node.left, tree);
  return tree.pool.addInterior(left, install(node.right, tree), node.entryCount);
}
