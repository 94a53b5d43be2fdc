import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { assets } from '../../contracts/assets/assets.js';
import { MAX_SPLIT_RATIO } from '../../contracts/assets/declaration.js';
import type { Call } from '../../primitives/types.js';
import { CliError, usageError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withSending } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, send, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { isSimulated } from '../simulation.js';
import type { WalletAccount } from '../wallet.js';
import { readInstrument } from './instrumentBook.js';

const m = assets.methods;
/** Holders of one transaction. */
const PAGE = 500;
/** Transactions of one split: more holders than any network has. */
const MAX_PAGES = 10_000;

export function registerSplit(group: Command, bind: Bind): void {
  const begin = group
    .command('split')
    .description(
      'Make several units of each one, or one of several, to the last holder. The instrument is paused before.',
    )
    .argument('<instrument>', 'id of the instrument')
    .requiredOption('--ratio <new:old>', '2:1 doubles every holding, 1:10 makes one unit of ten');
  withExamples(withJson(withSending(begin)), 'vostro asset split SHARE-A --account AURLDEFF --ratio 2:1').action(
    bind(splitInstrument),
  );
  const go = group
    .command('continue-split')
    .description('Go on with a split that is under way, to the last holder; anybody may.')
    .argument('<instrument>', 'id of the instrument');
  withExamples(withJson(withSending(go)), 'vostro asset continue-split SHARE-A --account BORLFRPP').action(
    bind(async (invocation) => {
      const instrument = argument(invocation, 0, 'instrument');
      const session = await openSession(invocation);
      const account = await session.accounts.own(session.settings.account);
      return goOn({ invocation, session, account, instrument });
    }),
  );
}

function parseRatio(text: string): { readonly numerator: number; readonly denominator: number } {
  const match = /^([1-9]\d{0,6}):([1-9]\d{0,6})$/.exec(text);
  const [numerator, denominator] = [Number(match?.[1]), Number(match?.[2])];
  if (numerator <= MAX_SPLIT_RATIO && denominator <= MAX_SPLIT_RATIO) return { numerator, denominator };
  throw usageError('--ratio', 'new units for old ones, as 2:1 or 1:10', `"${text.slice(0, 40)}"`);
}

interface Work {
  readonly invocation: Invocation;
  readonly session: Session;
  readonly account: WalletAccount;
  readonly instrument: string;
}

async function splitInstrument(invocation: Invocation): Promise<CommandResult> {
  const instrument = argument(invocation, 0, 'instrument');
  const ratio = parseRatio(invocation.options.required('ratio'));
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const { version } = await readInstrument(session, instrument);
  const call = callOf(m.beginSplit, { instrument, expectedVersion: version, ...ratio });
  const work = { invocation, session, account, instrument };
  if (isSimulated(invocation)) return sendLast(work, [call, pageOf(instrument)]);
  await send(session, invocation, { account, calls: [call] });
  return goOn(work);
}

const pageOf = (instrument: string): Call => callOf(m.continueSplit, { instrument, limit: PAGE });

/** One transaction after the other, until nothing is left to do. */
async function goOn(work: Work): Promise<CommandResult> {
  const { session, invocation, account, instrument } = work;
  if (isSimulated(invocation)) return sendLast(work, [pageOf(instrument)]);
  const { version } = await readInstrument(session, instrument);
  for (let page = 0; page < MAX_PAGES; page++) {
    const final = await send(session, invocation, { account, calls: [pageOf(instrument)] });
    if ((await session.client.read(m.split, { instrument })) !== undefined) continue;
    const now = await readInstrument(session, instrument);
    if (now.version > version) {
      const sentence = `split ${instrument}: version ${now.version} of its terms is in force`;
      return finalResult(final, sentence, { instrument, version: now.version });
    }
    throw new CliError('SPLIT_REFUSED', `a holding of ${instrument} would leave a rest: nothing was changed`, {
      expected: 'holdings that the ratio divides',
      actual: 'one that it does not',
      hint: 'the event SplitRefused of the newest transaction names the holder',
    });
  }
  throw new CliError('SPLIT_REFUSED', `expected ${instrument} to be split after ${MAX_PAGES} transactions`, {
    expected: `at most ${MAX_PAGES * PAGE} holders`,
    actual: 'more',
    hint: '`vostro asset continue-split` goes on',
  });
}

function sendLast({ session, invocation, account, instrument }: Work, calls: readonly Call[]): Promise<CommandResult> {
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `split ${instrument}`, { instrument }),
  );
}
