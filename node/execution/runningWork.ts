import type { Hash } from '../../primitives/bytes.js';
import type { RequestRank } from './requestQueue.js';

/**
 * `undecided` may be refused and begun anew; `decided`, and `starting`, may not: whoever breaks there stops the node.
 * `query`, `view` and `simulation` concern who asked.
 */
export const WORK_KINDS = ['idle', 'starting', 'undecided', 'decided', 'query', 'view', 'simulation'] as const;
export type WorkKind = (typeof WORK_KINDS)[number];

/** What consensus asks goes before what anybody else does. */
export function rankOf(kind: WorkKind): RequestRank {
  return kind === 'query' || kind === 'view' || kind === 'simulation' ? kind : 'urgent';
}

const KIND = 0;
const HAS_TRANSACTION = 1;
const WORDS_BYTES = 8;
const HASH_BYTES = 32;

/**
 * What the executor is doing at this moment, in memory that another thread still reads when the executor's own died
 * without a word. One thread writes.
 */
export class RunningWork {
  readonly #words: Int32Array;
  readonly #id: Uint8Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS_BYTES + HASH_BYTES)) {
    this.#words = new Int32Array(memory, 0, 2);
    this.#id = new Uint8Array(memory, WORDS_BYTES, HASH_BYTES);
  }

  get kind(): WorkKind {
    return WORK_KINDS[Atomics.load(this.#words, KIND)] ?? 'idle';
  }

  /** The transaction that runs. */
  get transactionId(): Hash | undefined {
    return Atomics.load(this.#words, HAS_TRANSACTION) === 1 ? Uint8Array.from(this.#id) : undefined;
  }

  begin(kind: WorkKind): void {
    Atomics.store(this.#words, HAS_TRANSACTION, 0);
    Atomics.store(this.#words, KIND, WORK_KINDS.indexOf(kind));
  }

  end(): void {
    this.begin('idle');
  }

  beginTransaction(id: Hash): void {
    this.#id.set(id);
    Atomics.store(this.#words, HAS_TRANSACTION, 1);
  }

  endTransaction(): void {
    Atomics.store(this.#words, HAS_TRANSACTION, 0);
  }
}
