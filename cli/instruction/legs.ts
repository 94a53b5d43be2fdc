import type { Leg, Rate } from '../../contracts/settlement/declaration.js';
import type { AccountBook } from '../accountBook.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { usageError } from '../errors.js';
import type { TrustedNetwork } from '../trustedNetwork.js';
import { parseUnits } from '../values.js';

const LEG_FORM = 'cash:EUR:100.00:FROM:TO or asset:BOND-2031:10:FROM:TO';
const RATE_FORM = 'a rate as EUR/USD=1.0845';

type Network = Pick<TrustedNetwork, 'decimalsOf'>;

/** Reads a leg as people write it. @throws CliError `USAGE_INVALID`, `AMOUNT_MALFORMED`, `CURRENCY_UNKNOWN`, `ACCOUNT_UNKNOWN` */
export async function parseLeg(text: string, network: Network, accounts: Pick<AccountBook, 'address'>): Promise<Leg> {
  const [kind, asset = '', amount = '', from = '', to = '', ...rest] = text.split(':');
  const isComplete = [asset, amount, from, to].every((part) => part !== '') && rest.length === 0;
  if (!isComplete || (kind !== 'cash' && kind !== 'asset'))
    throw usageError('--leg', LEG_FORM, `"${text.slice(0, 80)}"`);
  const ways = { from: await accounts.address(from), to: await accounts.address(to) };
  if (kind === 'asset') return { instrument: asset, amount: parseUnits(amount, '--leg'), ...ways };
  return { currency: asset, amount: parseMajorAmount(amount, network.decimalsOf(asset)), ...ways };
}

/** Reads an agreed rate: what one of the first currency costs in the second. @throws CliError `USAGE_INVALID` */
export function parseRate(text: string): Rate {
  const match = /^([A-Z]{3})\/([A-Z]{3})=(\d{1,20})(?:\.(\d{1,12}))?$/.exec(text);
  if (match === null) throw usageError('--rate', RATE_FORM, `"${text.slice(0, 40)}"`);
  const [, base = '', quote = '', whole = '', fraction = ''] = match;
  return { base, quote, price: BigInt(whole + fraction), decimals: fraction.length };
}

export function formatRate({ base, quote, price, decimals }: Rate): string {
  return `${base}/${quote}=${formatMajorAmount(price, decimals)}`;
}

type Amount = Pick<Leg, 'currency' | 'instrument' | 'amount'>;

/** `1,250.00 EUR`, `100 BOND-2031`. */
export function shownAmount({ currency, instrument, amount }: Amount, network: Network): string {
  if (currency === undefined) return `${formatAmountForPeople(amount, 0)} ${instrument}`;
  return `${formatAmountForPeople(amount, network.decimalsOf(currency))} ${currency}`;
}

/** An amount as a program reads it: money in the major unit, units whole. */
export function amountData({ currency, instrument, amount }: Amount, network: Network) {
  return currency === undefined
    ? { kind: 'asset', asset: instrument ?? '', amount: amount.toString() }
    : { kind: 'cash', asset: currency, amount: formatMajorAmount(amount, network.decimalsOf(currency)) };
}
