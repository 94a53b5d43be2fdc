import type { RlpReader } from '../../primitives/rlp.js';
import { type CalendarDay, isCalendarDay } from './calendar.js';
import { UintSchema } from './numbers.js';
import { type Json, type JsonSchema, KeySchema, mismatch } from './schema.js';
import { DAY_JSON, LAST_DAY } from './schemaJson.js';

/** A day of the calendar, an integer YYYYMMDD in JSON too. */
export class DaySchema extends KeySchema<CalendarDay> {
  readonly #number = new UintSchema(LAST_DAY);

  size(value: CalendarDay): number {
    return this.#number.size(this.parseJson(value));
  }
  write(value: CalendarDay, target: Uint8Array, offset: number): number {
    return this.#number.write(value, target, offset);
  }
  read(reader: RlpReader): CalendarDay {
    return this.parseJson(this.#number.read(reader));
  }
  parseJson(json: unknown, path?: string): CalendarDay {
    if (isCalendarDay(json)) return json;
    throw mismatch('a day of the calendar as an integer YYYYMMDD', json, path);
  }
  toJson(value: CalendarDay): Json {
    return value;
  }
  schema(): JsonSchema {
    return DAY_JSON;
  }
  encodeKey(value: CalendarDay): string {
    return this.#number.encodeKey(this.parseJson(value));
  }
  keyEnd(key: string, offset: number): number {
    return this.#number.keyEnd(key, offset);
  }
  decodeKey(part: string): CalendarDay {
    return this.#number.decodeKey(part);
  }
}
