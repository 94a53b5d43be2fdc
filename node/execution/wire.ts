import type { Hash } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import type { IncludedTransaction } from './types.js';

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

export interface PackedIncluded {
  readonly ids: PackedBytes;
  readonly senders: readonly Address[];
  readonly references: PackedBytes;
  readonly expiresAt: Float64Array<ArrayBuffer>;
  /** Empty for a success. */
  readonly codes: readonly string[];
  /** 1 for an urgent one. */
  readonly urgent: Uint8Array<ArrayBuffer>;
  readonly fuelUsed: Float64Array<ArrayBuffer>;
  readonly sizeBytes: Uint32Array<ArrayBuffer>;
}

export function packIncluded(included: readonly IncludedTransaction[]): PackedIncluded {
  return {
    ids: packBytes(included.map(({ id }) => id)),
    senders: included.map(({ sender }) => sender),
    references: packBytes(included.map(({ reference }) => reference)),
    expiresAt: Float64Array.from(included, ({ expiresAt }) => expiresAt),
    codes: included.map(({ code }) => code),
    urgent: Uint8Array.from(included, ({ priority }) => (priority === 'urgent' ? 1 : 0)),
    fuelUsed: Float64Array.from(included, ({ fuelUsed }) => fuelUsed),
    sizeBytes: Uint32Array.from(included, ({ sizeBytes }) => sizeBytes),
  };
}

export function unpackIncluded(packed: PackedIncluded): IncludedTransaction[] {
  const ids = unpackBytes(packed.ids);
  const references = unpackBytes(packed.references);
  return ids.map((id: Hash, index) => {
    const code = packed.codes[index] as string;
    return {
      id,
      sender: packed.senders[index] as Address,
      reference: references[index] as Uint8Array,
      expiresAt: packed.expiresAt[index] as number,
      success: code === '',
      code,
      priority: packed.urgent[index] === 1 ? 'urgent' : 'normal',
      fuelUsed: packed.fuelUsed[index] as number,
      sizeBytes: packed.sizeBytes[index] as number,
    };
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
