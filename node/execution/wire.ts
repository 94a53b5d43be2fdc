import type { Address } from '../../primitives/types.js';
import type { IncludedTransaction, SenderReference } from './types.js';

/**
 * How values cross the border of the executor's thread. A structured clone of a view copies the whole buffer behind it,
 * and a message of ten thousand objects costs more than the work it asks for: so bytes are owned, and lists are packed.
 */

/** Many byte strings in one buffer. */
export interface PackedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

export function packBytes(items: readonly Uint8Array[]): PackedBytes {
  const ends = new Uint32Array(items.length);
  let end = 0;
  items.forEach((item, index) => {
    end += item.length;
    ends[index] = end;
  });
  const bytes = new Uint8Array(end);
  items.forEach((item, index) => {
    bytes.set(item, (ends[index] as number) - item.length);
  });
  return { bytes, ends };
}

/** Views of the packed buffer. */
export function unpackBytes({ bytes, ends }: PackedBytes): Uint8Array[] {
  return Array.from(ends, (end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** What a message may hand over instead of copying it. */
export function buffersOf(packed: PackedBytes): ArrayBuffer[] {
  return [packed.bytes.buffer, packed.ends.buffer];
}

/** Transactions of a block in one buffer, row after row; the few codes that they ended with stand beside it. */
export interface PackedIncluded {
  readonly rows: Uint8Array<ArrayBuffer>;
  /** Distinct ones; empty for a success. */
  readonly codes: readonly string[];
}

// A row: these fields at their offsets, little endian, then the reference.
const ROW = { id: 0, sender: 32, expiresAt: 74, fuelUsed: 82, sizeBytes: 90, code: 94, urgent: 98, referenceBytes: 99 };
const ROW_BYTES = 100;
const HASH_BYTES = 32;
const ADDRESS_CHARACTERS = 42;

export function packIncluded(included: readonly IncludedTransaction[]): PackedIncluded {
  const codes = new Map<string, number>();
  const rows = new Uint8Array(included.reduce((sum, { reference }) => sum + ROW_BYTES + reference.length, 0));
  const view = new DataView(rows.buffer);
  const text = Buffer.from(rows.buffer);
  let at = 0;
  for (const { id, sender, reference, expiresAt, code, priority, fuelUsed, sizeBytes } of included) {
    if (!codes.has(code)) codes.set(code, codes.size);
    rows.set(id, at + ROW.id);
    text.write(sender, at + ROW.sender, ADDRESS_CHARACTERS, 'latin1');
    view.setFloat64(at + ROW.expiresAt, expiresAt, true);
    view.setFloat64(at + ROW.fuelUsed, fuelUsed, true);
    view.setUint32(at + ROW.sizeBytes, sizeBytes, true);
    view.setUint32(at + ROW.code, codes.get(code) as number, true);
    rows[at + ROW.urgent] = priority === 'urgent' ? 1 : 0;
    rows[at + ROW.referenceBytes] = reference.length;
    rows.set(reference, at + ROW_BYTES);
    at += ROW_BYTES + reference.length;
  }
  return { rows, codes: [...codes.keys()] };
}

/** Ids and references are views of the packed buffer. */
export function unpackIncluded({ rows, codes }: PackedIncluded): IncludedTransaction[] {
  const view = new DataView(rows.buffer);
  const text = Buffer.from(rows.buffer);
  const included: IncludedTransaction[] = [];
  for (let at = 0; at < rows.length; ) {
    const next = at + ROW_BYTES + (rows[at + ROW.referenceBytes] as number);
    const code = codes[view.getUint32(at + ROW.code, true)] as string;
    included.push({
      id: rows.subarray(at, at + HASH_BYTES),
      sender: text.toString('latin1', at + ROW.sender, at + ROW.sender + ADDRESS_CHARACTERS) as Address,
      reference: rows.subarray(at + ROW_BYTES, next),
      expiresAt: view.getFloat64(at + ROW.expiresAt, true),
      success: code === '',
      code,
      priority: rows[at + ROW.urgent] === 1 ? 'urgent' : 'normal',
      fuelUsed: view.getFloat64(at + ROW.fuelUsed, true),
      sizeBytes: view.getUint32(at + ROW.sizeBytes, true),
    });
    at = next;
  }
  return included;
}

export interface PackedReferences {
  /** Their senders, one after the other. */
  readonly senders: string;
  readonly references: PackedBytes;
}

export function packReferences(asked: readonly SenderReference[]): PackedReferences {
  const senders = asked.map(({ sender }) => sender).join('');
  return { senders, references: packBytes(asked.map(({ reference }) => reference)) };
}

export function unpackReferences({ senders, references }: PackedReferences): SenderReference[] {
  return unpackBytes(references).map((reference, index) => {
    const from = index * ADDRESS_CHARACTERS;
    return { sender: senders.slice(from, from + ADDRESS_CHARACTERS) as Address, reference };
  });
}

/** The same value with every view of a larger buffer replaced by a copy of its own bytes. Plain objects and arrays only. */
export function ownBytes<T>(value: T): T {
  return own(value) as T;
}

function own(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    const isWhole = value.byteLength === value.buffer.byteLength && value.constructor === Uint8Array;
    return isWhole ? value : new Uint8Array(value);
  }
  if (Array.isArray(value)) return value.map(own);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, own(field)]));
}
