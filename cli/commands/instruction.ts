import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { settlement } from '../../contracts/index.js';
import type { Terms } from '../../contracts/settlement/declaration.js';
import { termsHash } from '../../contracts/settlement/terms.js';
import { toChecksum } from '../../primitives/address.js';
import { equalBytes, fromHex, type Hash, toHex } from '../../primitives/bytes.js';
import type { Address, Call } from '../../primitives/types.js';
import { deadlineOf, withDeadline } from '../deadline.js';
import { usageError } from '../errors.js';
import { requireYes, withYes } from '../governance/consent.js';
import {
  describeInstruction,
  describeTerms,
  MODEL_NAMES,
  readInstruction,
  readTerms,
  termsData,
} from '../instruction/instructionBook.js';
import { parseLeg, parseRate } from '../instruction/legs.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { repeated, withAccount, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatTable } from '../table.js';
import type { WalletAccount } from '../wallet.js';

const s = settlement.methods;
/** Instructions of one page of the list. */
const PAGE = 100;
const MAX_PAGES = 1_000;

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('instruction')
    .description('Settle several legs, parties, instruments and currencies together, or none of them.');
  registerCreate(group, bind);
  const allocate = agreeing(group, 'allocate', 'Set aside all that the account sends by an instruction.')
    .option('--committed', 'not to be taken back before the deadline')
    .option('--approve', 'approve what the account receives in the same transaction');
  withExamples(
    allocate,
    'vostro instruction allocate AURLDEFF-T1 --account BORLFRPP',
    'vostro instruction allocate AURLDEFF-T1 --account BORLFRPP --committed --approve --yes',
  ).action(bind(allocateInstruction));
  const approve = agreeing(group, 'approve', 'Accept what the account receives by an instruction.');
  withExamples(approve, 'vostro instruction approve AURLDEFF-T1 --account AURLDEFF').action(bind(approveInstruction));
  step(group, bind, 'withdraw', 'Take back an allocation that is not committed, and the approval.').option(
    '--for <account>',
    'a suspended account, as a central bank; the own one when left out',
  );
  step(group, bind, 'execute', 'Settle an instruction that misses nothing, as its settler.');
  step(group, bind, 'cancel', 'Cancel an instruction, or ask for it: once somebody is committed, all parties must.');
  step(group, bind, 'expire', 'End an instruction whose deadline has passed; what it holds goes back.');
  const show = group
    .command('show')
    .description('Show an instruction: its legs, who has done what, and why it is not settled yet.')
    .argument('<id>', 'its id');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro instruction show AURLDEFF-T1').action(
    bind(async (invocation) => describeInstruction(await openSession(invocation), argument(invocation, 0, 'id'))),
  );
  const list = group
    .command('list')
    .description('List open instructions of an account, and what it has to do for each.');
  withExamples(withJson(withAccount(list)), 'vostro instruction list --account AURLDEFF').action(
    bind(listInstructions),
  );
}

function registerCreate(group: Command, bind: Bind): void {
  const create = withDeadline(group.command('create'))
    .description('Propose what several accounts are to exchange. Nothing is set aside yet.')
    .argument('<id>', 'the BIC of the account’s member, a dash, and a name of your own, as AURLDEFF-T1')
    .option('--leg <leg>', 'cash:EUR:100.00:FROM:TO or asset:BOND-2031:10:FROM:TO; several times', repeated, [])
    .option('--model <model>', `${Object.keys(MODEL_NAMES).join(', ')}: what is netted before it is set aside`, 'gross')
    .option('--settler <account>', 'who executes; without one the last allocation or approval does')
    .option('--rate <rate>', 'agreed rate of two currencies, as EUR/USD=1.0845');
  withExamples(
    withJson(withSending(create)),
    'vostro instruction create AURLDEFF-T1 --account AURLDEFF --leg asset:BOND-2031:100:AURLDEFF:BORLFRPP --leg cash:EUR:98500.00:BORLFRPP:AURLDEFF --for 2h',
  ).action(bind(createInstruction));
}

/** A command that agrees to terms. */
function agreeing(group: Command, name: string, description: string): Command {
  const command = withYes(group.command(name))
    .description(description)
    .argument('<id>', 'its id')
    .option('--terms <hash>', 'refuse unless this is the hash of its terms, as another channel told it');
  return withJson(withSending(command));
}

type StepName = 'withdraw' | 'execute' | 'cancel' | 'expire';

/** A command of one call that agrees to nothing new. */
function step(group: Command, bind: Bind, name: StepName, description: string): Command {
  const command = group.command(name).description(description).argument('<id>', 'its id');
  return withExamples(
    withJson(withSending(command)),
    `vostro instruction ${name} AURLDEFF-T1 --account AURLDEFF`,
  ).action(bind((invocation) => takeStep(invocation, name)));
}

