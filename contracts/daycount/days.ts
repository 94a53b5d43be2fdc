import type { CalendarDay } from '../api/calendar.js';

/** A day of the calendar as its year, month and day of the month. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export function partsOf(date: CalendarDay): DateParts {
  return { year: Math.floor(date / 10_000), month: Math.floor(date / 100) % 100, day: date % 100 };
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** True on 28 February of a common year and on 29 February of a leap year. */
export function isEndOfFebruary({ year, month, day }: DateParts): boolean {
  return month === 2 && day === (isLeapYear(year) ? 29 : 28);
}

/**
 * Days since 1 March of the year 0, which two days are subtracted by.
 * Source: H. Hinnant, chrono-compatible low-level date algorithms, days_from_civil.
 */
export function dayNumberOf(date: CalendarDay): number {
  const { year, month, day } = partsOf(date);
  const yearFromMarch = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(yearFromMarch / 4) - Math.floor(yearFromMarch / 100) + Math.floor(yearFromMarch / 400);
  return 365 * yearFromMarch + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
}
