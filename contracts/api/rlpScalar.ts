import { prefixLength, writePrefix } from '../../primitives/rlp.js';

/** Sizes and writes RLP byte strings in place, without arrays in between: the encoder's half of the hot path. */

const TWO_32 = 0x1_0000_0000;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const CHUNK_BITS = 48n;
const CHUNK_MASK = (1n << CHUNK_BITS) - 1n;

/** Bytes of an integer from 0 to 2^53 - 1 without leading zeros. */
function uintBytes(value: number): number {
  let length = 0;
  let rest = value;
  if (rest >= TWO_32) {
    rest = Math.floor(rest / TWO_32);
    length = 4;
  }
  for (; rest > 0; rest >>>= 8) length++;
  return length;
}

function writeUintBytes(value: number, target: Uint8Array, offset: number, length: number): number {
  let low = value >= TWO_32 ? value % TWO_32 : value;
  let high = value >= TWO_32 ? (value - low) / TWO_32 : 0;
  for (let i = length - 1; i >= 0; i--) {
    target[offset + i] = low & 0xff;
    low >>>= 8;
    if (i === length - 4) {
      low = high;
      high = 0;
    }
  }
  return offset + length;
}

/** RLP bytes of an integer from 0 to 2^53 - 1. */
export function uintSize(value: number): number {
  return value < 0x80 ? 1 : 1 + uintBytes(value);
}

export function writeUint(value: number, target: Uint8Array, offset: number): number {
  if (value < 0x80) {
    target[offset] = value === 0 ? 0x80 : value;
    return offset + 1;
  }
  const length = uintBytes(value);
  target[offset] = 0x80 + length;
  return writeUintBytes(value, target, offset + 1, length);
}

function bigintBytes(value: bigint): number {
  let length = 0;
  let rest = value;
  for (; rest > SAFE; rest >>= CHUNK_BITS) length += 6;
  return length + uintBytes(Number(rest));
}

/** RLP bytes of an integer from 0 to 2^128 - 1. */
export function bigintSize(value: bigint): number {
  return value <= SAFE ? uintSize(Number(value)) : 1 + bigintBytes(value);
}

export function writeBigint(value: bigint, target: Uint8Array, offset: number): number {
  if (value <= SAFE) return writeUint(Number(value), target, offset);
  const length = bigintBytes(value);
  target[offset] = 0x80 + length;
  let end = offset + 1 + length;
  let rest = value;
  for (; rest > SAFE; rest >>= CHUNK_BITS) {
    end -= 6;
    writeUintBytes(Number(rest & CHUNK_MASK), target, end, 6);
  }
  writeUintBytes(Number(rest), target, offset + 1, end - offset - 1);
  return offset + 1 + length;
}

/** RLP bytes of a byte string; `first` is its first byte. */
export function stringSize(length: number, first: number): number {
  return length === 1 && first < 0x80 ? 1 : prefixLength(length) + length;
}

/** Writes the prefix of a byte string, where it has one. @returns the offset of its first byte. */
export function writeStringPrefix(length: number, first: number, target: Uint8Array, offset: number): number {
  return length === 1 && first < 0x80 ? offset : writePrefix(target, offset, length, 0x80);
}

export function bytesSize(bytes: Uint8Array): number {
  return stringSize(bytes.length, bytes[0] ?? 0);
}

export function writeBytes(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  const start = writeStringPrefix(bytes.length, bytes[0] ?? 0, target, offset);
  target.set(bytes, start);
  return start + bytes.length;
}
