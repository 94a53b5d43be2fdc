import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { htlc } from '../../contracts/index.js';
import { toHex } from '../../primitives/bytes.js';
import type { Call } from '../../primitives/types.js';
import { parseMajorAmount } from '../amounts.js';
import { usageError } from '../errors.js';
import { parseDuration, parseTime } from '../governance/terms.js';
import { describeLock, listLocks, lockData, readLock, timeOf } from '../htlc/htlcBook.js';
import { keyOf, makeKeyFile, parse32 } from '../htlc/htlcKey.js';
import { shownAmount } from '../instruction/legs.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withAccount, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { currencyOf, parseUnits } from '../values.js';

const h = htlc.methods;
const ID_HELP = 'its id';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('htlc')
    .description('Lock money or units that a key or time opens: one side of an exchange with another ledger.');
  const key = group
    .command('key')
    .description('Make a key in a new file that only its owner reads, and show its hash.');
  withExamples(withJson(key.option('--out <file>', 'the file')), 'vostro htlc key --out swap.key').action(
    bind(makeKey),
  );
  registerLock(group, bind);
  keyed(group, bind, 'claim', 'Show the key of a lock before its deadline: its recipient is paid.');
  keyed(group, bind, 'refund', 'Show the key of failure of a lock: its sender has it back.');
  timed(group, bind, 'reclaim', 'Give a lock back whose deadline has come and that nobody has claimed.');
  timed(group, bind, 'pay', 'Pay what was claimed while something stood in the way.');
  const show = group.command('show').description('Show a lock, and its key once somebody has shown it.');
  withExamples(
    withJson(withNetwork(withWallet(show.argument('<id>', ID_HELP)))),
    'vostro htlc show AURLDEFF-H1',
  ).action(bind(async (invocation) => describeLock(await openSession(invocation), argument(invocation, 0, 'id'))));
  const list = group.command('list').description('List open locks that an account sends or is to receive.');
  withExamples(withJson(withAccount(list)), 'vostro htlc list --account BORLFRPP').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      return listLocks(session, (await session.accounts.own(session.settings.account)).account);
    }),
  );
}

function registerLock(group: Command, bind: Bind): void {
  const lock = group
    .command('lock')
    .description('Set money or units aside for a recipient who can show the key of a hash in time.')
    .argument('<id>', 'the BIC of the account’s member, a dash, and a name of your own, as AURLDEFF-H1')
    .option('--to <account>', 'the recipient')
    .option('--amount <amount>', 'money, in the major unit')
    .option('--currency <code>', 'its currency; the network’s only one when left out')
    .option('--instrument <id>', 'an instrument in the place of money')
    .option('--units <n>', 'units of the instrument')
    .option('--hash <hash>', 'hash of the key that pays the recipient')
    .option('--failure-hash <hash>', 'hash of a key that pays the sender back (ERC-7573)')
    .option('--for <duration>', 'how long the key counts, as 90s, 30m, 2h or 7d')
    .option('--until <time>', 'the same as a time, as 2026-01-05T16:00:00Z')
    .option(
      '--answers <time>',
      'deadline of the lock on the other ledger that this one answers: refuses to last beyond half of the time until then',
    );
  withExamples(
    withJson(withSending(lock)),
    'vostro htlc lock AURLDEFF-H1 --account AURLDEFF --to BORLFRPP --amount 1000.00 --hash 0x… --for 2h',
    'vostro htlc lock BORLFRPP-H1 --account BORLFRPP --to AURLDEFF --amount 1084.50 --currency USD --hash 0x… --for 50m --answers 2026-01-05T16:00:00Z',
  ).action(bind(makeLock));
}

function keyed(group: Command, bind: Bind, name: 'claim' | 'refund', description: string): void {
  const command = group
    .command(name)
    .description(description)
    .argument('<id>', ID_HELP)
    .option('--key <key>', 'the key; it becomes public')
    .option('--key-file <file>', 'file that holds it, as `vostro htlc key` made it');
  withExamples(
    withJson(withSending(command)),
    `vostro htlc ${name} AURLDEFF-H1 --account BORLFRPP --key-file swap.key`,
  ).action(
    bind(async (invocation) => {
      const id = argument(invocation, 0, 'id');
      const args = { id, key: await keyOf(invocation.options) };
      return takeStep(invocation, id, name === 'claim' ? callOf(h.claim, args) : callOf(h.refund, args));
    }),
  );
}

