import type { CalendarDay } from '../api/calendar.js';
import { type DateParts, dayNumberOf, isEndOfFebruary, isLeapYear, partsOf } from './days.js';

/**
 * How days become a part of a year, by the 2006 ISDA Definitions, section 4.16: (e) ACT/360, (d) ACT/365F, (f) 30/360, the bond
 * basis of the United States, (g) 30E/360, the Eurobond basis, (h) 30E/360 ISDA, (b) ACT/ACT ISDA. Append, never move.
 */
export const DAY_COUNTS = ['ACT/360', 'ACT/365F', '30/360', '30E/360', '30E/360 ISDA', 'ACT/ACT ISDA'] as const;
export type DayCount = (typeof DAY_COUNTS)[number];

/** A part of a year, exactly. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export interface Period {
  /** The first day that counts. */
  readonly from: CalendarDay;
  /** The first day that counts no more; not before `from`. */
  readonly to: CalendarDay;
  /** When the instrument ends: under 30E/360 ISDA an end of February on that day is no thirtieth. */
  readonly maturity?: CalendarDay | undefined;
}

/** What part of a year a period is, as an exact fraction. A period that ends before it begins is none: its caller has refused it. */
export function yearFraction(basis: DayCount, { from, to, maturity }: Period): Fraction {
  switch (basis) {
    case 'ACT/360':
      return { numerator: BigInt(dayNumberOf(to) - dayNumberOf(from)), denominator: 360n };
    case 'ACT/365F':
      return { numerator: BigInt(dayNumberOf(to) - dayNumberOf(from)), denominator: 365n };
    case 'ACT/ACT ISDA':
      return actualActual(from, to);
    default:
      return { numerator: BigInt(thirtyDays(basis, from, to, to === maturity)), denominator: 360n };
  }
}

/** Days in leap years count as so many 366ths, all others as so many 365ths. */
function actualActual(from: CalendarDay, to: CalendarDay): Fraction {
  const days = dayNumberOf(to) - dayNumberOf(from);
  const leapDays = daysInLeapYearsBefore(to) - daysInLeapYearsBefore(from);
  return { numerator: BigInt(leapDays) * 365n + BigInt(days - leapDays) * 366n, denominator: 365n * 366n };
}

/** Of the days before a date those that stand in leap years. */
function daysInLeapYearsBefore(date: CalendarDay): number {
  const { year } = partsOf(date);
  const past = year - 1;
  const leapYears = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  return 366 * leapYears + (isLeapYear(year) ? dayNumberOf(date) - dayNumberOf(year * 10_000 + 101) : 0);
}

/** Days where each month has thirty of them, and each basis its own end of the month. */
function thirtyDays(
  basis: '30/360' | '30E/360' | '30E/360 ISDA',
  from: CalendarDay,
  to: CalendarDay,
  isLast: boolean,
): number {
  const [first, last] = [partsOf(from), partsOf(to)];
  const begin = beginOf(basis, first);
  const end = endOf(basis, last, begin, isLast);
  return 360 * (last.year - first.year) + 30 * (last.month - first.month) + end - begin;
}

function beginOf(basis: DayCount, first: DateParts): number {
  if (basis === '30E/360 ISDA' && isEndOfFebruary(first)) return 30;
  return first.day === 31 ? 30 : first.day;
}

function endOf(basis: DayCount, last: DateParts, begin: number, isLast: boolean): number {
  if (basis === '30/360') return last.day === 31 && begin === 30 ? 30 : last.day;
  if (basis === '30E/360 ISDA' && isEndOfFebruary(last) && !isLast) return 30;
  return last.day === 31 ? 30 : last.day;
}
