import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { governance } from '../../contracts/index.js';
import { equalBytes, fromHex, toHex } from '../../primitives/bytes.js';
import { usageError } from '../errors.js';
import { requireYes, withYes } from '../governance/consent.js';
import { describeCalls } from '../governance/describeCalls.js';
import { type Proposal, readProposal, readProposals } from '../governance/proposalBook.js';
import { registerProposals } from '../governance/proposeCommands.js';
import { parseDuration, parseProposalId, parseTime } from '../governance/terms.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';

const g = governance.methods;
const COLUMNS = [
  { title: 'ID', align: 'right' },
  { title: 'STATUS' },
  { title: 'IN FORCE FROM', align: 'right' },
  { title: 'OPEN UNTIL' },
  { title: 'APPROVED BY' },
  { title: 'DESCRIPTION' },
] as const;

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('governance')
    .description('What the members decide together: proposals, approvals, emergency pauses.');
  const list = group
    .command('list')
    .description('List proposals that are open or accepted, and what is paused.')
    .option('--all', 'also those that are over');
  withExamples(
    withJson(withNetwork(withWallet(list))),
    'vostro governance list',
    'vostro governance list --all',
  ).action(bind(listProposals));
  const show = group
    .command('show')
    .description('Show a proposal: what it does in words, and who approved it.')
    .argument('<id>', 'its number');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro governance show 3').action(bind(showProposal));
  registerProposals(group, bind);
  const approve = withYes(group.command('approve'))
    .description('Approve a proposal, exactly as it is shown.')
    .argument('<id>', 'its number')
    .option('--hash <hash>', 'refuse unless this is its hash, as another channel told it');
  withExamples(
    withJson(withSending(approve)),
    'vostro governance approve 3 --account AURLDEFF',
    'vostro governance approve 3 --account AURLDEFF --yes',
  ).action(bind(approveProposal));
  const cancel = withYes(group.command('cancel'))
    .description('Take back an open proposal of one’s own, or vote to cancel any: a quorum cancels.')
    .argument('<id>', 'its number');
  withExamples(withJson(withSending(cancel)), 'vostro governance cancel 3 --account AURLDEFF').action(
    bind(cancelProposal),
  );
  const pause = withYes(group.command('pause'))
    .description('Vote to pause a contract, or all of them, until a time. At least a third of the members pause it.')
    .argument('<scope>', 'a contract as cash, or all')
    .option('--for <duration>', 'how long at most, as 2h; 7d at most')
    .option('--until <time>', 'the same as a time, as 2026-01-05T12:00:00Z');
  withExamples(withJson(withSending(pause)), 'vostro governance pause cash --for 2h --account AURLDEFF').action(
    bind(votePause),
  );
  const lift = withYes(group.command('lift'))
    .description('Vote to end a pause before its time: a quorum ends it.')
    .argument('<scope>', 'what is paused, as cash or all');
  withExamples(withJson(withSending(lift)), 'vostro governance lift cash --account AURLDEFF').action(bind(voteLift));
}

async function listProposals(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const proposals = await readProposals(session, invocation.options.flag('all'));
  const pauses = await session.client.read(g.pauses, {});
  const approvals = await Promise.all(proposals.map(async ({ id }) => (await votesOf(session, id)).approvals));
  const rows = proposals.map((proposal, index) => [
    String(proposal.id),
    proposal.status,
    String(proposal.activateAt),
    new Date(proposal.expiresAt).toISOString(),
    approvals[index]?.join(' ') ?? '',
    proposal.description,
  ]);
  const paused = pauses.map(({ scope, untilMs }) => `paused: ${scope}, until ${new Date(untilMs).toISOString()}`);
  const none = 'no proposal is open or accepted; --all shows those that are over';
  return {
    data: {
      proposals: proposals.map((proposal, index) => ({ ...proposalData(proposal), approvals: approvals[index] })),
      pauses,
    },
    text: [...paused, rows.length === 0 ? none : formatTable(COLUMNS, rows)].join('\n'),
  };
}

function votesOf({ client }: Session, id: number) {
  return client.read(g.votes, { id });
}

function proposalData({ calls, hash, document, code, failedCall, ...rest }: Proposal) {
  return {
    ...rest,
    hash: toHex(hash),
    document: document === undefined ? null : toHex(document),
    code: code ?? null,
    failedCall: failedCall ?? null,
    calls: calls.map(({ contract, method, args }) => ({ contract, method, args: toHex(args) })),
  };
}

