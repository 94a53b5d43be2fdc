import * as zlib from 'node:zlib';
import type { RowScratch } from './rowScratch.js';

/** Bytes that a row's checksum takes after its value. */
export const CHECKSUM_BYTES = 4;

/** Below this many bytes a loop is faster than the way into native code (measured: 0.2 µs against 0.27 µs at 72). */
const NATIVE_FROM_BYTES = 96;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** CRC-32 (ISO 3309) of the bytes, going on from that of what stands before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  // Node has it natively from 20.15 and 22.2 on.
  return bytes.length >= NATIVE_FROM_BYTES && zlib.crc32 !== undefined
    ? zlib.crc32(bytes, before)
    : crc32InJavaScript(bytes, before);
}

export function crc32InJavaScript(bytes: Uint8Array, before = 0): number {
  let rest = ~before;
  for (let i = 0; i < bytes.length; i++) {
    rest = (TABLE[(rest ^ (bytes[i] as number)) & 0xff] as number) ^ (rest >>> 8);
  }
  return ~rest >>> 0;
}

/**
 * The value with the checksum of key and value after it: a value under another key does not pass either.
 *
 * @param scratch where the row may stand, until that is written to again
 */
export function sealRow(key: Uint8Array, value: Uint8Array, scratch?: RowScratch): Uint8Array {
  const length = value.length + CHECKSUM_BYTES;
  const row = scratch?.first(length) ?? new Uint8Array(length);
  row.set(value, 0);
  const checksum = crc32(value, crc32(key));
  row[value.length] = checksum >>> 24;
  row[value.length + 1] = checksum >>> 16;
  row[value.length + 2] = checksum >>> 8;
  row[value.length + 3] = checksum;
  return row;
}

/** The value of a row, as a view; undefined when its checksum does not fit. */
export function openRow(key: Uint8Array, row: Uint8Array): Uint8Array | undefined {
  const length = row.length - CHECKSUM_BYTES;
  if (length < 0) return undefined;
  const value = new Uint8Array(row.buffer, row.byteOffset, length);
  const stored =
    (((row[length] as number) << 24) |
      ((row[length + 1] as number) << 16) |
      ((row[length + 2] as number) << 8) |
      (row[length + 3] as number)) >>>
    0;
  return crc32(value, crc32(key)) === stored ? value : undefined;
}
