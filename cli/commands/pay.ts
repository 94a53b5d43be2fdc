import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { cash } from '../../contracts/cash/cash.js';
import { screening } from '../../contracts/screening/screening.js';
import { invariant } from '../../primitives/errors.js';
import type { Call, TransactionBody } from '../../primitives/types.js';
import { parseMajorAmount } from '../amounts.js';
import { CliError, usageError } from '../errors.js';
import { readTextFile } from '../files.js';
import type { Bind, Invocation } from '../invocation.js';
import { priorityOf, repeated, withExamples, withJson, withSending } from '../options.js';
import type { CommandResult } from '../output.js';
import { parseCsvPayments } from '../payments/csvPayments.js';
import { parsePacs009 } from '../payments/pacs009.js';
import { paymentCall } from '../payments/paymentCall.js';
import {
  type PartyLookup,
  type PlannedPayment,
  paymentReference,
  planPayments,
  referenceBehind,
} from '../payments/paymentPlan.js';
import { paymentReport, singlePaymentResult } from '../payments/paymentReport.js';
import type { PaymentFile, RefusedRow } from '../payments/paymentRow.js';
import { settlePayments } from '../payments/settlePayments.js';
import { startProgress } from '../progress.js';
import { hashesOf } from '../screening/identifierHash.js';
import { openSession, type Session } from '../session.js';
import { draftPath, draftResult, withDraft } from '../signing/draft.js';
import { isSimulated, simulationResult } from '../simulation.js';
import { currencyOf, formatDay, parseDay } from '../values.js';

/** About twice what the most rows take. */
const MAX_FILE_BYTES = 67_108_864;

export function register(program: Command, bind: Bind): void {
  const pay = program
    .command('pay')
    .description('Pay, or settle a file of payments. Running it again never pays twice on one business day.')
    .option('--to <account>', 'creditor, by name, BIC or address')
    .option('--amount <amount>', 'in the major unit, as 1250.00')
    .option('--reference <reference>', 'business reference, used once by the debtor on a business day')
    .option('--end-to-end-id <id>', 'the originator’s id, passed on to the creditor')
    .option('--currency <code>', 'ISO 4217 code; needed only where the network has several')
    .option('--business-day <day>', 'settle on this day or not at all, as 2026-01-05')
    .option('--screen <identifier>', 'pay only where this is not listed; may be given several times', repeated, [])
    .option('--screening-key <file>', 'file whose only line is the key that the banks share')
    .option('--file <file>', 'payments as CSV, or as an ISO 20022 pacs.009.001.08 message')
    .option('--batch', 'with --file: one signature for up to 5,000 payments of a debtor');
  withExamples(
    withJson(withDraft(withSending(pay))),
    'vostro pay --account AURLDEFF --to BORLFRPP --amount 1250.00 --reference INV-2026-0001',
    'vostro pay --account AURLDEFF --to BORLFRPP --amount 98000000.00 --reference MARGIN-7 --urgent',
    'vostro pay --account AURLDEFF/payments --to BORLFRPP --amount 1250.00 --reference INV-2 --unsigned payment.json',
    'vostro pay --account AURLDEFF --to BORLFRPP --amount 1250.00 --reference INV-3 --screen DE89370400440532013000 --screening-key banks.key',
    'vostro pay --file examples/day.csv',
    'vostro pay --file examples/day.csv --batch --json',
  ).action(
    bind((invocation) => (invocation.options.text('file') === undefined ? payOne(invocation) : payFile(invocation))),
  );
}

async function payOne(invocation: Invocation): Promise<CommandResult> {
  const { options, output, host } = invocation;
  if (options.flag('batch')) throw usageError('--batch', '--file with it', 'none');
  const to = options.required('to');
  const amount = options.required('amount');
  const reference = options.required('reference');
  const endToEndId = options.text('endToEndId');
  const before = await screeningOf(invocation);
  const session = await openSession(invocation);
  const debtor = await session.accounts.own(session.settings.account);
  const currency = currencyOf(session.network, options.text('currency'));
  const row = { line: 0, reference, debtor: debtor.name, creditor: to, currency, amount };
  const lookup = partyLookup(session);
  const payment: PlannedPayment = {
    row: endToEndId === undefined ? row : { ...row, endToEndId },
    debtor,
    creditor: await lookup.creditor(to),
    amount: lookup.amount(amount, currency),
    occurrence: 0,
  };
  const businessDays = await businessDaysOf(session, [currency], options.text('businessDay'));
  const draft = draftPath(invocation);
  if (draft !== undefined)
    return draftResult(session, await paymentBody(session, payment, businessDays(currency), before), draft);
  if (isSimulated(invocation)) {
    return simulationResult(session, await paymentBody(session, payment, businessDays(currency), before));
  }
  output.note(`paying on ${formatDay(businessDays(currency))}: waiting until it is final`);
  const settle = {
    businessDayOf: businessDays,
    batch: false,
    before,
    priority: priorityOf(options),
    nowMs: host.nowMs,
    onProgress: () => undefined,
  };
  const [outcome] = await settlePayments(session, [payment], settle);
  invariant(outcome !== undefined, 'one payment has one outcome');
  return singlePaymentResult(session, outcome, businessDays(currency));
}

