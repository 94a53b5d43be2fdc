import { setTimeout as sleep } from 'node:timers/promises';
import { callOf } from '../../contracts/api/method.js';
import type { Infer } from '../../contracts/api/schema.js';
import { queue } from '../../contracts/index.js';
import { countUpTo } from '../../contracts/queue/book.js';
import { QUEUE_LIMITS } from '../../contracts/queue/records.js';
import { invariant, isCodedError } from '../../primitives/errors.js';
import type { Call } from '../../primitives/types.js';
import { usageError } from '../errors.js';
import { EXIT, exitCodeOf } from '../exitCodes.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult, Output } from '../output.js';
import { finalResult, send, transact } from '../sending.js';
import { openSession } from '../session.js';
import { isSimulated } from '../simulation.js';
import { currencyOf } from '../values.js';
import { QueueWords } from './queueText.js';

const MAX_EVERY_SECONDS = 86_400;
const MAX_TIMES = 1_000_000;

type RunResult = Infer<NonNullable<typeof queue.methods.resolve.returns>>;

const OUTCOMES: Readonly<Record<RunResult['outcome'], string>> = {
  settled: 'settled',
  noneEligible: 'nothing waits that may settle',
  deadlocked: 'no set of these payments can settle without new money',
  unsettled: 'no set was found; not proven that there is none',
};

function callFor({ options }: Invocation, currency: string): Call {
  return callOf(queue.methods.resolve, {
    currency,
    stages: options.flag('fifo') ? 'fifo' : 'all',
    maxPayments: options.integer('maxPayments', 1, QUEUE_LIMITS.window),
    searchSteps: options.integer('searchSteps', 0, QUEUE_LIMITS.searchSteps),
  });
}

function resultOf(bytes: Uint8Array | undefined): RunResult {
  invariant(bytes !== undefined && queue.methods.resolve.returns !== undefined, 'a run has a result');
  return queue.methods.resolve.returns.decode(bytes);
}

function sentenceOf({ run, outcome, settled, value }: RunResult, words: QueueWords): string {
  const what =
    outcome === 'settled' ? `settled ${settled} payments, ${words.amount(value)} ${words.currency}` : OUTCOMES[outcome];
  return `run ${run}: ${what}`;
}

/** One run, now. */
export async function resolveOnce(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const words = new QueueWords(session, currency);
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [callFor(invocation, currency)] }, (final) => {
    const result = resultOf(final.receipt.results[0]);
    return finalResult(final, sentenceOf(result, words), { ...result, value: words.exact(result.value) });
  });
}

/** What is refused or gets no answer is told, as a node may be starting; whatever else goes wrong ends the schedule. */
export async function toldOnFailure<T>(look: () => Promise<T>, output: Pick<Output, 'note'>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    const exitCode = exitCodeOf(error);
    if (!isCodedError(error) || (exitCode !== EXIT.rejected && exitCode !== EXIT.unreachable)) throw error;
    output.note(`no run: ${error.code}: ${error.message}`);
    return undefined;
  }
}

/** Looks at the queue again and again, and runs where something waits. What fails is told and tried again at the next look. */
export async function runOnSchedule(invocation: Invocation): Promise<CommandResult> {
  const { options, output } = invocation;
  const everySeconds = options.integer('every', 1, MAX_EVERY_SECONDS) ?? 1;
  const times = options.integer('times', 1, MAX_TIMES);
  if (isSimulated(invocation)) throw usageError('--simulate', '`vostro queue resolve` with it', '`vostro queue run`');
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const words = new QueueWords(session, currency);
  const account = await session.accounts.own(session.settings.account);
  const call = callFor(invocation, currency);
  let [runs, settled] = [0, 0];
  const lookOnce = async (): Promise<void> => {
    const { waiting, openDay } = await session.client.read(queue.methods.summary, { currency });
    if (openDay === undefined) return output.note(`${currency} has no open business day`);
    if (countUpTo(waiting) === 0) return output.note(`nothing waits in ${currency}`);
    const { receipt } = await send(session, invocation, { account, calls: [call] });
    const result = resultOf(receipt.results[0]);
    runs += 1;
    settled += result.settled;
    output.note(sentenceOf(result, words));
  };
  for (let look = 1; times === undefined || look <= times; look++) {
    await toldOnFailure(lookOnce, output);
    if (look !== times) await sleep(everySeconds * 1_000);
  }
  return { data: { runs, settled, currency }, text: `${runs} runs settled ${settled} payments` };
}
