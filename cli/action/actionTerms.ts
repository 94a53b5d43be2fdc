import { DAY_COUNTS, type DayCount } from '../../contracts/daycount/dayCount.js';
import { RATE_SCALE } from '../../contracts/daycount/interest.js';
import { formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { usageError } from '../errors.js';
import type { Invocation, OptionReader } from '../invocation.js';
import type { Session } from '../session.js';
import { parseDay } from '../values.js';

/** Digits after the point of a rate in percent: billionths of one. */
const PERCENT_DECIMALS = 7;
/** Digits after the point of a minor unit that a distribution may name. */
const UNIT_DECIMALS = 9;
const PART_FORM = /^([1-9]\d{0,6}):([1-9]\d{0,6})$/;

/** `3.65%` as billionths. @throws CliError `USAGE_INVALID` */
export function parseRate(text: string, what: string): number {
  const match = /^(\d{1,4})(?:\.(\d{1,7}))?\s?%$/.exec(text);
  if (match === null) throw usageError(what, 'a rate as 3.65%', `"${text.slice(0, 40)}"`);
  return Number(`${match[1]}${(match[2] ?? '').padEnd(PERCENT_DECIMALS, '0')}`);
}

/** Billionths as `3.65 %`. */
export function formatRate(rate: number): string {
  const [whole = '', fraction = ''] = formatMajorAmount(BigInt(rate), PERCENT_DECIMALS).split('.');
  const digits = fraction.replace(/0+$/, '');
  return `${digits === '' ? whole : `${whole}.${digits}`} %`;
}

/** What of billionths of a minor unit people read: the major unit, without noughts at the end. */
export function formatPerUnit(perUnit: bigint, decimals: number): string {
  const [whole = '', fraction = ''] = formatMajorAmount(perUnit, decimals + UNIT_DECIMALS).split('.');
  return `${whole}.${fraction.replace(/0+$/, '').padEnd(decimals, '0')}`.replace(/\.$/, '');
}

/** What the options say that holders are to have: exactly one kind. @throws CliError `USAGE_INVALID` */
export async function termsOf(
  { options }: Invocation,
  { accounts }: Session,
  { nominal, decimals }: { readonly nominal: bigint; readonly decimals: number },
) {
  const [coupon, floating, perUnit, redeem] = ['coupon', 'floating', 'perUnit', 'redeem'].map((name) =>
    options.text(name),
  );
  const given = [coupon, floating, perUnit, redeem].filter((text) => text !== undefined);
  if (given.length !== 1) {
    throw usageError('--coupon, --floating, --per-unit and --redeem', 'one of them', `${given.length}`);
  }
  if (coupon !== undefined) return { coupon: { rate: parseRate(coupon, '--coupon'), ...periodOf(options) } };
  if (floating !== undefined) {
    return {
      floating: {
        source: floating,
        fixingDay: parseDay(options.required('fixingDay'), '--fixing-day'),
        publisher: await accounts.address(options.required('publisher')),
        spread: parseRate(options.text('spread') ?? '0%', '--spread'),
        ...periodOf(options),
      },
    };
  }
  if (perUnit !== undefined) return { distribution: { perUnit: parseMajorAmount(perUnit, decimals + UNIT_DECIMALS) } };
  const [, part, whole] = PART_FORM.exec(redeem ?? '') ?? [];
  if (part === undefined || whole === undefined) {
    throw usageError('--redeem', 'a part of each holding, as 1:1 or 1:4', `"${redeem}"`);
  }
  const price = options.text('price');
  const amount = price === undefined ? nominal : parseMajorAmount(price, decimals);
  return { redemption: { price: amount, part: Number(part), whole: Number(whole) } };
}

function periodOf(options: OptionReader) {
  const text = options.text('dayCount') ?? '30E/360';
  const dayCount = DAY_COUNTS.find((each) => each === text);
  if (dayCount === undefined) throw usageError('--day-count', `one of ${DAY_COUNTS.join(', ')}`, `"${text}"`);
  const [from, to] = [parseDay(options.required('from'), '--from'), parseDay(options.required('to'), '--to')];
  return { dayCount: dayCount satisfies DayCount, from, to };
}

/** Height of the record: as it stands, or so many blocks from now; none for the block that takes the declaration. */
export async function recordOf({ options }: Invocation, { client }: Session): Promise<number | undefined> {
  const text = options.text('record');
  if (text === undefined) return undefined;
  const match = /^(\+?)(\d{1,12})$/.exec(text);
  if (match === null) throw usageError('--record', 'a height, or blocks from now as +100', `"${text.slice(0, 40)}"`);
  const number = Number(match[2]);
  return match[1] === '' ? number : (await client.follow()).headHeight + number;
}

/** Of the scale of rates, for those who read JSON. */
export const RATES_PER_ONE = RATE_SCALE;
