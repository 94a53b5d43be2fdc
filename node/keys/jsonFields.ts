import { fromHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { KeyError } from './errors.js';

/** Reads fields of a JSON object; every fault names the file and the field's path. */
export class JsonFields {
  private constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    private readonly where: string,
  ) {}

  /** @throws KeyError `KEYSTORE_MALFORMED` */
  static of(value: unknown, where: string): JsonFields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw fieldError(where, 'an object', describe(value));
    }
    return new JsonFields(value as Readonly<Record<string, unknown>>, where);
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  object(name: string): JsonFields {
    return JsonFields.of(this.fields[name], this.path(name));
  }

  string(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string') throw fieldError(this.path(name), 'a string', describe(value));
    return value;
  }

  /** A whole number from 1 on. */
  count(name: string): number {
    const value = this.fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw fieldError(this.path(name), 'a whole number from 1', describe(value));
    }
    return value;
  }

  /** Hexadecimal without `0x`, as Web3 Secret Storage writes it; `0x` is read too. */
  bytes(name: string, lengthBytes?: number): Uint8Array {
    const text = this.string(name);
    try {
      return fromHex(text.startsWith('0x') ? text : `0x${text}`, lengthBytes);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      throw fieldError(this.path(name), error.details.expected ?? 'hexadecimal', describe(text));
    }
  }

  path(name: string): string {
    return this.where.includes(': ') ? `${this.where}.${name}` : `${this.where}: ${name}`;
  }
}

function fieldError(where: string, expected: string, actual: string): KeyError {
  return new KeyError('KEYSTORE_MALFORMED', `${where}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'the file is no Web3 Secret Storage keystore of version 3, or it was damaged',
  });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = String(value);
  return typeof value === 'string' ? `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"` : text;
}
