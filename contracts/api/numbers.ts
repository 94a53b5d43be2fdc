import { formatAmount, parseAmount } from '../../primitives/amount.js';
import { isCodedError } from '../../primitives/errors.js';
import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { RlpReader } from '../../primitives/rlp.js';
import { bigintSize, uintSize, writeBigint, writeUint } from './rlpScalar.js';
import { type Json, type JsonSchema, KeySchema, mismatch } from './schema.js';
import { AMOUNT_JSON, BOOL_JSON, enumJson, uintJson } from './schemaJson.js';

const AMOUNT_BYTES = 16;
const AMOUNT_RANGE = 'minor units from 0 to 2^128 - 1';

/** Big-endian bytes of a fixed width, so that the order of keys is the order of numbers. */
function fixedWidthKey(value: bigint, width: number): string {
  let key = '';
  for (let i = width - 1; i >= 0; i--) key += String.fromCharCode(Number((value >> BigInt(8 * i)) & 0xffn));
  return key;
}

function fixedWidthValue(part: string): bigint {
  let value = 0n;
  for (let i = 0; i < part.length; i++) value = (value << 8n) | BigInt(part.charCodeAt(i));
  return value;
}

/** Minor units of money or of an instrument: an integer of at most 128 bits, a decimal string in JSON. */
export class AmountSchema extends KeySchema<bigint> {
  size(value: bigint): number {
    if (typeof value !== 'bigint') throw mismatch(AMOUNT_RANGE, value);
    if (value < 0n || value > MAX_AMOUNT) throw mismatch(AMOUNT_RANGE, 'one outside', undefined, 'AMOUNT_OVERFLOW');
    return bigintSize(value);
  }
  write(value: bigint, target: Uint8Array, offset: number): number {
    return writeBigint(value, target, offset);
  }
  read(reader: RlpReader): bigint {
    return reader.bigint(AMOUNT_BYTES);
  }
  parseJson(json: unknown, path?: string): bigint {
    if (typeof json === 'bigint' && json >= 0n && json <= MAX_AMOUNT) return json;
    if (typeof json !== 'string') throw mismatch('minor units as a string of decimal digits', json, path);
    try {
      return parseAmount(json);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      throw mismatch(error.details.expected ?? AMOUNT_RANGE, json, path);
    }
  }
  toJson(value: bigint): Json {
    return formatAmount(value);
  }
  schema(): JsonSchema {
    return AMOUNT_JSON;
  }
  encodeKey(value: bigint): string {
    this.size(value);
    return fixedWidthKey(value, AMOUNT_BYTES);
  }
  keyEnd(_key: string, offset: number): number {
    return offset + AMOUNT_BYTES;
  }
  decodeKey(part: string): bigint {
    return fixedWidthValue(part);
  }
}

/** An integer from 0 to `max`, which is at most 2^53 - 1. */
export class UintSchema extends KeySchema<number> {
  readonly #max: number;
  readonly #keyBytes: number;

  constructor(max: number) {
    super();
    if (!Number.isSafeInteger(max) || max < 0) throw mismatch('a largest value from 0 to 2^53 - 1', max);
    this.#max = max;
    this.#keyBytes = Math.max(1, uintSize(max) - (max < 0x80 ? 0 : 1));
  }
  size(value: number): number {
    return uintSize(this.#check(value));
  }
  write(value: number, target: Uint8Array, offset: number): number {
    return writeUint(value, target, offset);
  }
  read(reader: RlpReader): number {
    return this.#check(reader.uint(7));
  }
  parseJson(json: unknown, path?: string): number {
    return this.#check(json, path);
  }
  toJson(value: number): Json {
    return value;
  }
  schema(): JsonSchema {
    return uintJson(this.#max);
  }
  encodeKey(value: number): string {
    return fixedWidthKey(BigInt(this.#check(value)), this.#keyBytes);
  }
  keyEnd(_key: string, offset: number): number {
    return offset + this.#keyBytes;
  }
  decodeKey(part: string): number {
    return Number(fixedWidthValue(part));
  }

  #check(value: unknown, path?: string): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= this.#max) {
      // Minus zero is zero, and only one of them has bytes.
      return value === 0 ? 0 : value;
    }
    throw mismatch(`an integer from 0 to ${this.#max}`, value, path);
  }
}

export class BoolSchema extends KeySchema<boolean> {
  size(value: boolean): number {
    this.parseJson(value);
    return 1;
  }
  write(value: boolean, target: Uint8Array, offset: number): number {
    return writeUint(value ? 1 : 0, target, offset);
  }
  read(reader: RlpReader): boolean {
    const value = reader.uint(1);
    if (value > 1) throw mismatch('0 or 1', value);
    return value === 1;
  }
  parseJson(json: unknown, path?: string): boolean {
    if (typeof json !== 'boolean') throw mismatch('true or false', json, path);
    return json;
  }
  toJson(value: boolean): Json {
    return value;
  }
  schema(): JsonSchema {
    return BOOL_JSON;
  }
  encodeKey(value: boolean): string {
    return this.parseJson(value) ? '\x01' : '\x00';
  }
  keyEnd(_key: string, offset: number): number {
    return offset + 1;
  }
  decodeKey(part: string): boolean {
    return part === '\x01';
  }
}

/** One of at most 256 names; its bytes are the name's position, so names may be appended, never moved. */
export class EnumSchema<N extends string> extends KeySchema<N> {
  readonly #names: readonly N[];
  readonly #positions: ReadonlyMap<unknown, number>;

  constructor(names: readonly N[]) {
    super();
    if (names.length === 0 || names.length > 256) throw mismatch('1 to 256 names', names);
    this.#names = [...names];
    this.#positions = new Map(names.map((name, position) => [name, position]));
    if (this.#positions.size !== names.length) throw mismatch('names that differ', names.join(', '));
  }
  size(value: N): number {
    return uintSize(this.#position(value));
  }
  write(value: N, target: Uint8Array, offset: number): number {
    return writeUint(this.#position(value), target, offset);
  }
  read(reader: RlpReader): N {
    return this.#name(reader.uint(1));
  }
  parseJson(json: unknown, path?: string): N {
    return this.#name(this.#position(json, path));
  }
  toJson(value: N): Json {
    return value;
  }
  schema(): JsonSchema {
    return enumJson(this.#names);
  }
  encodeKey(value: N): string {
    return String.fromCharCode(this.#position(value));
  }
  keyEnd(_key: string, offset: number): number {
    return offset + 1;
  }
  decodeKey(part: string): N {
    return this.#name(part.charCodeAt(0));
  }

  #position(value: unknown, path?: string): number {
    const position = this.#positions.get(value);
    if (position === undefined) throw mismatch(`one of ${this.#names.join(', ')}`, value, path);
    return position;
  }
  #name(position: number): N {
    const name = this.#names[position];
    if (name === undefined) throw mismatch(`a position below ${this.#names.length}`, position);
    return name;
  }
}
