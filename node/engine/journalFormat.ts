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
import { JournalError } from './errors.js';
import { nativeSha256 } from './nativeSha256.js';

/**
 * Two slots, each with two copies of one record: slot (sequence mod 2) takes the record, so that the one before it stays
 * whole while the new one is written. A copy is its length (4 bytes), the SHA-256 of its body, and its body.
 */

/** A record at 128 validators, with every certificate and a full proposal, takes under 64 KiB. */
export const COPY_BYTES = 131_072;
export const COPIES_PER_SLOT = 2;
export const SLOTS = 2;
export const JOURNAL_BYTES = SLOTS * COPIES_PER_SLOT * COPY_BYTES;
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

export function slotPosition(slot: number, copy: number): number {
  return (slot * COPIES_PER_SLOT + copy) * COPY_BYTES;
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
export function decodeCopy(bytes: Uint8Array): JournalEntry | undefined {
  if (bytes.length < PREFIX_BYTES) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
  if (length === 0 || length > bytes.length - PREFIX_BYTES) return undefined;
  const body = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length);
  if (!equalBytes(nativeSha256(body), bytes.subarray(LENGTH_BYTES, PREFIX_BYTES))) return undefined;
  try {
    return decodeBody(body);
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
  const slots = [0, 1].map((slot) => readSlot(bytes, slot));
  const [newest, other] = [...slots].sort((a, b) => sequenceOf(b) - sequenceOf(a));
  if (newest?.entry === undefined || other === undefined) return undefined;
  const { entry } = newest;
  if (entry.sequence % SLOTS !== newest.slot) return undefined;
  // A whole record on the other side can only be the one before: anything else was put together by hand.
  if (other.entry !== undefined && other.entry.sequence !== entry.sequence - 1) return undefined;
  return { entry, badCopy: newest.badCopy };
}

interface SlotReading {
  readonly slot: number;
  readonly entry: JournalEntry | undefined;
  readonly badCopy: number | undefined;
}

function sequenceOf({ entry }: SlotReading): number {
  return entry?.sequence ?? -1;
}

function readSlot(bytes: Uint8Array, slot: number): SlotReading {
  const [first, second] = [0, 1].map((copy) => {
    const start = slotPosition(slot, copy);
    return decodeCopy(bytes.subarray(start, start + COPY_BYTES));
  });
  if (first === undefined) return { slot, entry: second, badCopy: second === undefined ? undefined : 0 };
  if (second === undefined || second.sequence < first.sequence) return { slot, entry: first, badCopy: 1 };
  if (first.sequence < second.sequence) return { slot, entry: second, badCopy: 0 };
  return { slot, entry: first, badCopy: undefined };
}
