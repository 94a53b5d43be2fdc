import { invariant } from '../../primitives/errors.js';

const NODE_BYTES = 32;
const FIRST_CAPACITY = 64;
/** Index of no node: the children of a page. */
const NONE = -1;

/**
 * The nodes below the fixed depth, in typed arrays: 44 bytes a node, nothing for the garbage collector to walk. A node
 * is a page or has two children; which keys a node stands for follows from the way to it.
 */
export class NodePool {
  #hashes = new Uint8Array(FIRST_CAPACITY * NODE_BYTES);
  #left = new Int32Array(FIRST_CAPACITY);
  #right = new Int32Array(FIRST_CAPACITY);
  #counts = new Uint32Array(FIRST_CAPACITY);
  #size = 0;
  readonly #free: number[] = [];

  /** Nodes in use. */
  get size(): number {
    return this.#size - this.#free.length;
  }

  addPage(entryCount: number): number {
    return this.#add(NONE, NONE, entryCount);
  }

  addInterior(left: number, right: number, entryCount: number): number {
    return this.#add(left, right, entryCount);
  }

  /** The node's index may be given to another one from now on. */
  remove(index: number): void {
    this.#free.push(index);
  }

  isPage(index: number): boolean {
    return this.#left[index] === NONE;
  }

  left(index: number): number {
    return this.#left[index] as number;
  }

  right(index: number): number {
    return this.#right[index] as number;
  }

  /** Entries of the page, or of all pages below. */
  entryCount(index: number): number {
    return this.#counts[index] as number;
  }

  setChildren(index: number, left: number, right: number): void {
    this.#left[index] = left;
    this.#right[index] = right;
  }

  setEntryCount(index: number, entryCount: number): void {
    this.#counts[index] = entryCount;
  }

  /** A view: it changes with the node. */
  hash(index: number): Uint8Array {
    return this.#hashes.subarray(index * NODE_BYTES, index * NODE_BYTES + NODE_BYTES);
  }

  setHash(index: number, hash: Uint8Array): void {
    this.#hashes.set(hash, index * NODE_BYTES);
  }

  #add(left: number, right: number, entryCount: number): number {
    const index = this.#free.pop() ?? this.#append();
    this.#left[index] = left;
    this.#right[index] = right;
    this.#counts[index] = entryCount;
    return index;
  }

  #append(): number {
    if (this.#size === this.#left.length) this.#grow();
    return this.#size++;
  }

  #grow(): void {
    const capacity = this.#left.length * 2;
    invariant(capacity <= 2 ** 26, 'a state tree has at most 2^26 nodes below its fixed depth', {
      hint: 'a larger stateTreeDepth in genesis keeps more of the tree above',
    });
    this.#hashes = grown(this.#hashes, new Uint8Array(capacity * NODE_BYTES));
    this.#left = grown(this.#left, new Int32Array(capacity));
    this.#right = grown(this.#right, new Int32Array(capacity));
    this.#counts = grown(this.#counts, new Uint32Array(capacity));
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
