import type { StateKey } from '../../contracts/api/host.js';
import type { Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { MAX_STATE_DEPTH, statePathBytes } from '../../primitives/stateTree.js';
import type { PageKey, TransactionPosition, ValueChange } from './types.js';

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

/** How many keys, the length of each in two bytes, the keys. */
export const stateKeysCodec: RowCodec<readonly StateKey[]> = {
  encode: (keys) => {
    const encoded = keys.map((key) => stateKeyCodec.encode(key));
    const bytes = new Uint8Array(encoded.reduce((total, key) => total + 2 + key.length, 2));
    let offset = writeUint(bytes, 0, keys.length, 2);
    for (const key of encoded) {
      offset = writeUint(bytes, offset, key.length, 2);
      bytes.set(key, offset);
      offset += key.length;
    }
    return bytes;
  },
  decode: (bytes) => {
    const text = stateKeyCodec.decode(bytes);
    const keys: StateKey[] = [];
    for (let count = readUint(bytes, 0, 2), offset = 2; count > 0; count--) {
      const end = offset + 2 + readUint(bytes, offset, 2);
      keys.push(text.slice(offset + 2, end));
      offset = end;
    }
    return keys;
  },
};

/** In the place of a value's length: there is no value, or it stands in the key's own row. */
const NO_VALUE = 0xffffffff;
const VALUE_IN_ROW = 0xfffffffe;

/** How many in four bytes; of each the length of the key in two and that of the value in four, the key, the value where it stands here. */
export const valueChangesCodec: RowCodec<readonly ValueChange[]> = {
  encode: (changes) => {
    let length = 4;
    for (const { key, value } of changes) {
      requireRange('the length of a state key', key.length, 0, MAX_STATE_KEY_BYTES);
      length += 6 + key.length + (value?.length ?? 0);
    }
    const bytes = Buffer.allocUnsafe(length);
    let offset = bytes.writeUInt32BE(changes.length, 0);
    for (const { key, value, isInRow } of changes) {
      offset = bytes.writeUInt16BE(key.length, offset);
      offset = bytes.writeUInt32BE(isInRow === true ? VALUE_IN_ROW : (value?.length ?? NO_VALUE), offset);
      offset += bytes.write(key, offset, 'latin1');
      if (value === undefined) continue;
      bytes.set(value, offset);
      offset += value.length;
    }
    return bytes;
  },
  decode: (bytes) => {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const changes: ValueChange[] = [];
    for (let count = view.readUInt32BE(0), offset = 4; count > 0; count--) {
      const keyEnd = offset + 6 + view.readUInt16BE(offset);
      const valueLength = view.readUInt32BE(offset + 2);
      const key = view.toString('latin1', offset + 6, keyEnd);
      offset = keyEnd;
      if (valueLength === VALUE_IN_ROW) changes.push({ key, value: undefined, isInRow: true });
      else if (valueLength === NO_VALUE) changes.push({ key, value: undefined });
      else {
        offset += valueLength;
        changes.push({ key, value: bytes.subarray(keyEnd, offset) });
      }
    }
    return changes;
  },
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
