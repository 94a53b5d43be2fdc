import { dirname } from 'node:path';
import type { EvidenceKind } from '../../consensus/types.js';
import { concatBytes } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { addressItem, nameItem, openFormat, readAddress, readName, VERSION_ITEM } from '../../primitives/format.js';
import { encode, RlpReader } from '../../primitives/rlp.js';
import type { Address } from '../../primitives/types.js';
import { type Disk, type DiskFile, systemDisk } from '../storage/disk.js';
import { EngineError } from './errors.js';

/** Two signed messages of one validator of which an honest one signs at most one: kept to be shown. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly validator: Address;
  /** As they crossed the network: docs/PROTOCOL.md §Network, Consensus messages. */
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_ENTRY_BYTES = 2 * MAX_MESSAGE_BYTES + 256;

/** Evidence on disk, one entry after the other until the file is full: the first pairs prove as much as later ones. */
export class EvidenceLog {
  private readonly entries: Evidence[];
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: { readonly maxBytes: number },
    private readonly file: DiskFile,
    entries: readonly Evidence[],
    private sizeBytes: number,
  ) {
    this.entries = [...entries];
  }

  /** Reads what is there; a last entry that was not written whole is overwritten. */
  static async open(
    options: { readonly path: string; readonly maxBytes: number },
    disk: Disk = systemDisk,
  ): Promise<EvidenceLog> {
    await disk.makeDirectory(dirname(options.path));
    const bytes = await disk.read(options.path);
    const { entries, sizeBytes } = readEntries(bytes ?? new Uint8Array());
    const file = await disk.open(options.path, bytes === undefined ? 'new' : 'existing');
    return new EvidenceLog(options, file, entries, sizeBytes);
  }

  all(): readonly Evidence[] {
    return this.entries;
  }

  /**
   * Resolves when the entry is on the disk. @returns false when the log is full
   *
   * @throws EngineError `EVIDENCE_FAILED`
   */
  async add(evidence: Evidence): Promise<boolean> {
    const bytes = encodeEntry(evidence);
    if (this.sizeBytes + bytes.length > this.options.maxBytes) return false;
    const position = this.sizeBytes;
    this.sizeBytes += bytes.length;
    this.entries.push(evidence);
    this.last = this.last.then(() => this.write(bytes, position));
    await this.last;
    return true;
  }

  private async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      await this.file.write(bytes, position);
      await this.file.sync();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError('EVIDENCE_FAILED', `evidence could not be written: ${reason}`, {
        actual: reason,
        hint: 'the node stops; repair the disk, then start it again',
      });
    }
  }

  async close(): Promise<void> {
    await this.last.catch(() => undefined);
    await this.file.close();
  }
}

function encodeEntry({ kind, validator, first, second }: Evidence): Uint8Array {
  return encode([VERSION_ITEM, nameItem(kind, 'kind'), addressItem(validator, 'validator'), first, second]);
}

function readEntries(bytes: Uint8Array): { entries: Evidence[]; sizeBytes: number } {
  const reader = new RlpReader(bytes);
  const entries: Evidence[] = [];
  let sizeBytes = 0;
  try {
    while (reader.hasMore()) {
      entries.push(readEntry(reader.raw('evidence')));
      sizeBytes = reader.offset;
    }
  } catch (error) {
    if (!isCodedError(error)) throw error;
  }
  return { entries, sizeBytes };
}

function readEntry(bytes: Uint8Array): Evidence {
  const list = openFormat(concatBytes(bytes), MAX_ENTRY_BYTES, 'evidence');
  const evidence = {
    kind: readName(list, 'kind') as EvidenceKind,
    validator: readAddress(list, 'validator'),
    first: list.bytes(MAX_MESSAGE_BYTES, 'first'),
    second: list.bytes(MAX_MESSAGE_BYTES, 'second'),
  };
  list.done('evidence');
  return evidence;
}
