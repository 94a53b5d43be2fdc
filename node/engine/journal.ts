import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { equalBytes, fromHex, type Hex, toHex } from '../../primitives/bytes.js';
import { invariant, isCodedError } from '../../primitives/errors.js';
import { type Disk, type DurableFile, systemDisk } from '../storage/disk.js';
import { createFile, writeFileDurably } from '../storage/durableFiles.js';
import { JournalError } from './errors.js';
import {
  copyOffset,
  encodeCopies,
  encodeCopy,
  JOURNAL_BYTES,
  type JournalBinding,
  type JournalEntry,
  type JournalReading,
  readJournal,
  SESSION_BYTES,
  slotPosition,
} from './journalFormat.js';

/**
 * The signing journal: what a validator is bound by, on disk before any of it leaves the node. PROTOCOL
 * §Journal J1. The marker beside its directory says that there is one; it belongs in no backup.
 */
export interface JournalOptions extends JournalBinding {
  readonly directory: string;
  /** The machine's own unless told. */
  readonly disk?: Disk;
  /** Draws sessions; the machine's own randomness unless told. */
  readonly randomBytes?: (size: number) => Uint8Array;
}

/** What was found where the journal should be. */
export type JournalOpening =
  | { readonly state: 'ready'; readonly journal: SigningJournal; readonly payload: Uint8Array }
  /** Nothing is known of what this key signed: only the other validators can tell how far it may have gone. */
  | { readonly state: 'untrusted'; readonly reason: JournalError };

const JOURNAL_FILE = 'signing.journal';
const UNTRUSTED_FILE = 'untrusted.journal';

export function journalMarkerPath(directory: string): string {
  return `${resolve(directory)}.marker`;
}

/** The journal's own file. */
export function journalPath(directory: string): string {
  return join(directory, JOURNAL_FILE);
}

export class SigningJournal {
  private failed = false;
  private writing = false;

  private constructor(
    private readonly file: DurableFile,
    private entry: JournalEntry,
  ) {}

  /** Wraps a file that holds `entry` already. For `open`, `create` and tests of failing disks. */
  static over(file: DurableFile, entry: JournalEntry): SigningJournal {
    return new SigningJournal(file, entry);
  }

  /** Number of the newest record. */
  get sequence(): number {
    return this.entry.sequence;
  }

  /** What the newest record holds. */
  get payload(): Uint8Array {
    return this.entry.payload;
  }

  /**
   * Puts a record in the place of the one before the last and returns when it is on the disk: only then may what it
   * allows be signed and sent.
   *
   * @throws JournalError `JOURNAL_WRITE_FAILED`: what the disk holds is unknown, the node must stop.
   */
  async write(payload: Uint8Array): Promise<void> {
    await this.append({ ...this.entry, sequence: this.entry.sequence + 1, payload });
  }

  /** The same record under a new session, so that older copies of the file are known as such. */
  async renewSession(session: Uint8Array): Promise<void> {
    await this.append({ ...this.entry, sequence: this.entry.sequence + 1, session });
  }

  private async append(entry: JournalEntry): Promise<void> {
    invariant(!this.writing, 'one record is written at a time');
    if (this.failed) throw writeFailed('an earlier write failed');
    const copies = encodeCopies(entry);
    this.writing = true;
    try {
      await this.put(copies, slotPosition(entry.sequence));
    } finally {
      this.writing = false;
    }
    this.entry = entry;
  }

  /** Writes the newest record's bad copy again. */
  async repair(copy: number): Promise<void> {
    const bytes = encodeCopy(this.entry);
    await this.put(bytes, slotPosition(this.entry.sequence) + copyOffset(copy, bytes.length));
  }

