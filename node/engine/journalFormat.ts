import { concatBytes, equalBytes, type Hash } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import {
  addressItem,
  fixedItem,
  hashItem,
  openFormat,
  readAddress,
  readUint,
  uintItem,
  VERSION_ITEM,
} from '../../primitives/format.js';
import { encode, readHash } from '../../primitives/rlp.js';
import type { Address } from '../../primitives/types.js';
import { nativeSha256 } from '../nativeSha256.js';
import { JournalError } from './errors.js';

/**
 * Two slots, each for two copies of one record: slot (sequence mod 2) takes the record, so that the one before it stays
 * whole while the new one is written. A copy is its length (4 bytes), the SHA-256 of its body, and its body. The first
 * begins with the slot, the second behind it at the next multiple of `COPY_ALIGNMENT_BYTES`, so that one write takes both and no sector
 * holds a part of both. What lies behind them is left over from longer records.
 */

/** A record at 128 validators, with every certificate and a full proposal, takes under 64 KiB. */
export const COPY_BYTES = 131_072;
export const COPY_ALIGNMENT_BYTES = 4_096;
export const SLOTS = 2;
const COPIES_PER_SLOT = 2;
export const SLOT_BYTES = COPIES_PER_SLOT * COPY_BYTES;
export const JOURNAL_BYTES = SLOTS * SLOT_BYTES;
export const SESSION_BYTES = 16;

const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 32;
const PREFIX_BYTES = LENGTH_BYTES + CHECKSUM_BYTES;

/** Whose journal it is. */
export interface JournalBinding {
  readonly genesisHash: Hash;
  readonly address: Address;
}

/** What a copy holds. */
export interface JournalEntry extends JournalBinding {
  /** Grows by one with each record; 0 is the one that is made together with the key. */
  readonly sequence: number;
  /** Drawn anew each time the journal is opened, and noted in the marker: an older copy of the file has another one. */
  readonly session: Uint8Array;
  readonly payload: Uint8Array;
}

/** Where a record stands. */
export function slotPosition(sequence: number): number {
  return (sequence % SLOTS) * SLOT_BYTES;
}

/** Where a copy of `copyBytes` begins in its slot. */
export function copyOffset(copy: number, copyBytes: number): number {
  return copy * aligned(copyBytes);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / COPY_ALIGNMENT_BYTES) * COPY_ALIGNMENT_BYTES;
}

/** Both copies of a record, as they stand in its slot. @throws JournalError `JOURNAL_RECORD_TOO_LARGE` */
export function encodeCopies(entry: JournalEntry): Uint8Array {
  const copy = encodeCopy(entry);
  const second = copyOffset(1, copy.length);
  const copies = new Uint8Array(second + copy.length);
  copies.set(copy);
  copies.set(copy, second);
  return copies;
}

/** The bytes of one copy. @throws JournalError `JOURNAL_RECORD_TOO_LARGE` */
export function encodeCopy(entry: JournalEntry): Uint8Array {
  const body = encode([
    VERSION_ITEM,
    hashItem(entry.genesisHash, 'genesisHash'),
    addressItem(entry.address, 'address'),
    fixedItem(entry.session, SESSION_BYTES, 'session'),
    uintItem(entry.sequence, 'sequence'),
    entry.payload,
  ]);
  if (PREFIX_BYTES + body.length > COPY_BYTES) {
    throw new JournalError('JOURNAL_RECORD_TOO_LARGE', `a record takes ${body.length} bytes`, {
      expected: `at most ${COPY_BYTES - PREFIX_BYTES} bytes`,
      actual: `${body.length}`,
    });
  }
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, body.length);
  return concatBytes(length, nativeSha256(body), body);
}

