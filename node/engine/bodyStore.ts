import { decodeBlock, encodeBlock, headerHash } from '../../primitives/block.js';
import { equalBytes, fromHex, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { Block, BlockHeader } from '../../primitives/types.js';
import type { Logger } from '../ops/ports.js';
import { type Disk, systemDisk } from '../storage/disk.js';
import { hasCommittedRoot, leafHashes } from './blockBody.js';
import { BodySlots } from './bodySlots.js';
import { EngineError } from './errors.js';

/** A whole block that is not decided. */
export interface UndecidedBody {
  readonly block: Block;
  readonly blockHash: Hash;
  /** Of each transaction, in the block's order. */
  readonly leafHashes: readonly Hash[];
}

export interface BodyStoreOptions {
  readonly directory: string;
  /** What does not fit is refused, and then nothing is signed for it. */
  readonly maxBodies: number;
}

export interface BodyStoreModules {
  readonly hasher: PairHasher;
  readonly logger: Logger;
  /** The machine's own unless told. */
  readonly disk?: Disk;
}

interface StoredBody {
  readonly header: BlockHeader;
  readonly slot: number;
  /** Settles when the body is on the disk, or cannot be. */
  readonly written: Promise<void>;
}

/** Bodies kept in memory; the others are read again when somebody asks. */
const BODIES_IN_MEMORY = 8;
const HASH_BYTES = 32;
const WRITTEN = Promise.resolve();

/**
 * Bodies for which this node signed or is about to sign, each in a slot of its own, on disk before the journal's
 * record that names it. They are kept and served until their height is decided: whoever was made to prepare a block
 * can always show it. What is given up costs nothing: the next body takes its slot, and the next start looks at no height that is
 * decided. PROTOCOL §Journal J1 and §What is kept.
 */
export class BodyStore {
  private readonly recent = new Map<Hex, UndecidedBody>();

  private constructor(
    private readonly options: BodyStoreOptions,
    private readonly modules: BodyStoreModules,
    private readonly slots: BodySlots,
    private readonly stored: Map<Hex, StoredBody>,
  ) {}

  /**
   * Reads what is there. Bodies up to the head count no more, damaged ones neither: peers have them.
   *
   * @throws EngineError `BODY_STORE_FAILED`
   */
  static async open(options: BodyStoreOptions, modules: BodyStoreModules, headHeight: number): Promise<BodyStore> {
    const { disk = systemDisk, hasher, logger } = modules;
    const stored = new Map<Hex, StoredBody>();
    const slots = await guarded('opened', () =>
      BodySlots.open(options.directory, disk, ({ slot, bytes }) => {
        const body = decodeBody(bytes, hasher);
        if (body === undefined) {
          logger.warn({ event: 'engine.body_damaged', slot }, 'an undecided body is damaged and counts no more');
          return false;
        }
        const { header } = body.block;
        const key = toHex(body.blockHash);
        if (header.height <= headHeight || stored.has(key)) return false;
        stored.set(key, { header, slot, written: WRITTEN });
        return true;
      }),
    );
    return new BodyStore(options, modules, slots, stored);
  }

  /** What is kept, without the bodies themselves. */
  held(): { readonly blockHash: Hash; readonly header: BlockHeader }[] {
    return [...this.stored].map(([key, { header }]) => ({ blockHash: fromHex(key), header }));
  }

  get size(): number {
    return this.stored.size;
  }

  has(blockHash: Hash): boolean {
    return this.stored.has(toHex(blockHash));
  }

  /**
   * Returns when the body is on the disk.
   *
   * @throws EngineError `BODY_STORE_FULL`, `BODY_STORE_FAILED`
   */
  async put(body: UndecidedBody): Promise<void> {
    const key = toHex(body.blockHash);
    const earlier = this.stored.get(key);
    if (earlier !== undefined) return earlier.written;
    if (this.stored.size >= this.options.maxBodies) throw this.full();
    const { header } = body.block;
    const slot = this.slots.take();
    const written = guarded('written', () => this.slots.write(slot, [body.blockHash, encodeBlock(body.block)]));
    // Noted before it is written, so that a height decided meanwhile gives it up too.
    this.stored.set(key, { header, slot, written });
    this.remember(key, body);
    return written;
  }

  /** True once the body is on the disk; waits for a write that is under way. @throws EngineError `BODY_STORE_FAILED` */
  async isWritten(blockHash: Hash): Promise<boolean> {
    const stored = this.stored.get(toHex(blockHash));
    await stored?.written;
    return stored !== undefined;
  }

  /** @throws EngineError `BODY_STORE_FAILED` */
  async get(blockHash: Hash): Promise<UndecidedBody | undefined> {
    const key = toHex(blockHash);
    return this.recent.get(key) ?? this.read(key);
  }

  /** Gives up the bodies of heights up to the decided one. */
  async removeDecided(height: number): Promise<void> {
    for (const [key, { header }] of this.stored) if (header.height <= height) await this.drop(key);
  }

  /** Gives up one body of an undecided height. */
  async release(blockHash: Hash): Promise<void> {
    await this.drop(toHex(blockHash));
  }

  /** Ends all use of the disk. */
  async close(): Promise<void> {
    await this.slots.close();
  }

  /** The slot is taken again only when its write is over. */
  private async drop(key: Hex): Promise<void> {
    const body = this.stored.get(key);
    this.stored.delete(key);
    this.recent.delete(key);
    if (body === undefined) return;
    await body.written;
    this.slots.giveUp(body.slot);
  }

  private async read(key: Hex): Promise<UndecidedBody | undefined> {
    const stored = this.stored.get(key);
    if (stored === undefined) return undefined;
    await stored.written;
    const bytes = await guarded('read', () => this.slots.read(stored.slot));
    const found = bytes && decodeBody(bytes, this.modules.hasher);
    const body = found && toHex(found.blockHash) === key ? found : undefined;
    if (this.stored.get(key) !== stored) return body;
    if (body !== undefined) this.remember(key, body);
    // Damaged since it was written: it is not here, and a peer's copy takes its place.
    else await this.drop(key);
    return body;
  }

  private remember(key: Hex, body: UndecidedBody): void {
    this.recent.delete(key);
    this.recent.set(key, body);
    const [oldest] = this.recent.keys();
    if (this.recent.size > BODIES_IN_MEMORY && oldest !== undefined) this.recent.delete(oldest);
  }

  private full(): EngineError {
    return new EngineError('BODY_STORE_FULL', `${this.stored.size} undecided bodies are kept already`, {
      expected: `fewer than ${this.options.maxBodies}`,
      actual: `${this.stored.size}`,
      hint: 'one height went through very many rounds; see why it is not decided',
    });
  }
}

/** A block's hash and the block, which is whole when the hash is its header's and the header's root holds its transactions. */
function decodeBody(bytes: Uint8Array, hasher: PairHasher): UndecidedBody | undefined {
  try {
    const blockHash = bytes.slice(0, HASH_BYTES);
    const block = decodeBlock(bytes.subarray(HASH_BYTES));
    const leaves = leafHashes(block.transactions);
    const isWhole = equalBytes(headerHash(block.header), blockHash) && hasCommittedRoot(block.header, leaves, hasher);
    return isWhole ? { block, blockHash, leafHashes: leaves } : undefined;
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}

async function guarded<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (isCodedError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError('BODY_STORE_FAILED', `undecided bodies could not be ${what}: ${reason}`, {
      actual: reason,
      hint: 'the node stops; repair the disk, then start it again',
    });
  }
}
