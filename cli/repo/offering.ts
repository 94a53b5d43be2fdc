import { callOf } from '../../contracts/api/method.js';
import { repo } from '../../contracts/index.js';
import type { Terms } from '../../contracts/repo/declaration.js';
import { repoTermsHash } from '../../contracts/repo/terms.js';
import { equalBytes, toHex } from '../../primitives/bytes.js';
import { formatBps, formatRate, parseBps, parseRate } from '../collateral/percent.js';
import { moneyOf } from '../collateral/priceBook.js';
import { Money, type Step, timeOf } from '../collateral/step.js';
import { CliError } from '../errors.js';
import { parseDuration, parseMoment } from '../governance/terms.js';
import { argument, type Invocation } from '../invocation.js';
import type { Session } from '../session.js';
import { formatFields } from '../table.js';
import { parseUnits } from '../values.js';
import type { WalletAccount } from '../wallet.js';
import { readRepo, unitsText } from './repoBook.js';

const r = repo.methods;

/** The terms of a repo as the command says them, and as the hash has them. */
export async function offerStep(
  invocation: Invocation,
  session: Session,
  { account: seller }: WalletAccount,
): Promise<Step> {
  const { options, host } = invocation;
  const instrument = options.required('instrument');
  const money = await moneyOf(session, instrument);
  const nowMs = host.nowMs();
  const moment = (name: 'openBefore' | 'closeAt', flag: string) => parseMoment(options.required(name), flag, nowMs);
  const threshold = options.text('threshold');
  const terms = {
    ...{ id: argument(invocation, 0, 'id'), seller, buyer: await session.accounts.address(options.required('to')) },
    ...{ instrument, units: parseUnits(options.required('units'), '--units'), currency: money.currency },
    ...{ cash: money.parse(options.required('cash')), rate: parseRate(options.required('rate'), '--rate') },
    ...{ opensBefore: moment('openBefore', '--open-before'), closesAt: moment('closeAt', '--close-at') },
    graceMs: parseDuration(options.required('grace'), '--grace'),
    haircutBps: parseBps(options.required('haircut'), '--haircut'),
    marginMs: parseDuration(options.required('marginTime'), '--margin-time'),
    threshold: threshold === undefined ? 0n : money.parse(threshold),
  };
  return {
    call: callOf(r.offer, terms),
    told: () => ({
      sentence: `offered ${unitsText(terms)} to ${session.accounts.shown(terms.buyer)} for ${money.shown(terms.cash)} until ${timeOf(terms.closesAt)}`,
      data: { id: terms.id, terms: toHex(repoTermsHash(terms)) },
    }),
  };
}

/** All that a buyer signs, a line each. */
function termsText(session: Session, terms: Terms): string {
  const money = new Money(session, terms.currency);
  const lasts = (ms: number) => `${ms / 60_000} minutes`;
  return formatFields([
    ['repo', terms.id],
    ['seller', session.accounts.shown(terms.seller)],
    ['buyer', session.accounts.shown(terms.buyer)],
    ['units', unitsText(terms)],
    ['cash', `${money.shown(terms.cash)} at ${formatRate(terms.rate)} a year, ACT/360`],
    ['accept before', timeOf(terms.opensBefore)],
    ['closes at', `${timeOf(terms.closesAt)}, and ${lasts(terms.graceMs)} of grace`],
    ['haircut', formatBps(terms.haircutBps)],
    ['margin', `called beyond ${money.shown(terms.threshold)}, to be met within ${lasts(terms.marginMs)}`],
  ]);
}

/** Accepts what the node shows, and no other: the hash is worked out here, of the terms that the command prints. */
export async function acceptStep(
  invocation: Invocation,
  session: Session,
  { account: buyer }: WalletAccount,
): Promise<Step> {
  const id = argument(invocation, 0, 'id');
  const { seller, instrument, units, currency, cash, rate, opensBefore, closesAt, graceMs, ...shown } = await readRepo(
    session,
    id,
  );
  const { haircutBps, marginMs, threshold, terms: told } = shown;
  const values = {
    ...{ id, seller, buyer: shown.buyer, instrument, units, currency, cash, rate, opensBefore, closesAt, graceMs },
    ...{ haircutBps, marginMs, threshold },
  };
  const terms = repoTermsHash(values);
  if (!equalBytes(terms, told)) {
    const details = { expected: toHex(told), actual: toHex(terms) };
    throw new CliError('PROPOSAL_INVALID', 'expected the terms that both sign, found others under their hash', details);
  }
  const money = new Money(session, currency);
  invocation.output.note(termsText(session, values));
  return {
    call: callOf(r.accept, { id, buyer, terms }),
    told: () => ({
      sentence: `${id} is open: ${unitsText(values)} for ${money.shown(cash)} paid to ${session.accounts.shown(seller)}`,
      data: { id, terms: toHex(terms) },
    }),
  };
}
