import { join } from 'node:path';
import { decodeBlock, encodeBlock, headerHash } from '../../primitives/block.js';
import { fromHex, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { Block, BlockHeader } from '../../primitives/types.js';
import type { Logger } from '../ops/ports.js';
import { type Disk, systemDisk } from '../storage/disk.js';
import { writeCheckableFile } from '../storage/durableFiles.js';
import { hasCommittedRoot, leafHashes } from './blockBody.js';
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
  /** Files; what does not fit is refused, and then nothing is signed for it. */
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
  readonly path: string;
  /** Settles when the file is on the disk, or cannot be. */
  readonly written: Promise<void>;
}

/** Bodies kept in memory; the others are read again when somebody asks. */
const BODIES_IN_MEMORY = 8;
const NOTHING = new Uint8Array();
const FILE_NAME = /^(\d{1,16})-(0x[0-9a-f]{64})\.body$/;

/**
 * Bodies for which this node signed or is about to sign, each a file named by its hash, on disk before the journal's
 * record that names it. They are kept and served until their height is decided: whoever was made to prepare a block
 * can always show it. PROTOCOL §Journal J1 and
 * §What is kept.
 */
export class BodyStore {
  private readonly stored = new Map<Hex, StoredBody>();
  private readonly recent = new Map<Hex, UndecidedBody>();
  /** Deletions under way: a body that comes again meanwhile is written after them. */
  private readonly removals = new Map<Hex, Promise<void>>();

  private constructor(
    private readonly options: BodyStoreOptions,
    private readonly modules: BodyStoreModules,
    private readonly disk: Disk,
  ) {}

  /**
   * Reads what is there. Bodies up to the head are deleted, damaged ones too: peers have them.
   *
   * @throws EngineError `BODY_STORE_FAILED`
   */
  static async open(options: BodyStoreOptions, modules: BodyStoreModules, headHeight: number): Promise<BodyStore> {
    const { disk = systemDisk } = modules;
    const store = new BodyStore(options, modules, disk);
    await guarded('opened', async () => {
      await disk.makeDirectory(options.directory);
      for (const name of (await disk.names(options.directory)) ?? []) await store.load(name, headHeight);
    });
    return store;
  }

  private async load(name: string, headHeight: number): Promise<void> {
    const path = join(this.options.directory, name);
    const [, height, hash] = FILE_NAME.exec(name) ?? [];
    if (height === undefined || hash === undefined || Number(height) <= headHeight) {
      await this.disk.remove(path);
      return;
    }
    const body = this.decode((await this.disk.read(path)) ?? NOTHING, hash as Hex);
    if (body === undefined) {
      this.modules.logger.warn({ event: 'engine.body_damaged', path }, 'an undecided body is damaged and was deleted');
      await this.disk.remove(path);
      return;
    }
    this.stored.set(hash as Hex, { header: body.block.header, path, written: Promise.resolve() });
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
    const path = join(this.options.directory, `${header.height}-${key}.body`);
    const written = guarded('written', async () => {
      await this.removals.get(key);
      await writeCheckableFile(path, encodeBlock(body.block), this.disk);
    });
    // Noted before it is written, so that a height decided meanwhile deletes it too.
    this.stored.set(key, { header, path, written });
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

  /** Deletes the bodies of heights up to the decided one. A crash in between leaves files that the next start deletes. */
  async removeDecided(height: number): Promise<void> {
    const decided = [...this.stored].filter(([, { header }]) => header.height <= height);
    for (const [key] of decided) await guarded('deleted', () => this.drop(key));
  }

  /** Deletes one body of an undecided height. */
  async release(blockHash: Hash): Promise<void> {
    await guarded('deleted', () => this.drop(toHex(blockHash)));
  }

  private async drop(key: Hex): Promise<void> {
    const body = this.stored.get(key);
    this.stored.delete(key);
    this.recent.delete(key);
    if (body === undefined) return;
    const removal = body.written.then(() => this.disk.remove(body.path));
    const settled = removal.then(
      () => undefined,
      () => undefined,
    );
    this.removals.set(key, settled);
    await removal;
    if (this.removals.get(key) === settled) this.removals.delete(key);
  }

  private async read(key: Hex): Promise<UndecidedBody | undefined> {
    const stored = this.stored.get(key);
    if (stored === undefined) return undefined;
    const bytes = await guarded('read', () => this.disk.read(stored.path));
    const body = bytes === undefined ? undefined : this.decode(bytes, key);
    if (body !== undefined) this.remember(key, body);
    // Damaged since it was written: it is not here, and a peer's copy takes its place.
    else if (this.stored.get(key) === stored) this.stored.delete(key);
    return body;
  }

  private decode(bytes: Uint8Array, key: Hex): UndecidedBody | undefined {
    try {
      const block = decodeBlock(bytes);
      const body = { block, blockHash: headerHash(block.header), leafHashes: leafHashes(block.transactions) };
      const isWhole =
        toHex(body.blockHash) === key && hasCommittedRoot(block.header, body.leafHashes, this.modules.hasher);
      return isWhole ? body : undefined;
    } catch (error) {
      if (isCodedError(error)) return undefined;
      throw error;
    }
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
