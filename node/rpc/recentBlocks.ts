import { type EncodedSeal, encodeSeal } from '../../primitives/receiptsProof.js';
import type { CommitResult } from '../execution/types.js';

/** An id as the key of a map: a character for each byte. Far cheaper than hexadecimal, and every node makes one for every transaction. */
export type IdKey = string;

export function idKey(id: Uint8Array): IdKey {
  return Buffer.prototype.latin1Slice.call(id, 0, id.length);
}

/** A block as it was written, with what whoever waits asks of it, made when somebody first does. */
export class RecentBlock {
  readonly result: CommitResult;
  #keys: readonly IdKey[] | undefined;
  #seal: EncodedSeal | undefined;

  constructor(result: CommitResult) {
    this.result = result;
  }

  get height(): number {
    return this.result.head.header.height;
  }

  /** Of its transactions, in their order. */
  get keys(): readonly IdKey[] {
    this.#keys ??= this.result.included.map(({ id }) => idKey(id));
    return this.#keys;
  }

  /** Header and certificate, encoded once for all proofs. Undefined at height 0. */
  get seal(): EncodedSeal | undefined {
    const { header, certificate } = this.result.head;
    if (certificate === undefined) return undefined;
    this.#seal ??= encodeSeal({ header, certificate, handovers: [] });
    return this.#seal;
  }
}

/** Where a transaction stands. */
export interface Place {
  readonly block: RecentBlock;
  readonly index: number;
}

export interface RecentBlocksOptions {
  readonly maxBlocks: number;
  /** Transactions of all of them together. */
  readonly maxTransactions: number;
  /** Bytes of receipts, where commits gave them. */
  readonly maxReceiptBytes: number;
}

/** The newest blocks, as many as the bounds allow, so that most proofs and most waits never ask the executor. */
export class RecentBlocks {
  readonly #options: RecentBlocksOptions;
  /** Oldest first. */
  readonly #blocks: RecentBlock[] = [];
  /** Of the transactions of the blocks that were indexed. */
  readonly #places = new Map<IdKey, Place>();
  /** So many of the blocks, the oldest, have their transactions among the places: the rest once somebody looks. */
  #indexed = 0;
  #transactions = 0;
  #receiptBytes = 0;
  #added = 0;

  constructor(options: RecentBlocksOptions) {
    this.#options = options;
  }

  /** How many blocks were ever added: what `covers` takes later. */
  get mark(): number {
    return this.#added;
  }

  /** How many are held. */
  get size(): number {
    return this.#blocks.length;
  }

  add(result: CommitResult): RecentBlock {
    const block = new RecentBlock(result);
    this.#blocks.push(block);
    this.#added++;
    this.#transactions += result.included.length;
    this.#receiptBytes += sizeOf(block);
    while (this.#blocks.length > 1 && this.#isOver()) this.#letGo();
    return block;
  }

  /** Where a transaction stands, if one of those that are held has it. */
  find(key: IdKey): Place | undefined {
    for (; this.#indexed < this.#blocks.length; this.#indexed++) {
      const block = this.#blocks[this.#indexed] as RecentBlock;
      block.keys.forEach((one, index) => {
        this.#places.set(one, { block, index });
      });
    }
    return this.#places.get(key);
  }

  /** Whether none of those added after a mark was let go. */
  covers(mark: number): boolean {
    return this.#added - mark <= this.#blocks.length;
  }

  #isOver(): boolean {
    const { maxBlocks, maxTransactions, maxReceiptBytes } = this.#options;
    if (this.#blocks.length > maxBlocks) return true;
    return this.#transactions > maxTransactions || this.#receiptBytes > maxReceiptBytes;
  }

  #letGo(): void {
    const oldest = this.#blocks.shift();
    if (oldest === undefined) return;
    this.#transactions -= oldest.result.included.length;
    this.#receiptBytes -= sizeOf(oldest);
    if (this.#indexed === 0) return;
    this.#indexed--;
    for (const key of oldest.keys) this.#places.delete(key);
  }
}

function sizeOf({ result }: RecentBlock): number {
  return result.receipts?.sizeBytes ?? 0;
}
