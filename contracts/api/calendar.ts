import type { TimestampMs } from '../../primitives/types.js';
import { LAST_DAY } from './schemaJson.js';

/** A day of the calendar as an integer YYYYMMDD: its order is the order of days. */
export type CalendarDay = number;

const MS_PER_DAY = 86_400_000;
const DAYS_PER_ERA = 146_097;

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** True for a day of the Gregorian calendar from 1970 to 9999. */
export function isCalendarDay(value: unknown): value is CalendarDay {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value > LAST_DAY) return false;
  const year = Math.floor(value / 10_000);
  const month = Math.floor(value / 100) % 100;
  const day = value % 100;
  return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month);
}

/**
 * The day in UTC of a point of consensus time.
 * Source: H. Hinnant, chrono-compatible low-level date algorithms, civil_from_days: eras of 400 years from 1 March.
 */
export function calendarDayOf(timestamp: TimestampMs): CalendarDay {
  const days = Math.floor(timestamp / MS_PER_DAY) + 719_468;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return year * 10_000 + month * 100 + day;
}
