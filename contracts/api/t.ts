import { AddressSchema, BytesSchema, HexSchema } from './byteStrings.js';
import { type Fields, ListSchema, OptionalSchema, StructSchema } from './composites.js';
import { DaySchema } from './dates.js';
import { AmountSchema, BoolSchema, EnumSchema, UintSchema } from './numbers.js';
import type { Schema } from './schema.js';
import { BIC_RULE, CURRENCY_RULE, ID_RULE, IdentifierSchema, ISIN_RULE, LEI_RULE, TextSchema } from './strings.js';

/** The schema values: what arguments, results, events, errors and state are declared with. */
export const t = {
  /** Minor units, 0 to 2^128 - 1: `bigint`; a decimal string in JSON. */
  amount: new AmountSchema(),
  /** 20 bytes: `Address`; EIP-55 in JSON. */
  address: new AddressSchema(),
  bool: new BoolSchema(),
  /** 1 to 64 letters, digits, dots, dashes or underscores. */
  id: new IdentifierSchema(ID_RULE),
  /** ISO 9362, 8 or 11 characters: a member's id. */
  bic: new IdentifierSchema(BIC_RULE),
  /** ISO 17442 with its check digits. */
  lei: new IdentifierSchema(LEI_RULE),
  /** ISO 6166 with its check digit. */
  isin: new IdentifierSchema(ISIN_RULE),
  /** ISO 4217, three letters. */
  currency: new IdentifierSchema(CURRENCY_RULE),
  /** A day of the calendar: an integer YYYYMMDD. */
  day: new DaySchema(),
  /** An integer from 0 to `max` ≤ 2^53 - 1. */
  uint: (max: number = Number.MAX_SAFE_INTEGER): UintSchema => new UintSchema(max),
  /** Printable text of `min` (1) to `max` code points. */
  text: (max: number, min = 1): TextSchema => new TextSchema(max, min),
  /** `min` (0) to `max` bytes; hexadecimal in JSON. */
  bytes: (max: number, min = 0): BytesSchema => new BytesSchema(max, min),
  /** Exactly so many bytes. */
  fixedBytes: (length: number): BytesSchema => new BytesSchema(length, length),
  /** Exactly so many bytes, held as lower-case hexadecimal with 0x. */
  hex: (lengthBytes: number): HexSchema => new HexSchema(lengthBytes),
  /** One of the names; new ones may be appended. */
  enum: <const N extends string>(names: readonly N[]): EnumSchema<N> => new EnumSchema(names),
  /** `min` (0) to `max` values. */
  list: <T>(item: Schema<T>, max: number, min = 0): ListSchema<T> => new ListSchema(item, max, min),
  struct: <F extends Fields>(fields: F): StructSchema<F> => new StructSchema(fields),
  optional: <T>(inner: Schema<T>): OptionalSchema<T> => new OptionalSchema(inner),
} as const;