/** Reads the copy at the start of `bytes`; undefined unless it is whole. */
function decodeCopy(bytes: Uint8Array): { readonly entry: JournalEntry; readonly sizeBytes: number } | undefined {
  if (bytes.length < PREFIX_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
  if (length === 0 || length > bytes.length - PREFIX_BYTES) return undefined;
  const body = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length);
  if (!equalBytes(nativeSha256(body), bytes.subarray(LENGTH_BYTES, PREFIX_BYTES))) return undefined;
  try {
    return { entry: decodeBody(body), sizeBytes: PREFIX_BYTES + length };
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}

function decodeBody(body: Uint8Array): JournalEntry {
  const list = openFormat(body, COPY_BYTES, 'journal');
  const entry = {
    genesisHash: readHash(list, 'genesisHash').slice(),
    address: readAddress(list, 'address'),
    session: list.fixed(SESSION_BYTES, 'session').slice(),
    sequence: readUint(list, 'sequence'),
    payload: list.bytes(COPY_BYTES, 'payload').slice(),
  };
  list.done('journal');
  return entry;
}

/** What a whole file says. */
export interface JournalReading {
  /** The newest record that is whole. */
  readonly entry: JournalEntry;
  /** The copy of it that is not whole, to be repaired from the other. */
  readonly badCopy: number | undefined;
}

/**
 * Finds the newest whole record. One bad copy is repaired; with both bad the write was torn before anything was
 * released, and the record before it counts. Undefined when the file cannot be what an interrupted write leaves behind.
 */
export function readJournal(bytes: Uint8Array): JournalReading | undefined {
  if (bytes.length !== JOURNAL_BYTES) return undefined;
  const copies = [0, 1].flatMap((slot) => readSlot(bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES), slot));
  const [first, ...others] = copies;
  if (first === undefined) return undefined;
  const newest = others.reduce((best, copy) => (copy.entry.sequence > best.entry.sequence ? copy : best), first);
  const { sequence } = newest.entry;
  if (sequence % SLOTS !== newest.slot || copies.some((copy) => isForeign(copy, newest))) return undefined;
  if (newest.offset > 0 && !isVouchedFor(newest, copies, bytes)) return undefined;
  const isWhole = (copy: number): boolean => {
    const offset = copyOffset(copy, newest.sizeBytes);
    return copies.some(
      (each) => each.slot === newest.slot && each.offset === offset && each.entry.sequence === sequence,
    );
  };
  return { entry: newest.entry, badCopy: [0, 1].find((copy) => !isWhole(copy)) };
}

/**
 * On the other side a whole record can only be the one before: anything else was put together by hand. Behind the beginning of a
 * slot older ones may be left over from longer records.
 */
function isForeign({ slot, offset, entry }: CopyReading, newest: CopyReading): boolean {
  return slot !== newest.slot && offset === 0 && entry.sequence !== newest.entry.sequence - 1;
}

/**
 * A copy behind the beginning of its slot may be the second one of the newest record, or a leftover of an older one. It is the
 * second one where the record before it stands whole on the other side, or where that side was never written.
 */
function isVouchedFor({ slot, entry }: CopyReading, copies: readonly CopyReading[], bytes: Uint8Array): boolean {
  const other = SLOTS - 1 - slot;
  if (entry.sequence === 0)
    return bytes.subarray(other * SLOT_BYTES, (other + 1) * SLOT_BYTES).every((byte) => byte === 0);
  return copies.some((copy) => copy.slot === other && copy.offset === 0 && copy.entry.sequence === entry.sequence - 1);
}

interface CopyReading {
  readonly slot: number;
  /** Within the slot. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly entry: JournalEntry;
}

/** The whole copies in a slot: one that is not whole does not say where the next begins. */
function readSlot(bytes: Uint8Array, slot: number): CopyReading[] {
  const copies: CopyReading[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const found = decodeCopy(bytes.subarray(offset, offset + COPY_BYTES));
    if (found !== undefined) copies.push({ slot, offset, ...found });
    offset += aligned(found?.sizeBytes ?? 1);
  }
  return copies;
}
