/** Keys of the state are shorter, and so are most values. */
const SCRATCH_BYTES = 2_048;

/**
 * Memory that is used again for keys and rows on their way into the engine, which copies them. An array of its own for each would be
 * moved out of the JavaScript heap as soon as native code looks at it, which takes as long as a row's write; a view of each length is made once.
 */
export class RowScratch {
  readonly bytes = new Uint8Array(SCRATCH_BYTES);
  readonly #views: (Uint8Array | undefined)[] = new Array(SCRATCH_BYTES + 1);

  /** Its first bytes, until it is written to again; undefined where it has not so many. */
  first(length: number): Uint8Array | undefined {
    if (length > SCRATCH_BYTES) return undefined;
    const known = this.#views[length];
    if (known !== undefined) return known;
    const view = this.bytes.subarray(0, length);
    this.#views[length] = view;
    return view;
  }
}
