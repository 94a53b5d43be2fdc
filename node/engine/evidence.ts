import { dirname } from 'node:path';
import { equalBytes, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { decodeEvidence, type Evidence, encodeEvidence, evidenceId } from '../../primitives/evidence.js';
import { formatError, readUint, requireSize, uintItem } from '../../primitives/format.js';
import { LIMITS } from '../../primitives/limits.js';
import { encode, encodeUint, RlpReader } from '../../primitives/rlp.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import { nativeSha256 } from '../nativeSha256.js';
import { type Disk, type DiskFile, systemDisk } from '../storage/disk.js';
import { writeFileDurably } from '../storage/durableFiles.js';
import { EngineError } from './errors.js';

/** Evidence that this node keeps. */
export interface KeptEvidence {
  readonly id: Hash;
  readonly evidence: Evidence;
  /** `encodeEvidence` of it. */
  readonly bytes: Uint8Array;
  /** By this node's clock. */
  readonly firstSeenMs: TimestampMs;
}

export interface EvidenceLogOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** Of one validator, over all heights: nobody's faults take the room of another's. */
  readonly maxPerValidator: number;
  readonly maxPerValidatorAndHeight: number;
}

/** `known` and `full` keep nothing. */
export type EvidenceAddition = 'added' | 'known' | 'full';

/** The format of the file: one entry after the other. */
const FILE_VERSION = 3;
const CHECKSUM_BYTES = 8;
const MAX_ENTRY_BYTES = LIMITS.evidenceBytes + 32 + CHECKSUM_BYTES;

/** Evidence on disk, each pair once, until there is enough of it: the first pairs prove as much as later ones. */
export class EvidenceLog {
  private readonly entries = new Map<Hex, KeptEvidence>();
  private readonly counts = new Map<string, number>();
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: EvidenceLogOptions,
    private readonly file: DiskFile,
    entries: readonly KeptEvidence[],
    private sizeBytes: number,
  ) {
    for (const entry of entries) this.note(entry);
  }

  /** Reads what is there; an entry that is not whole or was changed, and what follows it, is cut off. */
  static async open(options: EvidenceLogOptions, disk: Disk = systemDisk): Promise<EvidenceLog> {
    await disk.makeDirectory(dirname(options.path));
    const bytes = await disk.read(options.path);
    const { entries, sizeBytes } = readEntries(bytes ?? new Uint8Array());
    if (bytes !== undefined && sizeBytes < bytes.length) {
      await writeFileDurably(options.path, bytes.subarray(0, sizeBytes), disk);
    }
    const file = await disk.open(options.path, bytes === undefined ? 'new' : 'existing');
    return new EvidenceLog(options, file, entries, sizeBytes);
  }

  /** In the order in which it was seen. */
  all(): readonly KeptEvidence[] {
    return [...this.entries.values()];
  }

  has(id: Hash): boolean {
    return this.entries.has(toHex(id));
  }

  find(id: Hash): KeptEvidence | undefined {
    return this.entries.get(toHex(id));
  }

  get size(): number {
    return this.entries.size;
  }

  /**
   * Resolves when the entry is on the disk, or at once where it is not kept.
   *
   * @throws EngineError `EVIDENCE_FAILED`
   */
  async add(evidence: Evidence, firstSeenMs: TimestampMs): Promise<EvidenceAddition> {
    const bytes = encodeEvidence(evidence);
    const entry = { id: evidenceId(evidence), evidence, bytes, firstSeenMs };
    if (this.has(entry.id)) return 'known';
    const line = encodeEntry(entry);
    if (this.sizeBytes + line.length > this.options.maxBytes || !this.hasRoomFor(evidence)) return 'full';
    const position = this.sizeBytes;
    this.sizeBytes += line.length;
    this.note(entry);
    this.last = this.last.then(() => this.write(line, position));
    await this.last;
    return 'added';
  }

  async close(): Promise<void> {
    await this.last.catch(() => undefined);
    await this.file.close();
  }

  private note(entry: KeptEvidence): void {
    this.entries.set(toHex(entry.id), entry);
    for (const key of countKeys(entry.evidence)) this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  private hasRoomFor(evidence: Evidence): boolean {
    const { maxPerValidator, maxPerValidatorAndHeight } = this.options;
    const [total, atHeight] = countKeys(evidence).map((key) => this.counts.get(key) ?? 0);
    return (total ?? 0) < maxPerValidator && (atHeight ?? 0) < maxPerValidatorAndHeight;
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
}

function countKeys({ validator, first }: Evidence): readonly [Address, string] {
  return [validator, `${validator} ${first.height}`];
}

function encodeEntry({ bytes, firstSeenMs }: Pick<KeptEvidence, 'bytes' | 'firstSeenMs'>): Uint8Array {
  return encode([encodeUint(FILE_VERSION), uintItem(firstSeenMs, 'firstSeenMs'), bytes, checksum(bytes)]);
}

/** A bit that flips on the disk must not make an honest node show what nobody signed: its peers would refuse it. */
function checksum(bytes: Uint8Array): Uint8Array {
  return nativeSha256(bytes).subarray(0, CHECKSUM_BYTES);
}

function readEntries(bytes: Uint8Array): { entries: KeptEvidence[]; sizeBytes: number } {
  const reader = new RlpReader(bytes);
  const entries: KeptEvidence[] = [];
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

function readEntry(line: Uint8Array): KeptEvidence {
  requireSize(line.length, MAX_ENTRY_BYTES, 'evidence');
  const list = new RlpReader(line).list('evidence');
  const version = list.uint(1, 'version');
  if (version !== FILE_VERSION) throw formatError('VERSION_UNSUPPORTED', 'version', `${FILE_VERSION}`, `${version}`);
  const firstSeenMs = readUint(list, 'firstSeenMs');
  const bytes = list.bytes(LIMITS.evidenceBytes, 'evidence').slice();
  const found = list.fixed(CHECKSUM_BYTES, 'checksum');
  list.done('evidence');
  if (!equalBytes(found, checksum(bytes))) {
    throw formatError('INCONSISTENT', 'checksum', toHex(checksum(bytes)), toHex(found));
  }
  const evidence = decodeEvidence(bytes);
  return { id: evidenceId(evidence), evidence, bytes, firstSeenMs };
}
