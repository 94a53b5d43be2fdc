import { callOf } from '../../contracts/api/method.js';
import { netting } from '../../contracts/index.js';
import { MAX_SUBMITTED } from '../../contracts/netting/declaration.js';
import type { Address, Call } from '../../primitives/types.js';
import { formatAmountForPeople, parseMajorAmount } from '../amounts.js';
import { CliError, usageError } from '../errors.js';
import { readTextFile } from '../files.js';
import { parseDuration, parseTime } from '../governance/terms.js';
import { timeOf } from '../htlc/htlcBook.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { parseCsvPayments } from '../payments/csvPayments.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { currencyOf } from '../values.js';
import { cycleData, describeCycle, type Net, netData, netInWords, readCycle, readParticipant } from './cycleBook.js';

const n = netting.methods;
/** About twice what the most obligations of one call take. */
const MAX_FILE_BYTES = 1_048_576;
const DEFAULT_ROUNDS = 3;
const MAX_ROUNDS = 8;

/** When the cut-off is: in so long, or at a time. @throws CliError `USAGE_INVALID` */
function cutOffOf({ options, host }: Invocation): number {
  const [duration, time] = [options.text('cutOffIn'), options.text('cutOff')];
  if ((duration === undefined) === (time === undefined)) {
    throw usageError('--cut-off-in and --cut-off', 'one of them', duration === undefined ? 'none' : 'both');
  }
  return duration === undefined
    ? parseTime(time ?? '', '--cut-off')
    : host.nowMs() + parseDuration(duration, '--cut-off-in');
}

export async function openCycle(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const id = argument(invocation, 0, 'id');
  const cutOffAt = cutOffOf(invocation);
  const roundMs = parseDuration(options.text('round') ?? '30m', '--round');
  const maxRounds = options.integer('rounds', 1, MAX_ROUNDS) ?? DEFAULT_ROUNDS;
  const creditors = options.flag('assent') ? ('assent' as const) : ('confirm' as const);
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const currency = currencyOf(session.network, options.text('currency'));
  const participants: Address[] = [];
  for (const name of options.list('participant')) participants.push(await session.accounts.address(name));
  const operator = account.account;
  const terms = { id, operator, currency, participants, cutOffAt, roundMs, maxRounds, creditors };
  return transact(session, invocation, { account, calls: [callOf(n.open, terms)] }, async (final) => {
    const sentence = `opened ${id} for ${participants.length} participants in ${currency}, cut-off ${timeOf(cutOffAt)}`;
    return finalResult(final, sentence, cycleData(session, id, await readCycle(session, id)));
  });
}

/** One obligation of the options, or those of a file whose debtor is the account. */
export async function submitObligations(invocation: Invocation): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const { currency } = await readCycle(session, id);
  const file = invocation.options.text('file');
  const obligations =
    file === undefined
      ? [await obligationOf(session, invocation, currency)]
      : await obligationsOf(session, file, { currency, debtor: account.account });
  const calls = [callOf(n.submit, { id, debtor: account.account, obligations })];
  return transact(session, invocation, { account, calls }, (final) => {
    const total = obligations.reduce((sum, { amount }) => sum + amount, 0n);
    const sum = `${formatAmountForPeople(total, session.network.decimalsOf(currency))} ${currency}`;
    const count = obligations.length === 1 ? '1 obligation' : `${obligations.length} obligations`;
    return finalResult(final, `submitted ${count} to ${id}, together ${sum}`, { id, submitted: obligations.length });
  });
}

async function obligationOf({ accounts, network }: Session, { options }: Invocation, currency: string) {
  return {
    creditor: await accounts.address(options.required('to')),
    amount: parseMajorAmount(options.required('amount'), network.decimalsOf(currency)),
    reference: options.required('reference'),
  };
}

async function obligationsOf(
  { accounts, network }: Session,
  path: string,
  { currency, debtor }: { readonly currency: string; readonly debtor: Address },
) {
  const { rows, malformed } = parseCsvPayments(await readTextFile(path, MAX_FILE_BYTES), path);
  const [fault] = malformed;
  if (fault !== undefined) throw malformedFile(path, `line ${fault.line}: ${fault.message}`);
  const obligations = [];
  for (const row of rows) {
    if (row.currency !== currency) throw malformedFile(path, `line ${row.line}: ${row.currency}, not ${currency}`);
    if ((await accounts.address(row.debtor)) !== debtor) continue;
    const amount = parseMajorAmount(row.amount, network.decimalsOf(currency));
    obligations.push({ creditor: await accounts.address(row.creditor), amount, reference: row.reference });
  }
  if (obligations.length > 0 && obligations.length <= MAX_SUBMITTED) return obligations;
  throw malformedFile(path, `${obligations.length} obligations of this debtor`, `1 to ${MAX_SUBMITTED} of them`);
}

