import type { StateKey } from '../../contracts/api/host.js';
import type { Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { MAX_STATE_DEPTH, statePathBytes } from '../../primitives/stateTree.js';
import type { PageKey, TransactionPosition } from './types.js';

/** How a value of one type stands in a row. Keys keep their order: integers are big-endian and of fixed length. */
export interface RowCodec<T> {
  encode(value: T): Uint8Array;
  /** The same into memory that is there; undefined, and nothing counts, where it has no room. @returns the offset after it */
  encodeInto?(value: T, target: Uint8Array, offset: number): number | undefined;
  decode(bytes: Uint8Array): T;
}

const HEIGHT_BYTES = 6;
const MAX_HEIGHT = 2 ** 48 - 1;
const HASH_BYTES = 32;
/** A key of the state is at most so long: names of a contract, a map and an entry. */
export const MAX_STATE_KEY_BYTES = 1_024;

/** A row that could be taken for another one is never written. @throws InvariantError */
export function requireRange(what: string, value: number, min: number, max: number): void {
  // The message is made only when it is needed: this stands before every row.
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  invariant(false, `${what} is out of its range`, { expected: `an integer from ${min} to ${max}`, actual: `${value}` });
}

/** The bytes as a string in which each character stands for one: a key of a Map, or of the state. */
export function byteString(bytes: Uint8Array): string {
  // A third of what a Buffer over the same bytes costs, of which a payment takes several.
  return Buffer.prototype.latin1Slice.call(bytes, 0, bytes.length);
}

/** Writes an unsigned integer, big-endian. @returns the offset after it */
export function writeUint(target: Uint8Array, offset: number, value: number, lengthBytes: number): number {
  for (let i = offset + lengthBytes - 1, rest = value; i >= offset; i--, rest = Math.floor(rest / 256)) {
    target[i] = rest % 256;
  }
  return offset + lengthBytes;
}

export function readUint(bytes: Uint8Array, offset: number, lengthBytes: number): number {
  let value = 0;
  for (let i = offset; i < offset + lengthBytes; i++) value = value * 256 + (bytes[i] as number);
  return value;
}

export const rawCodec: RowCodec<Uint8Array> = {
  encode: (bytes) => bytes,
  encodeInto: (bytes, target, offset) => {
    if (offset + bytes.length > target.length) return undefined;
    target.set(bytes, offset);
    return offset + bytes.length;
  },
  decode: (bytes) => bytes,
};

export const hashCodec: RowCodec<Hash> = {
  encode: (hash) => {
    requireRange('the length of a hash', hash.length, HASH_BYTES, HASH_BYTES);
    return hash;
  },
  decode: (bytes) => bytes,
};

export const heightCodec: RowCodec<number> = {
  encode: (height) => {
    requireRange('a height', height, 0, MAX_HEIGHT);
    const bytes = new Uint8Array(HEIGHT_BYTES);
    writeUint(bytes, 0, height, HEIGHT_BYTES);
    return bytes;
  },
  decode: (bytes) => readUint(bytes, 0, HEIGHT_BYTES),
};

/** Height, then index in four bytes: in the order of the chain. */
export const positionCodec: RowCodec<TransactionPosition> = {
  encode: ({ height, index }) => {
    requireRange('a height', height, 0, MAX_HEIGHT);
    requireRange('an index', index, 0, 0xffffffff);
    const bytes = new Uint8Array(HEIGHT_BYTES + 4);
    writeUint(bytes, writeUint(bytes, 0, height, HEIGHT_BYTES), index, 4);
    return bytes;
  },
  decode: (bytes) => ({ height: readUint(bytes, 0, HEIGHT_BYTES), index: readUint(bytes, HEIGHT_BYTES, 4) }),
};

/** A key of the state as its bytes. @throws InvariantError when a character is no byte, or there are too many */
export const stateKeyCodec: RowCodec<StateKey> = {
  encode: (key) => {
    requireRange('the length of a state key', key.length, 0, MAX_STATE_KEY_BYTES);
    const bytes = new Uint8Array(key.length);
    writeStateKey(key, bytes, 0);
    return bytes;
  },
  encodeInto: (key, target, offset) => {
    requireRange('the length of a state key', key.length, 0, MAX_STATE_KEY_BYTES);
    return offset + key.length > target.length ? undefined : writeStateKey(key, target, offset);
  },
  decode: byteString,
};

function writeStateKey(key: StateKey, target: Uint8Array, offset: number): number {
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    if (code > 0xff) invariant(false, 'a state key is a string of bytes', { actual: `character ${code} at ${i}` });
    target[offset + i] = code;
  }
  return offset + key.length;
}

export const pageKeyCodec: RowCodec<PageKey> = {
  encode: ({ depth, path }) => {
    requireRange('a depth', depth, 0, MAX_STATE_DEPTH);
    requireRange('the length of a path', path.length, statePathBytes(depth), statePathBytes(depth));
    const bytes = new Uint8Array(2 + path.length);
    bytes.set(path, writeUint(bytes, 0, depth, 2));
    return bytes;
  },
  decode: (bytes) => ({ depth: readUint(bytes, 0, 2), path: bytes.slice(2) }),
};

export const dayHeightCodec: RowCodec<{ readonly day: number; readonly height: number }> = {
  encode: ({ day, height }) => {
    requireRange('a day', day, 0, 0xffffffff);
    requireRange('a height', height, 0, MAX_HEIGHT);
    const bytes = new Uint8Array(4 + HEIGHT_BYTES);
    writeUint(bytes, writeUint(bytes, 0, day, 4), height, HEIGHT_BYTES);
    return bytes;
  },
  decode: (bytes) => ({ day: readUint(bytes, 0, 4), height: readUint(bytes, 4, HEIGHT_BYTES) }),
};
