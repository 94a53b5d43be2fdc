import type { StateKey } from '../../contracts/api/host.js';
import { byteString, MAX_STATE_KEY_BYTES, type RowCodec, requireRange } from './rowCodec.js';
import type { KeyChunk, StoredValue, ValueChange } from './types.js';

/** A value that the ordered index has beside its key is no longer: its length stands in a byte, and a row of many keys stays small. */
export const MAX_LISTED_BYTES = 64;

const APART = 0;
const LISTED = 1;

/** Whether it is listed in one byte, then the value. */
export const storedValueCodec: RowCodec<StoredValue> = {
  encode: ({ value, isListed }) => {
    const bytes = new Uint8Array(1 + value.length);
    bytes[0] = isListed ? LISTED : APART;
    bytes.set(value, 1);
    return bytes;
  },
  decode: (bytes) => ({ value: bytes.subarray(1), isListed: bytes[0] === LISTED }),
};

/** In the place of a listed value's length: it stands in the key's own row alone. */
const NOT_LISTED = 0xff;

/** How many keys in two bytes; of each its length in two, the key, the length of its value in one, the value where it is listed. */
export const keyChunkCodec: RowCodec<KeyChunk> = {
  encode: ({ keys, values }) => {
    let length = 2;
    for (const [index, key] of keys.entries()) {
      requireRange('the length of a state key', key.length, 0, MAX_STATE_KEY_BYTES);
      const valueBytes = values[index]?.length ?? 0;
      requireRange('the length of a listed value', valueBytes, 0, MAX_LISTED_BYTES);
      length += 3 + key.length + valueBytes;
    }
    const bytes = Buffer.allocUnsafe(length);
    let offset = bytes.writeUInt16BE(keys.length, 0);
    for (const [index, key] of keys.entries()) {
      offset = bytes.writeUInt16BE(key.length, offset);
      offset += bytes.write(key, offset, 'latin1');
      const value = values[index];
      bytes[offset++] = value?.length ?? NOT_LISTED;
      if (value === undefined) continue;
      bytes.set(value, offset);
      offset += value.length;
    }
    return bytes;
  },
  decode: (bytes) => {
    const text = byteString(bytes);
    const count = uint16(bytes, 0);
    const keys: StateKey[] = [];
    const values: (Uint8Array | undefined)[] = [];
    for (let index = 0, offset = 2; index < count; index++) {
      const keyEnd = offset + 2 + uint16(bytes, offset);
      keys.push(text.slice(offset + 2, keyEnd));
      const valueBytes = bytes[keyEnd] as number;
      offset = keyEnd + 1;
      if (valueBytes === NOT_LISTED) {
        values.push(undefined);
        continue;
      }
      values.push(bytes.subarray(offset, offset + valueBytes));
      offset += valueBytes;
    }
    return { keys, values };
  },
};

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

/** In the place of a value's length in the log: there is no value, or it stands in the key's own row. */
const NO_VALUE = 0xffffffff;
const VALUE_IN_ROW = 0xfffffffe;
/** Beside the length of one that is listed. */
const LISTED_BIT = 0x80000000;

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
    for (const { key, value, isListed, isInRow } of changes) {
      offset = bytes.writeUInt16BE(key.length, offset);
      const valueLength = value === undefined ? NO_VALUE : value.length + (isListed === true ? LISTED_BIT : 0);
      offset = bytes.writeUInt32BE(isInRow === true ? VALUE_IN_ROW : valueLength, offset);
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
        const isListed = valueLength >= LISTED_BIT;
        offset += isListed ? valueLength - LISTED_BIT : valueLength;
        const value = bytes.subarray(keyEnd, offset);
        changes.push(isListed ? { key, value, isListed } : { key, value });
      }
    }
    return changes;
  },
};
