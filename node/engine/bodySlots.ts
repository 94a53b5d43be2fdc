import { join } from 'node:path';
import type { Disk, DurableFile } from '../storage/disk.js';
import { createFile } from '../storage/durableFiles.js';
import { EngineError } from './errors.js';

/** What a slot held at the start: perhaps a part of what was written last, perhaps what is of no use any more. */
export interface SlotContent {
  readonly slot: number;
  readonly bytes: Uint8Array;
}

interface Slot {
  readonly path: string;
  sizeBytes: number;
  /** Undefined until the first write. */
  file: DurableFile | undefined;
}

/** What a slot is made with, so that few bodies are larger than the blocks which the file has. */
const INITIAL_BYTES = 262_144;
/** Slots that are there from the start, whether or not they hold anything: more are needed in rare rounds only. */
const KEPT_SLOTS = 2;
const LENGTH_BYTES = 4;
const FILE_NAME = /^(\d{1,4})\.body$/;

/**
 * Files that are written over and over, each for one content: making, syncing and removing a file for each costs ten
 * times as much. A slot holds the length of its content (4 bytes) and the content, which must tell by itself whether it is
 * whole; behind it lies what is left of longer ones. Giving a slot up costs nothing, and leaves its content there until the slot
 * is taken again. Everything throws what the
 * disk throws.
 */
export class BodySlots {
  private readonly slots: Slot[] = [];
  private readonly free = new Set<number>();
  private isClosed = false;

  private constructor(
    private readonly directory: string,
    private readonly disk: Disk,
  ) {}

  /**
   * Opens the slots of a directory and makes it where there is none; what else is in it is removed.
   *
   * @param isOfUse takes a content: whether its slot is kept for it
   */
  static async open(directory: string, disk: Disk, isOfUse: (content: SlotContent) => boolean): Promise<BodySlots> {
    const slots = new BodySlots(directory, disk);
    await disk.makeDirectory(directory);
    for (const name of (await disk.names(directory)) ?? []) {
      const number = FILE_NAME.exec(name)?.[1];
      if (number === undefined || name !== fileName(Number(number))) await disk.remove(join(directory, name));
      else await slots.load(Number(number), isOfUse);
    }
    for (let number = 0; number < KEPT_SLOTS; number++) await slots.make(slots.slot(number));
    return slots;
  }

  private async load(slot: number, isOfUse: (content: SlotContent) => boolean): Promise<void> {
    const file = (await this.disk.read(this.path(slot))) ?? new Uint8Array();
    const bytes = contentOf(file);
    const isKept = bytes !== undefined && isOfUse({ slot, bytes });
    if (!isKept && slot >= KEPT_SLOTS) {
      await this.disk.remove(this.path(slot));
      return;
    }
    this.slot(slot).sizeBytes = file.length;
    if (isKept) this.free.delete(slot);
  }

  /** @returns a free slot, which is taken from then on */
  take(): number {
    const [free] = this.free;
    if (free === undefined) {
      this.slot(this.slots.length);
      return this.take();
    }
    this.free.delete(free);
    return free;
  }

  /** Gives a slot up that nothing is being written to. */
  giveUp(slot: number): void {
    this.free.add(slot);
  }

  /** Returns when the content, of several parts, is on the disk. A crash meanwhile leaves any of it. */
  async write(number: number, parts: readonly Uint8Array[]): Promise<void> {
    if (this.isClosed) throw closed();
    const slot = this.slot(number);
    const contentBytes = parts.reduce((sum, { length }) => sum + length, 0);
    const neededBytes = LENGTH_BYTES + contentBytes;
    slot.file ??= await this.opened(slot);
    if (this.isClosed) {
      await slot.file.close();
      throw closed();
    }
    const isLarger = neededBytes > slot.sizeBytes;
    const bytes = new Uint8Array(isLarger ? grownBytes(neededBytes) : neededBytes);
    new DataView(bytes.buffer).setUint32(0, contentBytes);
    let offset = LENGTH_BYTES;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    await slot.file.writeDurably(bytes, 0);
    slot.sizeBytes = Math.max(slot.sizeBytes, bytes.length);
  }

  /** What was written last, or undefined when the slot cannot hold that any more. */
  async read(slot: number): Promise<Uint8Array | undefined> {
    const bytes = await this.disk.read(this.path(slot));
    return bytes && contentOf(bytes);
  }

  /** Ends all use of the files: nothing is written any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.slots.map(({ file }) => file?.close()));
  }

  /** A slot that is not there yet is free, as are those below it. */
  private slot(number: number): Slot {
    for (let next = this.slots.length; next <= number; next++) {
      this.slots.push({ path: this.path(next), sizeBytes: 0, file: undefined });
      this.free.add(next);
    }
    return this.slots[number] as Slot;
  }

  private async opened(slot: Slot): Promise<DurableFile> {
    await this.make(slot);
    return this.disk.openDurable(slot.path);
  }

  /** Makes the file, unless it is there and larger than one whose making was interrupted. */
  private async make(slot: Slot): Promise<void> {
    if (slot.sizeBytes >= INITIAL_BYTES) return;
    await this.disk.remove(slot.path);
    await createFile(slot.path, new Uint8Array(INITIAL_BYTES), this.disk);
    slot.sizeBytes = INITIAL_BYTES;
  }

  private path(slot: number): string {
    return join(this.directory, fileName(slot));
  }
}

function closed(): EngineError {
  return new EngineError('BODY_STORE_FAILED', 'undecided bodies are not written after their store was closed');
}

function fileName(slot: number): string {
  return `${slot}.body`;
}

/** Twice as large each time: a file that grows has its new size synced as well. */
function grownBytes(neededBytes: number): number {
  let sizeBytes = INITIAL_BYTES;
  while (sizeBytes < neededBytes) sizeBytes *= 2;
  return sizeBytes;
}

function contentOf(file: Uint8Array): Uint8Array | undefined {
  if (file.length < LENGTH_BYTES) return undefined;
  const length = new DataView(file.buffer, file.byteOffset, file.length).getUint32(0);
  return length === 0 || LENGTH_BYTES + length > file.length
    ? undefined
    : file.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}