/** What a person reads before approving. */
async function describe(
  session: Session,
  proposal: Proposal,
): Promise<{ readonly data: object; readonly text: string }> {
  const { approvals, cancellations } = await votesOf(session, proposal.id);
  const calls = await describeCalls(session, proposal.calls);
  const failure =
    proposal.code === undefined ? [] : [['failed with', `${proposal.code} in ${proposal.failedCall}`] as const];
  const text = formatFields([
    ['proposal', `${proposal.id}, ${proposal.status}`],
    ...failure,
    ['description', proposal.description],
    ['proposed by', proposal.proposer],
    ...calls.map(({ words }, index) => [index === 0 ? 'does' : '', words] as const),
    ['in force from', `height ${proposal.activateAt}`],
    ['open until', new Date(proposal.expiresAt).toISOString()],
    ['approved by', approvals.join(' ')],
    ...(cancellations.length > 0 ? [['cancel wanted by', cancellations.join(' ')] as const] : []),
    ...(proposal.document === undefined ? [] : [['document', toHex(proposal.document)] as const]),
    ['hash', toHex(proposal.hash)],
  ]);
  return { data: { ...proposalData(proposal), calls, approvals, cancellations }, text };
}

async function showProposal(invocation: Invocation): Promise<CommandResult> {
  const id = parseProposalId(argument(invocation, 0, 'id'));
  const session = await openSession(invocation);
  return describe(session, await readProposal(session, id));
}

async function approveProposal(invocation: Invocation): Promise<CommandResult> {
  const id = parseProposalId(argument(invocation, 0, 'id'));
  const session = await openSession(invocation);
  const proposal = await readProposal(session, id);
  const wanted = invocation.options.text('hash');
  if (wanted !== undefined && !equalBytes(fromHex(wanted), proposal.hash)) {
    throw usageError('--hash', wanted, toHex(proposal.hash), 'this is not the proposal that the other channel told of');
  }
  const account = await session.accounts.own(session.settings.account);
  await requireYes(invocation, (await describe(session, proposal)).text, 'Approve this?');
  const calls = [callOf(g.approve, { id, hash: proposal.hash })];
  return transact(session, invocation, { account, calls }, async (final) => {
    const { status } = await readProposal(session, id);
    const data = { id, status, hash: toHex(proposal.hash) };
    return finalResult(final, `approved proposal ${id}, which is ${status}`, data);
  });
}

async function cancelProposal(invocation: Invocation): Promise<CommandResult> {
  const id = parseProposalId(argument(invocation, 0, 'id'));
  const session = await openSession(invocation);
  const proposal = await readProposal(session, id);
  const account = await session.accounts.own(session.settings.account);
  await requireYes(invocation, (await describe(session, proposal)).text, 'Cancel this?');
  return transact(session, invocation, { account, calls: [callOf(g.cancel, { id })] }, async (final) => {
    const { status } = await readProposal(session, id);
    return finalResult(final, `voted to cancel proposal ${id}, which is ${status}`, { id, status });
  });
}

async function votePause(invocation: Invocation): Promise<CommandResult> {
  const scope = argument(invocation, 0, 'scope');
  const untilMs = pauseEnd(invocation);
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const what = scope === 'all' ? 'every contract that moves value' : `the contract ${scope}`;
  const until = new Date(untilMs).toISOString();
  await requireYes(invocation, `pause ${what} until ${until}`, 'Vote for this?');
  return transact(session, invocation, { account, calls: [callOf(g.pause, { scope, untilMs })] }, async (final) => {
    const pauses = await session.client.read(g.pauses, {});
    const paused = pauses.find((pause) => pause.scope === scope);
    const state = paused === undefined ? 'not paused yet' : `paused until ${new Date(paused.untilMs).toISOString()}`;
    const data = { scope, untilMs, pausedUntilMs: paused?.untilMs ?? null };
    return finalResult(final, `voted to pause ${what} until ${until}; it is ${state}`, data);
  });
}

function pauseEnd({ options, host }: Invocation): number {
  const [duration, time] = [options.text('for'), options.text('until')];
  if ((duration === undefined) === (time === undefined))
    throw usageError('--for and --until', 'one of them', 'both or none');
  return duration === undefined ? parseTime(time ?? '', '--until') : host.nowMs() + parseDuration(duration, '--for');
}

async function voteLift(invocation: Invocation): Promise<CommandResult> {
  const scope = argument(invocation, 0, 'scope');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  await requireYes(invocation, `end the pause of ${scope}`, 'Vote for this?');
  return transact(session, invocation, { account, calls: [callOf(g.lift, { scope })] }, async (final) => {
    const isPaused = (await session.client.read(g.pauses, {})).some((pause) => pause.scope === scope);
    const sentence = `voted to end the pause of ${scope}, which ${isPaused ? 'still holds' : 'is over'}`;
    return finalResult(final, sentence, { scope, isPaused });
  });
}
