import { addressFromBytes, parseAddress, toChecksum } from '../../primitives/address.js';
import { fromHex, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { RlpReader } from '../../primitives/rlp.js';
import type { Address } from '../../primitives/types.js';
import { bytesSize, writeBytes } from './rlpScalar.js';
import { type Json, type JsonSchema, KeySchema, mismatch } from './schema.js';
import { ADDRESS_JSON, bytesJson, hexJson } from './schemaJson.js';

const ADDRESS_BYTES = 20;
const ADDRESS_SIZE = 1 + ADDRESS_BYTES;

const ADDRESS_FORM = '0x and 40 lower-case digits';
const ADDRESS_CHARACTERS = 2 + 2 * ADDRESS_BYTES;
/** No digit: it has a bit above the four of a digit's value. */
const NO_DIGIT = 0x10;

/** Value of each lower-case hexadecimal digit by its character code. */
const DIGITS: readonly number[] = Array.from({ length: 256 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value < 0 ? NO_DIGIT : value;
});

/**
 * The bytes of an address, put into `target` from `offset` on. Digits are read and checked in one pass: addresses are
 * most of what a payment holds.
 */
function putAddress(address: Address, target: number[] | Uint8Array, offset: number): void {
  if (typeof address !== 'string' || address.length !== ADDRESS_CHARACTERS || !address.startsWith('0x')) {
    throw mismatch(ADDRESS_FORM, address);
  }
  let seen = 0;
  for (let i = 0; i < ADDRESS_BYTES; i++) {
    const high = DIGITS[address.charCodeAt(2 + 2 * i)] ?? NO_DIGIT;
    const low = DIGITS[address.charCodeAt(3 + 2 * i)] ?? NO_DIGIT;
    seen |= high | low;
    target[offset + i] = (high << 4) | low;
  }
  if (seen >= NO_DIGIT) throw mismatch(ADDRESS_FORM, address);
}

/** An address: 20 bytes, EIP-55 in JSON; read in any of the forms that people write. */
export class AddressSchema extends KeySchema<Address> {
  size(value: Address): number {
    if (typeof value !== 'string') throw mismatch(ADDRESS_FORM, value);
    return ADDRESS_SIZE;
  }
  write(value: Address, target: Uint8Array, offset: number): number {
    target[offset] = 0x80 + ADDRESS_BYTES;
    putAddress(value, target, offset + 1);
    return offset + ADDRESS_SIZE;
  }
  read(reader: RlpReader): Address {
    return reader.fixedHex(ADDRESS_BYTES);
  }
  parseJson(json: unknown, path?: string): Address {
    if (typeof json !== 'string') throw mismatch('an address of 0x and 40 digits', json, path);
    try {
      return parseAddress(json);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      throw mismatch(error.details.expected ?? 'an address', json, path);
    }
  }
  toJson(value: Address): Json {
    return toChecksum(value);
  }
  schema(): JsonSchema {
    return ADDRESS_JSON;
  }
  encodeKey(value: Address): string {
    const bytes = new Array<number>(ADDRESS_BYTES);
    putAddress(value, bytes, 0);
    return String.fromCharCode.apply(null, bytes);
  }
  keyEnd(_key: string, offset: number): number {
    return offset + ADDRESS_BYTES;
  }
  decodeKey(part: string): Address {
    return addressFromBytes(byteStringBytes(part));
  }
}

function byteStringBytes(part: string): Uint8Array {
  const bytes = new Uint8Array(part.length);
  for (let i = 0; i < part.length; i++) bytes[i] = part.charCodeAt(i);
  return bytes;
}

/** Bytes between two lengths, hexadecimal with 0x in JSON. */
export class BytesSchema extends KeySchema<Uint8Array> {
  readonly #min: number;
  readonly #max: number;

  constructor(max: number, min: number) {
    super();
    if (!Number.isSafeInteger(max) || min < 0 || min > max) throw mismatch('0 ≤ min ≤ max', max);
    this.#min = min;
    this.#max = max;
  }
  size(value: Uint8Array): number {
    return bytesSize(this.#check(value));
  }
  write(value: Uint8Array, target: Uint8Array, offset: number): number {
    return writeBytes(value, target, offset);
  }
  read(reader: RlpReader): Uint8Array {
    // A copy: the value may outlive the input, and must not change with it.
    return this.#check(reader.bytes(this.#max)).slice();
  }
  parseJson(json: unknown, path?: string): Uint8Array {
    if (json instanceof Uint8Array) return this.#check(json, path);
    if (typeof json !== 'string') throw mismatch('hexadecimal with 0x', json, path);
    try {
      return this.#check(fromHex(json), path);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      throw mismatch(error.details.expected ?? 'hexadecimal with 0x', json, path);
    }
  }
  toJson(value: Uint8Array): Json {
    return toHex(value);
  }
  schema(): JsonSchema {
    return bytesJson(this.#max, this.#min);
  }
  /** Zero bytes become 00 ff and the end is 00 01, so that no key is the start of another; fixed lengths stand bare. */
  encodeKey(value: Uint8Array): string {
    let key = '';
    for (const byte of this.#check(value)) {
      key += byte === 0 && this.#min !== this.#max ? '\x00\xff' : String.fromCharCode(byte);
    }
    return this.#min === this.#max ? key : `${key}\x00\x01`;
  }
  keyEnd(key: string, offset: number): number {
    return this.#min === this.#max ? offset + this.#max : key.indexOf('\x00\x01', offset) + 2;
  }
  decodeKey(part: string): Uint8Array {
    return byteStringBytes(this.#min === this.#max ? part : part.slice(0, -2).replaceAll('\x00\xff', '\x00'));
  }

  #check(value: unknown, path?: string): Uint8Array {
    if (value instanceof Uint8Array && value.length >= this.#min && value.length <= this.#max) return value;
    const size = this.#min === this.#max ? `${this.#max}` : `${this.#min} to ${this.#max}`;
    throw mismatch(`${size} bytes`, value, path);
  }
}

/** Bytes of a fixed length that stand as lower-case hexadecimal in code, too. */
export class HexSchema extends KeySchema<Hex> {
  readonly #bytes: BytesSchema;
  readonly #lengthBytes: number;

  constructor(lengthBytes: number) {
    super();
    this.#lengthBytes = lengthBytes;
    this.#bytes = new BytesSchema(lengthBytes, lengthBytes);
  }
  size(value: Hex): number {
    return this.#bytes.size(this.#bytes.parseJson(value));
  }
  write(value: Hex, target: Uint8Array, offset: number): number {
    return this.#bytes.write(fromHex(value), target, offset);
  }
  read(reader: RlpReader): Hex {
    return toHex(this.#bytes.read(reader));
  }
  parseJson(json: unknown, path?: string): Hex {
    return toHex(this.#bytes.parseJson(json, path));
  }
  toJson(value: Hex): Json {
    return value;
  }
  schema(): JsonSchema {
    return hexJson(this.#lengthBytes);
  }
  encodeKey(value: Hex): string {
    return this.#bytes.encodeKey(this.#bytes.parseJson(value));
  }
  keyEnd(key: string, offset: number): number {
    return this.#bytes.keyEnd(key, offset);
  }
  decodeKey(part: string): Hex {
    return toHex(this.#bytes.decodeKey(part));
  }
}