/** The question that stands before the payment, where `--screen` asks one. */
async function screeningOf({ options }: Invocation): Promise<readonly Call[]> {
  const identifiers = options.list('screen');
  if (identifiers.length === 0) return [];
  return [callOf(screening.methods.requireClear, { hashes: await hashesOf(identifiers, options) })];
}

/** What would be signed, reference included. */
async function paymentBody(
  session: Session,
  payment: PlannedPayment,
  businessDay: number,
  before: readonly Call[],
): Promise<TransactionBody> {
  return session.client.buildTransaction({
    sender: payment.debtor.account,
    signers: await session.keyring.addressesOf(payment.debtor),
    calls: [...before, paymentCall([payment], businessDay, false)],
    reference: referenceBehind(paymentReference(payment, businessDay, 0), before),
  });
}

async function payFile(invocation: Invocation): Promise<CommandResult> {
  const { options, output, host } = invocation;
  const path = options.required('file');
  if (isSimulated(invocation)) throw usageError('--simulate', 'one payment', 'a file of them');
  if (draftPath(invocation) !== undefined) throw usageError('--unsigned', 'one payment', 'a file of them');
  if (options.list('screen').length > 0) throw usageError('--screen', 'one payment', 'a file of them');
  for (const name of ['to', 'amount', 'reference', 'endToEndId'] as const) {
    if (options.text(name) !== undefined) throw usageError(`--${name}`, 'it without --file', 'both');
  }
  const session = await openSession(invocation);
  const file = await readPayments(path);
  const { planned, refused } = await planPayments(file.rows, partyLookup(session));
  const named = options.text('businessDay') ?? file.settlementDate;
  const currencies = [...new Set(planned.map(({ row }) => row.currency))];
  const businessDays = await businessDaysOf(session, currencies, named);
  const batch = options.flag('batch');
  output.note(`${planned.length} payments of ${path}: signing, sending, waiting for proofs`);
  const progress = startProgress(host.streams, planned.length, 'payments final');
  try {
    const outcomes = await settlePayments(session, planned, {
      businessDayOf: businessDays,
      batch,
      priority: priorityOf(options),
      nowMs: host.nowMs,
      onProgress: (done) => progress.update(Math.min(done, planned.length)),
    });
    const unread: readonly RefusedRow[] = [...file.malformed, ...refused];
    const days = currencies.map((currency) => ({ currency, businessDay: businessDays(currency) }));
    return paymentReport(session, { path, outcomes, unread, days });
  } finally {
    progress.stop();
  }
}

/** CSV or XML, as its first character says. */
async function readPayments(path: string): Promise<PaymentFile & { readonly settlementDate?: string | undefined }> {
  const text = await readTextFile(path, MAX_FILE_BYTES);
  return /^\ufeff?\s*</.test(text) ? parsePacs009(text, path) : parseCsvPayments(text, path);
}

/**
 * The business day of each currency: the named one, or the open one.
 *
 * @throws CliError `BUSINESS_DAY_CLOSED` where none is open
 */
async function businessDaysOf(
  session: Session,
  currencies: readonly string[],
  named: string | undefined,
): Promise<(currency: string) => number> {
  const days = new Map<string, number>();
  for (const currency of currencies) {
    if (named !== undefined) days.set(currency, parseDay(named, 'business day'));
    else {
      const { day, isOpen } = await session.client.read(cash.methods.businessDay, { currency });
      if (day === undefined || !isOpen) throw dayClosed(currency);
      days.set(currency, day);
    }
  }
  return (currency) => days.get(currency) ?? 0;
}

function partyLookup(session: Session): PartyLookup {
  const { accounts, network, keyring } = session;
  return {
    creditor: (name) => accounts.address(name),
    debtor: async (name) => {
      const account = await accounts.find(name);
      await keyring.signersOf(account);
      return account;
    },
    amount: (text, currency) => parseMajorAmount(text, network.decimalsOf(currency)),
  };
}

function dayClosed(currency: string): CliError {
  return new CliError('BUSINESS_DAY_CLOSED', `${currency} has no open business day: nothing was sent`, {
    expected: 'an open business day',
    actual: 'none',
    hint: 'its central bank opens one: vostro cash open-day --day 2026-01-05',
  });
}
