import { LIMITS } from '../../primitives/limits.js';
import type { RlpReader } from '../../primitives/rlp.js';
import { utf8Decode, utf8Encode } from '../../primitives/text.js';
import { stringSize, writeStringPrefix } from './rlpScalar.js';
import { type Json, type JsonSchema, KeySchema, mismatch, terminatedEnd } from './schema.js';
import { IDENTIFIER_PATTERNS, type IdentifierName, identifierJson, textJson } from './schemaJson.js';

/** No control, no line or paragraph separator, no bidirectional override: what a screen shows is what was signed. */
function isForbidden(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/** Printable text of `min` to `max` code points, as it stands, never normalised. */
export class TextSchema extends KeySchema<string> {
  readonly #min: number;
  readonly #max: number;

  constructor(max: number, min: number) {
    super();
    if (!Number.isSafeInteger(max) || max < 1 || min < 0 || min > max) throw mismatch('0 ≤ min ≤ max, max ≥ 1', max);
    this.#min = min;
    this.#max = max;
  }
  size(value: string): number {
    const bytes = this.#byteLength(value);
    return stringSize(bytes, bytes === 1 ? value.charCodeAt(0) : 0);
  }
  write(value: string, target: Uint8Array, offset: number): number {
    const bytes = this.#byteLength(value);
    const start = writeStringPrefix(bytes, bytes === 1 ? value.charCodeAt(0) : 0, target, offset);
    if (bytes === value.length) for (let i = 0; i < bytes; i++) target[start + i] = value.charCodeAt(i);
    else target.set(utf8Encode(value), start);
    return start + bytes;
  }
  read(reader: RlpReader): string {
    return this.parseJson(reader.string(4 * this.#max));
  }
  parseJson(json: unknown, path?: string): string {
    this.#byteLength(json, path);
    return json as string;
  }
  toJson(value: string): Json {
    return value;
  }
  schema(): JsonSchema {
    return textJson(this.#max, this.#min);
  }
  encodeKey(value: string): string {
    if (this.#byteLength(value) === value.length) return `${value}\0`;
    let key = '';
    for (const byte of utf8Encode(value)) key += String.fromCharCode(byte);
    return `${key}\0`;
  }
  keyEnd(key: string, offset: number): number {
    return terminatedEnd(key, offset);
  }
  decodeKey(part: string): string {
    return utf8Decode(Uint8Array.from(part.slice(0, -1), (character) => character.charCodeAt(0)));
  }

  /** Bytes of the UTF-8 of a text that the schema allows. */
  #byteLength(value: unknown, path?: string): number {
    if (typeof value !== 'string') throw this.#refuse(value, path);
    let bytes = 0;
    let points = 0;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code < 0x7f) {
        if (code < 0x20) throw this.#refuse(value, path);
        bytes++;
      } else if (code >= 0xd800 && code <= 0xdfff) {
        const next = value.charCodeAt(i + 1);
        // A high surrogate and its low one are a pair; either alone has no bytes.
        if (code > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) throw this.#refuse(value, path);
        bytes += 4;
        i++;
      } else {
        if (isForbidden(code)) throw this.#refuse(value, path);
        bytes += code < 0x800 ? 2 : 3;
      }
      points++;
    }
    if (points < this.#min || points > this.#max) throw this.#refuse(value, path);
    return bytes;
  }
  #refuse(value: unknown, path: string | undefined): Error {
    return mismatch(`${this.#min} to ${this.#max} printable characters, no control characters`, value, path);
  }
}

/** A rule for identifiers of ASCII characters other than the byte 0. */
export interface IdentifierRule {
  /** What it is, for people: `a BIC of 8 or 11 characters`. */
  readonly expected: string;
  /** Name in the ABI, and of its pattern. */
  readonly name: IdentifierName;
  readonly maxLength: number;
  accepts(text: string): boolean;
}

/** Identifiers of a fixed character set: each character is a byte. */
export class IdentifierSchema extends KeySchema<string> {
  readonly #rule: IdentifierRule;

  constructor(rule: IdentifierRule) {
    super();
    this.#rule = rule;
  }
  size(value: string): number {
    this.parseJson(value);
    return stringSize(value.length, value.charCodeAt(0));
  }
  write(value: string, target: Uint8Array, offset: number): number {
    const start = writeStringPrefix(value.length, value.charCodeAt(0), target, offset);
    for (let i = 0; i < value.length; i++) target[start + i] = value.charCodeAt(i);
    return start + value.length;
  }
  read(reader: RlpReader): string {
    return this.parseJson(reader.string(this.#rule.maxLength));
  }
  parseJson(json: unknown, path?: string): string {
    if (typeof json === 'string' && json.length <= this.#rule.maxLength && this.#rule.accepts(json)) return json;
    throw mismatch(this.#rule.expected, json, path);
  }
  toJson(value: string): Json {
    return value;
  }
  schema(): JsonSchema {
    return identifierJson(this.#rule.name);
  }
  encodeKey(value: string): string {
    return `${this.parseJson(value)}\0`;
  }
  keyEnd(key: string, offset: number): number {
    return terminatedEnd(key, offset);
  }
  decodeKey(part: string): string {
    return part.slice(0, -1);
  }
}

/** A rule that is its pattern and nothing more. */
function patternRule(name: IdentifierName, expected: string, maxLength: number): IdentifierRule {
  const expression = new RegExp(IDENTIFIER_PATTERNS[name]);
  return { name, expected, maxLength, accepts: (text) => expression.test(text) };
}

const LEI_PATTERN = new RegExp(IDENTIFIER_PATTERNS.lei);
const ISIN_PATTERN = new RegExp(IDENTIFIER_PATTERNS.isin);

/** ISO 17442: 18 characters and two check digits, modulo 97-10 of ISO 7064, letters counting from 10. */
function isLei(text: string): boolean {
  if (!LEI_PATTERN.test(text)) return false;
  let remainder = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    remainder = code <= 57 ? (remainder * 10 + code - 48) % 97 : (remainder * 100 + code - 55) % 97;
  }
  return remainder === 1;
}

/** ISO 6166: country, nine characters and a check digit by the double-add-double method over the expanded letters. */
function isIsin(text: string): boolean {
  if (!ISIN_PATTERN.test(text)) return false;
  let sum = 0;
  let isDoubled = false;
  const add = (digit: number): void => {
    const value = isDoubled ? 2 * digit : digit;
    sum += value > 9 ? value - 9 : value;
    isDoubled = !isDoubled;
  };
  for (let i = text.length - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    const value = code <= 57 ? code - 48 : code - 55;
    add(value % 10);
    if (value > 9) add(Math.floor(value / 10));
  }
  return sum % 10 === 0;
}

export const ID_RULE = patternRule(
  'id',
  'an identifier of 1 to 64 letters, digits, dots, dashes or underscores',
  LIMITS.nameBytes,
);

/** ISO 9362:2022: party prefix, country, party suffix, and a branch where there is one. */
export const BIC_RULE = patternRule('bic', 'a BIC of 8 or 11 upper-case characters', 11);

/** ISO 4217. */
export const CURRENCY_RULE = patternRule('currency', 'a currency code of three upper-case letters', 3);

export const ISIN_RULE: IdentifierRule = {
  name: 'isin',
  expected: 'an ISIN of 12 characters with a valid check digit',
  maxLength: 12,
  accepts: isIsin,
};

export const LEI_RULE: IdentifierRule = {
  name: 'lei',
  expected: 'an LEI of 20 characters with a valid check',
  maxLength: 20,
  accepts: isLei,
};