  private async put(bytes: Uint8Array, position: number): Promise<void> {
    try {
      await this.file.writeDurably(bytes, position);
    } catch (error) {
      this.failed = true;
      throw writeFailed(error instanceof Error ? error.message : String(error));
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

function writeFailed(reason: string): JournalError {
  return new JournalError('JOURNAL_WRITE_FAILED', `the signing journal could not be written: ${reason}`, {
    expected: 'a synced write',
    actual: reason,
    hint: 'the node stops and signs nothing more; repair the disk, then start it again',
  });
}

/**
 * Makes the journal of a new key: record 0 with the given payload, then the marker. Called where the key is made, and
 * nowhere else: a key whose journal is absent later has lost it.
 *
 * @throws JournalError `JOURNAL_EXISTS` when there is a journal or a marker
 */
export async function createJournal(options: JournalOptions, payload: Uint8Array): Promise<SigningJournal> {
  const { directory, genesisHash, address, disk = systemDisk } = options;
  const markerPath = journalMarkerPath(directory);
  const path = journalPath(directory);
  for (const found of [markerPath, path]) {
    if ((await disk.read(found)) !== undefined) throw exists(found);
  }
  await disk.makeDirectory(directory);
  await disk.syncDirectory(dirname(directory));
  const entry: JournalEntry = { genesisHash, address, session: newSession(options), sequence: 0, payload };
  const contents = new Uint8Array(JOURNAL_BYTES);
  contents.set(encodeCopies(entry), slotPosition(entry.sequence));
  await createFile(path, contents, disk);
  await writeMarker(markerPath, [entry.session], disk);
  return SigningJournal.over(await disk.openDurable(path), entry);
}

function exists(path: string): JournalError {
  return new JournalError('JOURNAL_EXISTS', `expected no signing journal, found ${path}`, {
    expected: 'no journal and no marker',
    actual: path,
    hint: 'a key keeps the journal that it has; make a new key in a directory of its own',
  });
}

/** What stands where the journal should be, as far as this machine alone can tell. */
export type JournalInspection =
  | ({ readonly state: 'trusted' } & JournalReading)
  | { readonly state: 'untrusted'; readonly reason: JournalError };

/** Looks at a journal and changes nothing. @throws JournalError `JOURNAL_FOREIGN` */
export async function inspectJournal(options: JournalOptions): Promise<JournalInspection> {
  const { directory, disk = systemDisk } = options;
  const path = journalPath(directory);
  const bytes = await disk.read(path);
  if (bytes === undefined) return untrusted('JOURNAL_MISSING', 'a signing journal', `none at ${path}`);
  const reading = readJournal(bytes);
  if (reading === undefined) return untrusted('JOURNAL_DAMAGED', 'a whole record', `none in ${path}`);
  requireBinding(reading.entry, options, path);
  const markerPath = journalMarkerPath(directory);
  const sessions = await readMarker(markerPath, disk);
  if (sessions.some((session) => equalBytes(session, reading.entry.session))) return { state: 'trusted', ...reading };
  return untrusted('JOURNAL_RESTORED', `a journal that ${markerPath} knows`, 'an older or a copied one');
}

/**
 * Opens the journal of an existing key and renews its session.
 *
 * @throws JournalError `JOURNAL_FOREIGN`, `JOURNAL_WRITE_FAILED`
 */
export async function openJournal(options: JournalOptions): Promise<JournalOpening> {
  const { directory, disk = systemDisk } = options;
  const inspection = await inspectJournal(options);
  if (inspection.state === 'untrusted') return inspection;
  const { entry, badCopy } = inspection;
  const markerPath = journalMarkerPath(directory);
  const file = await disk.openDurable(journalPath(directory));
  const journal = SigningJournal.over(file, entry);
  try {
    if (badCopy !== undefined) await journal.repair(badCopy);
    const session = newSession(options);
    await writeMarker(markerPath, [entry.session, session], disk);
    await journal.renewSession(session);
    await writeMarker(markerPath, [session], disk);
  } catch (error) {
    await journal.close();
    throw error;
  }
  return { state: 'ready', journal, payload: entry.payload };
}

/**
 * Starts a journal anew after the recovery procedure has found what may be signed again; the old file is kept aside.
 *
 * @throws JournalError
 */
export async function replaceJournal(options: JournalOptions, payload: Uint8Array): Promise<SigningJournal> {
  const { directory, disk = systemDisk } = options;
  const path = journalPath(directory);
  await disk.makeDirectory(directory);
  if ((await disk.read(path)) !== undefined) await disk.rename(path, join(directory, UNTRUSTED_FILE));
  await disk.remove(journalMarkerPath(directory));
  return createJournal(options, payload);
}

function untrusted(
  code: JournalError['code'],
  expected: string,
  actual: string,
): { readonly state: 'untrusted'; readonly reason: JournalError } {
  const reason = new JournalError(code, `expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'the node asks the other validators how far this key may have signed, and signs nothing until they answer',
  });
  return { state: 'untrusted', reason };
}

function requireBinding(entry: JournalEntry, expected: JournalBinding, path: string): void {
  const isOurs = entry.address === expected.address && equalBytes(entry.genesisHash, expected.genesisHash);
  if (isOurs) return;
  throw new JournalError('JOURNAL_FOREIGN', `${path} is the journal of another key or network`, {
    expected: `${expected.address} on ${toHex(expected.genesisHash)}`,
    actual: `${entry.address} on ${toHex(entry.genesisHash)}`,
    hint: 'give each validator key a journal directory of its own; never copy one between nodes',
  });
}

function newSession({ randomBytes: draw = randomBytes }: JournalOptions): Uint8Array {
  return Uint8Array.from(draw(SESSION_BYTES));
}

interface MarkerFile {
  readonly note: string;
  readonly sessions: readonly Hex[];
}

const MARKER_NOTE = 'belongs to the signing journal beside it: never back up, copy or restore this file';

async function writeMarker(path: string, sessions: readonly Uint8Array[], disk: Disk): Promise<void> {
  const marker: MarkerFile = { note: MARKER_NOTE, sessions: sessions.map(toHex) };
  try {
    await writeFileDurably(path, new TextEncoder().encode(`${JSON.stringify(marker, undefined, 2)}\n`), disk);
  } catch (error) {
    throw writeFailed(error instanceof Error ? error.message : String(error));
  }
}

/** The sessions that the marker knows; none where there is no readable marker. */
async function readMarker(path: string, disk: Disk): Promise<readonly Uint8Array[]> {
  const bytes = await disk.read(path);
  if (bytes === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const sessions = parsed !== null && typeof parsed === 'object' && 'sessions' in parsed ? parsed.sessions : [];
    return Array.isArray(sessions) ? sessions.map((session) => fromHex(String(session), SESSION_BYTES)) : [];
  } catch (error) {
    if (error instanceof SyntaxError || isCodedError(error)) return [];
    throw error;
  }
}
