import { TAGS } from '../../primitives/hash.js';
import { STATE_ENTRY_BYTES, statePathBytes } from '../../primitives/stateTree.js';
import { pooledSha256 } from '../nativeSha256.js';

/** The hashes of PROTOCOL §State tree, natively: the same answers as `primitives/stateTree.ts`, by test. */

const TAG_BYTES = 32;
const SHORT_BYTES = 256;

/** SHA-256(tag ‖ bytes), with one array that is used again for what is short. */
export class TaggedHasher {
  readonly #tag: Uint8Array;
  readonly #short: Uint8Array;

  constructor(tag: Uint8Array) {
    this.#tag = tag;
    this.#short = new Uint8Array(TAG_BYTES + SHORT_BYTES);
    this.#short.set(tag, 0);
  }

  hash(bytes: Uint8Array): Uint8Array {
    if (bytes.length <= SHORT_BYTES) {
      this.#short.set(bytes, TAG_BYTES);
      return pooledSha256(this.#short.subarray(0, TAG_BYTES + bytes.length));
    }
    const whole = new Uint8Array(TAG_BYTES + bytes.length);
    whole.set(this.#tag, 0);
    whole.set(bytes, TAG_BYTES);
    return pooledSha256(whole);
  }
}

/**
 * A page as it is hashed: tag, depth, path, entries, in one array, so that hashing it copies nothing. Entries begin at
 * `pageHeaderBytes(depth)`.
 */
export type Page = Uint8Array;

export function pageHeaderBytes(depth: number): number {
  return TAG_BYTES + 2 + statePathBytes(depth);
}

/** A page without entries, with room for some. `path` is any key hash below it. */
export function newPage(path: Uint8Array, depth: number, entryCount: number): Page {
  const header = pageHeaderBytes(depth);
  const page = new Uint8Array(header + entryCount * STATE_ENTRY_BYTES);
  page.set(TAGS.statePage, 0);
  page[TAG_BYTES] = depth >> 8;
  page[TAG_BYTES + 1] = depth & 0xff;
  for (let i = TAG_BYTES + 2; i < header; i++) page[i] = path[i - TAG_BYTES - 2] as number;
  const unused = statePathBytes(depth) * 8 - depth;
  if (unused > 0) page[header - 1] = (page[header - 1] as number) & (0xff << unused);
  return page;
}

export function pageFromEntries(path: Uint8Array, depth: number, entries: Uint8Array): Page {
  const page = newPage(path, depth, entries.length / STATE_ENTRY_BYTES);
  page.set(entries, pageHeaderBytes(depth));
  return page;
}

/** The page's entries, as a view. */
export function entriesOf(page: Page, depth: number): Uint8Array {
  return page.subarray(pageHeaderBytes(depth));
}

/** The page's path: its place in the tree together with its depth. A copy. */
export function pathOf(page: Page, depth: number): Uint8Array {
  return page.slice(TAG_BYTES + 2, pageHeaderBytes(depth));
}

export function entryCount(page: Page, depth: number): number {
  return (page.length - pageHeaderBytes(depth)) / STATE_ENTRY_BYTES;
}