function timed(group: Command, bind: Bind, name: 'reclaim' | 'pay', description: string): void {
  const command = group.command(name).description(description).argument('<id>', ID_HELP);
  withExamples(withJson(withSending(command)), `vostro htlc ${name} AURLDEFF-H1 --account AURLDEFF`).action(
    bind((invocation) => {
      const id = argument(invocation, 0, 'id');
      return takeStep(invocation, id, callOf(h[name], { id }));
    }),
  );
}

async function makeKey({ options }: Invocation): Promise<CommandResult> {
  const file = options.required('out');
  const hash = toHex(await makeKeyFile(file));
  return { data: { file, hash }, text: `hash ${hash}\nkey  in ${file}: whoever has it can claim` };
}

async function makeLock(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const id = argument(invocation, 0, 'id');
  const failure = options.text('failureHash');
  const deadline = deadlineOf(invocation);
  requireAnswer(invocation, deadline);
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const terms = {
    ...{ id, sender: account.account, recipient: await session.accounts.address(options.required('to')) },
    ...amountOf(invocation, session),
    hash: parse32(options.required('hash'), '--hash'),
    failureHash: failure === undefined ? undefined : parse32(failure, '--failure-hash'),
    deadline,
  };
  return transact(session, invocation, { account, calls: [callOf(h.lock, terms)] }, (final) => {
    const recipient = session.accounts.shown(terms.recipient);
    const sentence = `locked ${shownAmount(terms, session.network)} for ${recipient} until ${timeOf(deadline)}`;
    return finalResult(final, sentence, lockData(session, id, { ...terms, status: 'locked' }));
  });
}

function amountOf({ options }: Invocation, { network }: Session) {
  const [amount, units, instrument] = [options.text('amount'), options.text('units'), options.text('instrument')];
  if ((amount === undefined) === (units === undefined) || (units === undefined) !== (instrument === undefined)) {
    throw usageError('--amount, or --units and --instrument', 'one of the two', 'something else');
  }
  if (units !== undefined) return { instrument, amount: parseUnits(units, '--units') };
  const currency = currencyOf(network, options.text('currency'));
  return { currency, amount: parseMajorAmount(amount ?? '', network.decimalsOf(currency)) };
}

function deadlineOf({ options, host }: Invocation): number {
  const [duration, time] = [options.text('for'), options.text('until')];
  if ((duration === undefined) === (time === undefined)) {
    throw usageError('--for and --until', 'one of them', duration === undefined ? 'none' : 'both');
  }
  return duration === undefined ? parseTime(time ?? '', '--until') : host.nowMs() + parseDuration(duration, '--for');
}

/**
 * Whoever answers must have time to claim the first lock after its own has been claimed in the last moment: it lasts at most half as
 * long from now on.
 */
function requireAnswer({ options, host }: Invocation, deadline: number): void {
  const text = options.text('answers');
  if (text === undefined) return;
  const now = host.nowMs();
  const latest = now + Math.floor((parseTime(text, '--answers') - now) / 2);
  if (deadline <= latest && latest > now) return;
  const hint = 'a lock that answers another ends first, or the key could be shown here when it is too late there';
  throw usageError('--for', `an end by ${timeOf(latest)}`, timeOf(deadline), hint);
}

/** Sends the call and says what the lock is now. */
async function takeStep(invocation: Invocation, id: string, call: Call): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [call] }, async (final) => {
    const lock = await readLock(session, id);
    const { recipient, sender } = lock;
    const sentences: Readonly<Record<typeof lock.status, string>> = {
      locked: `${id} is locked`,
      claimed: `claimed ${id}; the payment waits: vostro htlc pay ${id}`,
      paid: `${id} is paid: ${shownAmount(lock, session.network)} to ${session.accounts.shown(recipient)}`,
      refunded: `${id} is refunded to ${session.accounts.shown(sender)}`,
      reclaimed: `${id} has gone back to ${session.accounts.shown(sender)}`,
      returned: `${id} was given back by the members`,
    };
    return finalResult(final, sentences[lock.status], lockData(session, id, lock));
  });
}
