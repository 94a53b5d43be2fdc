import { type Hash, toHex } from '../../primitives/bytes.js';
import type { Candidate } from './executeBlock.js';

/** Blocks of one undecided height whose execution is kept: those of the newest rounds. */
const MAX_CANDIDATES = 8;

/** Executed blocks of the undecided height by their hash; the oldest goes when there is no room, and is executed again. */
export class Candidates {
  readonly #byHash = new Map<string, Candidate>();

  get(blockHash: Hash): Candidate | undefined {
    return this.#byHash.get(toHex(blockHash));
  }

  keep(candidate: Candidate): void {
    const name = toHex(candidate.blockHash);
    this.#byHash.delete(name);
    this.#byHash.set(name, candidate);
    for (const oldest of this.#byHash.keys()) {
      if (this.#byHash.size <= MAX_CANDIDATES) break;
      this.#byHash.delete(oldest);
    }
  }

  /** The height is decided: what was not, is void. */
  clear(): void {
    this.#byHash.clear();
  }
}
