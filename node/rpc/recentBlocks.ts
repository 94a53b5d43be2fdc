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
  #indices: ReadonlyMap<IdKey, number> | undefined;
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

  indexOf(key: IdKey): number | undefined {
    this.#indices ??= new Map(this.keys.map((one, index) => [one, index]));
    return this.#indices.get(key);
  }

  /** Header and certificate, encoded once for all proofs. Undefined at height 0. */
  get seal(): EncodedSeal | undefined {
    const { header, certificate } = this.result.head;
    if (certificate === undefined) return undefined;
    this.#seal ??= encodeSeal({ header, certificate, handovers: [] });
    return this.#seal;
  }
}

export interface RecentBlocksOptions {
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
  #transactions = 0;
  #receiptBytes = 0;
  #added = 0;

  constructor(options: RecentBlocksOptions) {
    this.#options = options;
  }

  /** How many blocks were ever added: what `since` takes later. */
  get mark(): number {
    return this.#added;
  }

  add(result: CommitResult): RecentBlock {
    const block = new RecentBlock(result);
    this.#blocks.push(block);
    this.#added++;
    this.#transactions += result.included.length;
    this.#receiptBytes += sizeOf(block);
    const { maxTransactions, maxReceiptBytes } = this.#options;
    while (this.#blocks.length > 1 && (this.#transactions > maxTransactions || this.#receiptBytes > maxReceiptBytes)) {
      const oldest = this.#blocks.shift() as RecentBlock;
      this.#transactions -= oldest.result.included.length;
      this.#receiptBytes -= sizeOf(oldest);
    }
    return block;
  }

  /** Those that were added after a mark and are still held; the newest last. */
  since(mark: number): readonly RecentBlock[] {
    return this.#blocks.slice(Math.max(0, this.#blocks.length - (this.#added - mark)));
  }

  /** Whether none of those added after a mark was let go. */
  covers(mark: number): boolean {
    return this.#added - mark <= this.#blocks.length;
  }
}

function sizeOf({ result }: RecentBlock): number {
  return result.receipts?.sizeBytes ?? 0;
}
