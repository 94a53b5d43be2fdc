import { ADDRESS_BYTES, addressToBytes, isAddress } from './address.js';
import { CodedError } from './errors.js';
import { LIMITS } from './limits.js';
import { encodeUint, RlpReader } from './rlp.js';
import { SUITE_SECP256K1 } from './suite.js';
import { utf8Encode } from './text.js';
import type { Address, Suite } from './types.js';

/** What every format has in common: the version first, fields in their bounds, and errors that name the field. */

export type FormatErrorCode =
  | 'VERSION_UNSUPPORTED'
  | 'SUITE_UNSUPPORTED'
  /** A later version may know it. */
  | 'TYPE_UNKNOWN'
  | 'INPUT_TOO_LARGE'
  | 'COUNT_OUT_OF_RANGE'
  | 'VALUE_OUT_OF_RANGE'
  | 'NOT_SORTED'
  | 'INCONSISTENT';

/** Well-formed RLP that is not what the format allows, or a value that the format cannot hold. */
export class FormatError extends CodedError<FormatErrorCode> {}

/** The one version of every format so far. */
export const FORMAT_VERSION = 1;
export const VERSION_ITEM: Uint8Array = encodeUint(FORMAT_VERSION);

export function formatError(code: FormatErrorCode, field: string, expected: string, actual: string): FormatError {
  return new FormatError(code, `${field}: expected ${expected}, found ${actual}`, { field, expected, actual });
}

/** Opens bytes that hold one versioned list and nothing else: gives the reader after the version. */
export function openFormat(bytes: Uint8Array, maxBytes: number, field: string): RlpReader {
  requireSize(bytes.length, maxBytes, field);
  const outer = new RlpReader(bytes);
  const list = readFormat(outer, field);
  outer.done(field);
  return list;
}

/** The same for a format inside another one. */
export function readFormat(reader: RlpReader, field: string): RlpReader {
  const list = reader.list(field);
  const version = list.uint(1, 'version');
  if (version !== FORMAT_VERSION) {
    throw formatError('VERSION_UNSUPPORTED', `${field}.version`, `${FORMAT_VERSION}`, `${version}`);
  }
  return list;
}

export function requireSize(sizeBytes: number, maxBytes: number, field: string): void {
  if (sizeBytes > maxBytes) {
    throw formatError('INPUT_TOO_LARGE', field, `at most ${maxBytes} bytes`, `${sizeBytes}`);
  }
}

export function requireCount(count: number, min: number, max: number, field: string): void {
  if (count < min || count > max) {
    throw formatError('COUNT_OUT_OF_RANGE', field, `from ${min} to ${max} items`, `${count}`);
  }
}

/** Reads the items of a list one by one and stops at the first one too many, before it is read. */
export function readItems<T>(
  reader: RlpReader,
  bounds: { readonly min: number; readonly max: number; readonly field: string },
  read: (reader: RlpReader, index: number) => T,
): T[] {
  const list = reader.list(bounds.field);
  const items: T[] = [];
  while (list.hasMore()) {
    if (items.length >= bounds.max) {
      throw formatError('COUNT_OUT_OF_RANGE', bounds.field, `from ${bounds.min} to ${bounds.max} items`, 'more');
    }
    items.push(read(list, items.length));
  }
  requireCount(items.length, bounds.min, bounds.max, bounds.field);
  return items;
}

/** A whole number up to `max`. */
export function readUint(reader: RlpReader, field: string, max = Number.MAX_SAFE_INTEGER): number {
  return requireUint(reader.uint(7, field), field, max);
}

export function requireUint(value: number, field: string, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) {
    throw formatError('VALUE_OUT_OF_RANGE', field, `an integer from 0 to ${max}`, `${value}`);
  }
  return value;
}

export function uintItem(value: number, field: string, max = Number.MAX_SAFE_INTEGER): Uint8Array {
  return encodeUint(requireUint(value, field, max));
}

/** A name, chain id or code: well-formed text of 1 to `maxBytes` bytes. */
export function readName(reader: RlpReader, field: string, maxBytes: number = LIMITS.nameBytes): string {
  const text = reader.string(maxBytes, field);
  if (text.length === 0) throw formatError('VALUE_OUT_OF_RANGE', field, `1 to ${maxBytes} bytes`, 'none');
  return text;
}

export function nameItem(text: string, field: string, maxBytes: number = LIMITS.nameBytes): Uint8Array {
  return bytesItem(utf8Encode(text), field, 1, maxBytes);
}

/** The same, or nothing. */
export function optionalNameItem(text: string, field: string, maxBytes: number = LIMITS.nameBytes): Uint8Array {
  return bytesItem(utf8Encode(text), field, 0, maxBytes);
}

export function bytesItem(bytes: Uint8Array, field: string, minBytes: number, maxBytes: number): Uint8Array {
  if (bytes.length < minBytes || bytes.length > maxBytes) {
    throw formatError('VALUE_OUT_OF_RANGE', field, `${minBytes} to ${maxBytes} bytes`, `${bytes.length}`);
  }
  return bytes;
}

export function fixedItem(bytes: Uint8Array, lengthBytes: number, field: string): Uint8Array {
  if (bytes.length !== lengthBytes) {
    throw formatError('VALUE_OUT_OF_RANGE', field, `${lengthBytes} bytes`, `${bytes.length}`);
  }
  return bytes;
}

export function hashItem(hash: Uint8Array, field: string): Uint8Array {
  return fixedItem(hash, 32, field);
}

export function readAddress(reader: RlpReader, field: string): Address {
  return reader.fixedHex(ADDRESS_BYTES, field);
}

export function addressItem(address: Address, field: string): Uint8Array {
  if (!isAddress(address)) {
    throw formatError('VALUE_OUT_OF_RANGE', field, '0x and 40 lower-case digits', `"${String(address).slice(0, 64)}"`);
  }
  return addressToBytes(address);
}

export function readSuite(reader: RlpReader, field: string): Suite {
  return requireSuite(reader.uint(1, field), field);
}

export function requireSuite(suite: number, field: string): Suite {
  if (suite !== SUITE_SECP256K1) {
    throw formatError('SUITE_UNSUPPORTED', field, `suite ${SUITE_SECP256K1}`, `${suite}`);
  }
  return suite;
}