async function createInstruction(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const id = argument(invocation, 0, 'id');
  const name = options.required('model');
  const model = Object.entries(MODEL_NAMES).find(([each]) => each === name)?.[1];
  if (model === undefined) throw usageError('--model', Object.keys(MODEL_NAMES).join(', '), name);
  const deadline = deadlineOf(invocation);
  const rate = options.text('rate');
  const session = await openSession(invocation);
  const { accounts, network } = session;
  const account = await accounts.own(session.settings.account);
  const texts = options.list('leg');
  if (texts.length === 0) throw usageError('--leg', 'at least one', 'none');
  const settler = options.text('settler');
  const terms: Terms = {
    ...{ id, instructor: account.account, model, deadline },
    legs: await Promise.all(texts.map((text) => parseLeg(text, network, accounts))),
    settler: settler === undefined ? undefined : await accounts.address(settler),
    rate: rate === undefined ? undefined : parseRate(rate),
  };
  const hash = termsHash(terms);
  return transact(session, invocation, { account, calls: [callOf(s.instruct, terms)] }, (final) => {
    const sentence = `${describeTerms(session, terms, hash)}\n`;
    return finalResult(final, sentence, { id, terms: toHex(hash), ...termsData(session, terms) });
  });
}

interface Agreement {
  readonly session: Session;
  readonly account: WalletAccount;
  readonly id: string;
  readonly hash: Hash;
}

/** Reads the terms, shows them and asks; what is signed is the hash of what was shown. */
async function agree(invocation: Invocation, question: string): Promise<Agreement> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const { terms, hash } = await readTerms(session, id);
  const wanted = invocation.options.text('terms');
  if (wanted !== undefined && !equalBytes(fromHex(wanted), hash)) {
    throw usageError('--terms', wanted, toHex(hash), 'these are not the terms that the other channel told of');
  }
  const account = await session.accounts.own(session.settings.account);
  await requireYes(invocation, describeTerms(session, terms, hash), question);
  return { session, account, id, hash };
}

async function allocateInstruction(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const agreement = await agree(invocation, 'Set this account’s part aside?');
  const { account, id, hash } = agreement;
  const own = { id, account: account.account, terms: hash };
  const calls = [callOf(s.allocate, { ...own, isCommitted: options.flag('committed') })];
  if (options.flag('approve')) calls.push(callOf(s.approve, own));
  return tellStatus(agreement, invocation, calls, options.flag('approve') ? 'allocated and approved' : 'allocated');
}

async function approveInstruction(invocation: Invocation): Promise<CommandResult> {
  const agreement = await agree(invocation, 'Approve this?');
  const { account, id, hash } = agreement;
  const calls = [callOf(s.approve, { id, account: account.account, terms: hash })];
  return tellStatus(agreement, invocation, calls, 'approved');
}

async function takeStep(invocation: Invocation, name: StepName): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const other = invocation.options.text('for');
  const { account: party } = other === undefined ? account : await session.accounts.find(other);
  const call =
    name === 'execute' || name === 'expire' ? callOf(s[name], { id }) : callOf(s[name], { id, account: party });
  const done = { withdraw: 'withdrew from', execute: 'executed', cancel: 'asked to cancel', expire: 'ended' }[name];
  return tellStatus({ session, account, id }, invocation, [call], done);
}

/** Sends the calls and says what the instruction is now. */
function tellStatus(
  { session, account, id }: Omit<Agreement, 'hash'>,
  invocation: Invocation,
  calls: readonly Call[],
  done: string,
): Promise<CommandResult> {
  return transact(session, invocation, { account, calls }, async (final) => {
    const { status, terms } = await readInstruction(session, id);
    return finalResult(final, `${done} ${id}, which is ${status}`, { id, status, terms: toHex(terms) });
  });
}

type Open = Awaited<ReturnType<typeof openPage>>[number];

function openPage({ client }: Session, account: Address, after: string | undefined) {
  return client.read(s.openOf, { account, limit: PAGE, after });
}

async function listInstructions(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const { account } = await session.accounts.own(session.settings.account);
  const found: Open[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const more = await openPage(session, account, found.at(-1)?.id);
    found.push(...more);
    if (more.length < PAGE) break;
  }
  const columns = [{ title: 'INSTRUCTION' }, { title: 'STATUS' }, { title: 'DEADLINE' }, { title: 'TO DO' }];
  const rows = found.map((each) => [each.id, each.status, new Date(each.deadline).toISOString(), toDo(each)]);
  const data = found.map(({ terms, instructor, deadline, ...rest }) => ({
    ...rest,
    instructor: toChecksum(instructor),
    terms: toHex(terms),
    deadline: new Date(deadline).toISOString(),
  }));
  return {
    data: { instructions: data },
    text: rows.length === 0 ? 'no open instructions' : formatTable(columns, rows),
  };
}

function toDo({ mustAllocate, mustApprove }: Open): string {
  const words = [...(mustAllocate ? ['allocate'] : []), ...(mustApprove ? ['approve'] : [])];
  return words.join(', ') || '-';
}
