import type { Page } from './treeHash.js';

/** A page of which the database does not hold this version. */
export interface DirtyPage {
  readonly page: Page;
  readonly depth: number;
  /** Number of the commit from which on the log is needed to make it from what the database holds. */
  readonly since: number;
}

/** Pages that wait to be written, those that wait longest first. */
export class DirtyPages {
  readonly #pages = new Map<number, DirtyPage>();

  get size(): number {
    return this.#pages.size;
  }

  get(place: number): DirtyPage | undefined {
    return this.#pages.get(place);
  }

  /** A page that waits already keeps its turn, and the commit since which it waits. */
  set(place: number, page: Page, depth: number, commit: number): void {
    this.#pages.set(place, { page, depth, since: this.#pages.get(place)?.since ?? commit });
  }

  delete(place: number): void {
    this.#pages.delete(place);
  }

  /** In the order in which they became dirty. */
  entries(): IterableIterator<[number, DirtyPage]> {
    return this.#pages.entries();
  }
}
