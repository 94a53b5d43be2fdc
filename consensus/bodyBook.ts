import { type Hash, type Hex, toHex } from '../primitives/bytes.js';
import type { BlockHeader } from '../primitives/types.js';
import type { HeldBody } from './types.js';

/**
 * PROTOCOL §What is kept K2. Bodies of an undecided height that are kept; those that bind this node are never among the
 * ones let go.
 */
export const MAX_BODIES = 32;

interface KnownBody extends HeldBody {
  isExecuted: boolean;
}

/** Which undecided bodies the host holds, and which of them executed here to the roots of their headers. */
export class BodyBook {
  readonly #bodies = new Map<Hex, KnownBody>();

  /**
   * Notes a body; `pinned` are the hashes that must stay.
   *
   * @returns the bodies that were let go to make room
   */
  add(body: HeldBody, isExecuted: boolean, pinned: readonly Hash[]): Hash[] {
    const key = toHex(body.blockHash);
    const known = this.#bodies.get(key);
    if (known !== undefined) {
      known.isExecuted ||= isExecuted;
      return [];
    }
    this.#bodies.set(key, { ...body, isExecuted });
    return this.#bodies.size > MAX_BODIES ? this.#letGo(new Set([key, ...pinned.map(toHex)])) : [];
  }

  header(blockHash: Hash): BlockHeader | undefined {
    return this.#bodies.get(toHex(blockHash))?.header;
  }

  isHeld(blockHash: Hash): boolean {
    return this.#bodies.has(toHex(blockHash));
  }

  isExecuted(blockHash: Hash): boolean {
    return this.#bodies.get(toHex(blockHash))?.isExecuted ?? false;
  }

  #letGo(kept: ReadonlySet<Hex>): Hash[] {
    for (const [key, body] of this.#bodies) {
      if (kept.has(key)) continue;
      this.#bodies.delete(key);
      return [body.blockHash];
    }
    return [];
  }
}