function malformedFile(path: string, actual: string, expected = 'obligations in the currency of the cycle'): CliError {
  return new CliError('FILE_MALFORMED', `${path}: expected ${expected}, found ${actual}`, { expected, actual });
}

export async function withdrawObligation(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const debtor = await session.accounts.address(options.required('debtor'));
  const reference = options.required('reference');
  const calls = [callOf(n.withdraw, { id, debtor, reference, account: account.account })];
  return transact(session, invocation, { account, calls }, async (final) => {
    const left = await session.client.read(n.obligation, { id, debtor, reference });
    const sentence =
      left === undefined ? `${reference} is withdrawn` : `${reference} stays until the other side withdraws it, too`;
    return finalResult(final, sentence, { id, reference, isWithdrawn: left === undefined });
  });
}

/** Agrees to the net that the contract says, unless the options expect another. */
export async function confirmNet(invocation: Invocation): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const { currency, round } = await readCycle(session, id);
  const { isDebit, amount } = await readParticipant(session, id, account.account);
  const net: Net = expectedNet(session, invocation, currency) ?? { isDebit, amount };
  const calls = [callOf(n.confirm, { id, account: account.account, round, net })];
  return transact(session, invocation, { account, calls }, async (final) => {
    const result = n.confirm.returns?.decode(final.receipt.results[0] ?? new Uint8Array());
    const { status } = await readCycle(session, id);
    const what = `${account.name} ${net.amount === 0n ? 'pays and receives nothing' : netInWords(net, session, currency)}`;
    const waits = result?.obstacle === undefined ? '' : `; it cannot settle yet: ${result.obstacle}`;
    const sentence = result?.isSettled === true ? `${what}; ${id} is settled` : `${what}: confirmed${waits}`;
    const data = { id, round, net: netData(net, session, currency), status, obstacle: result?.obstacle ?? null };
    return finalResult(final, sentence, data);
  });
}

/** What `--pays` or `--receives` expects; undefined without them. @throws CliError `USAGE_INVALID` */
function expectedNet({ network }: Session, { options }: Invocation, currency: string): Net | undefined {
  const [pays, receives] = [options.text('pays'), options.text('receives')];
  if (pays !== undefined && receives !== undefined) throw usageError('--pays and --receives', 'one of them', 'both');
  const text = pays ?? receives;
  if (text === undefined) return undefined;
  const amount = parseMajorAmount(text, network.decimalsOf(currency));
  return { isDebit: pays !== undefined && amount > 0n, amount };
}

export async function objectToNet(invocation: Invocation): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const { round } = await readCycle(session, id);
  const calls = [callOf(n.object, { id, account: account.account, round })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `${account.name} objects: it leaves ${id} as round ${round} ends`, { id, round }),
  );
}

/** Freezes, ends a round, cancels, lets lapse: sends the call and says what the cycle is now. */
export async function takeStep(
  invocation: Invocation,
  method: 'freeze' | 'endRound' | 'cancel' | 'lapse',
): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const call: Call = method === 'endRound' ? callOf(n.endRound, { id }) : callOf(n[method], { id });
  return transact(session, invocation, { account, calls: [call] }, async (final) => {
    const { data, text } = await describeCycle(session, id);
    const { status, round } = await readCycle(session, id);
    const sentence = status === 'frozen' ? `${id} is frozen: round ${round}` : `${id} is ${status}`;
    const result = finalResult(final, sentence, data as object);
    return { ...result, text: `${result.text}\n\n${text}` };
  });
}

export async function setOperator(invocation: Invocation, isOperator: boolean): Promise<CommandResult> {
  const member = argument(invocation, 0, 'bic');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const method = isOperator ? n.appointOperator : n.dismissOperator;
  const calls = [callOf(method, { currency, member })];
  return transact(session, invocation, { account, calls }, (final) => {
    const sentence = `${member} ${isOperator ? 'may open' : 'opens no more'} cycles in ${currency}`;
    return finalResult(final, sentence, { member, currency, isOperator });
  });
}
