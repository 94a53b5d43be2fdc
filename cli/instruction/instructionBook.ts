import { settlement } from '../../contracts/index.js';
import type { Leg, Terms } from '../../contracts/settlement/declaration.js';
import { termsHash } from '../../contracts/settlement/terms.js';
import { toChecksum } from '../../primitives/address.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import { CliError } from '../errors.js';
import type { CommandResult } from '../output.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { amountData, formatRate, shownAmount } from './legs.js';

const s = settlement.methods;

/** What the contract calls its models, as options are written. */
export const MODEL_NAMES = { gross: 'gross', 'net-cash': 'netCash', 'net-both': 'netBoth' } as const;

export type InstructionState = NonNullable<Awaited<ReturnType<typeof askInstruction>>>;
type Party = Awaited<ReturnType<typeof askParties>>[number];

function askInstruction({ client }: Session, id: string) {
  return client.read(s.instruction, { id });
}

function askParties({ client }: Session, id: string) {
  return client.read(s.parties, { id });
}

/** An instruction, open or over. @throws CliError `NOT_FOUND` */
export async function readInstruction(session: Session, id: string): Promise<InstructionState> {
  const found = await askInstruction(session, id);
  if (found !== undefined) return found;
  throw new CliError('NOT_FOUND', `expected an instruction of this network, found none called "${id.slice(0, 80)}"`, {
    expected: 'an instruction',
    actual: id.slice(0, 80),
    hint: '`vostro instruction list --account NAME` lists those that are open',
  });
}

/**
 * The terms of an open instruction and their hash, which is made of exactly what is shown: no node can have a bank agree to
 * anything else.
 *
 * @throws CliError `NOT_FOUND` for one that is over; `PROPOSAL_INVALID` where the node’s hash is another
 */
export async function readTerms(session: Session, id: string): Promise<{ readonly terms: Terms; readonly hash: Hash }> {
  const { instructor, details, terms: told, status } = await readInstruction(session, id);
  if (details === undefined) {
    throw new CliError('NOT_FOUND', `expected an open instruction, found ${id}, which is ${status}`, {
      expected: 'an open instruction',
      actual: status,
    });
  }
  const terms: Terms = { id, instructor, ...details };
  const hash = termsHash(terms);
  if (equalBytes(hash, told)) return { terms, hash };
  throw new CliError('PROPOSAL_INVALID', `expected the terms of ${toHex(told)}, found others`, {
    expected: toHex(told),
    actual: toHex(hash),
    hint: 'the node contradicts itself: ask another one with --rpc',
  });
}

/** What a person reads before agreeing. */
export function describeTerms(session: Session, { id, instructor, ...details }: Terms, hash: Hash): string {
  const { accounts, network } = session;
  const { legs, model, settler, deadline, rate } = details;
  const columns = [
    { title: 'LEG', align: 'right' },
    { title: 'AMOUNT', align: 'right' },
    { title: 'FROM' },
    { title: 'TO' },
  ];
  const rows = legs.map((leg, index) => [
    String(index + 1),
    shownAmount(leg, network),
    accounts.shown(leg.from),
    accounts.shown(leg.to),
  ]);
  const fields = formatFields([
    ['instruction', id],
    ['instructed by', accounts.shown(instructor)],
    ['model', modelWords(model)],
    ['settles by', settler === undefined ? 'the last allocation or approval' : accounts.shown(settler)],
    ['deadline', new Date(deadline).toISOString()],
    ...(rate === undefined ? [] : [['agreed rate', formatRate(rate)] as const]),
    ['terms', toHex(hash)],
  ]);
  return `${fields}\n\n${formatTable(columns as Parameters<typeof formatTable>[0], rows)}`;
}

function modelWords(model: Terms['model']): string {
  if (model === 'gross') return 'gross (Model 1: every leg for itself)';
  return model === 'netCash' ? 'net-cash (Model 2: money netted, securities gross)' : 'net-both (Model 3: all netted)';
}

/** An instruction as it stands, and why it is not settled yet. */
export async function describeInstruction(session: Session, id: string): Promise<CommandResult> {
  const state = await readInstruction(session, id);
  const { instructor, terms, status, closedAt } = state;
  const common = { id, status, instructor: toChecksum(instructor), terms: toHex(terms) };
  if (closedAt !== undefined) {
    const at = new Date(closedAt.timestamp).toISOString();
    const fields = formatFields([
      ['instruction', id],
      ['instructed by', session.accounts.shown(instructor)],
      ['status', `${status} at ${at}, height ${closedAt.height}`],
      ['terms', toHex(terms)],
    ]);
    return { data: { ...common, closedAt: { height: closedAt.height, timestamp: at } }, text: fields };
  }
  const { terms: values, hash } = await readTerms(session, id);
  const parties = await askParties(session, id);
  const missing = await session.client.read(s.missing, { id });
  const why = whyOpen(session, missing);
  return {
    data: {
      ...common,
      ...termsData(session, values),
      parties: parties.map(partyData(session)),
      missing: missingData(missing),
    },
    text: `${describeTerms(session, values, hash)}\n\n${partyTable(session, parties)}\n\nstatus  ${status}\n${why.join('\n')}`,
  };
}

export function termsData(session: Session, { legs, model, settler, deadline, rate }: Terms) {
  return {
    legs: legs.map((leg) => legData(session, leg)),
    model: Object.entries(MODEL_NAMES).find(([, name]) => name === model)?.[0] ?? model,
    settler: settler === undefined ? null : toChecksum(settler),
    deadline: new Date(deadline).toISOString(),
    rate: rate === undefined ? null : formatRate(rate),
  };
}

function legData({ network }: Session, leg: Leg) {
  return { ...amountData(leg, network), from: toChecksum(leg.from), to: toChecksum(leg.to) };
}

const partyData =
  ({ network }: Session) =>
  ({ account, obligations, ...party }: Party) => ({
    account: toChecksum(account),
    ...party,
    obligations: obligations.map((each) => amountData(each, network)),
  });

function partyTable({ accounts, network }: Session, parties: readonly Party[]): string {
  const columns = [{ title: 'PARTY' }, { title: 'SETS ASIDE' }, { title: 'ALLOCATED' }, { title: 'APPROVED' }];
  const rows = parties.map((party) => [
    accounts.shown(party.account),
    party.obligations.map((each) => shownAmount(each, network)).join(', ') || '-',
    party.owes ? (party.allocation === 'none' ? 'no' : party.allocation) : '-',
    party.receives ? (party.approved ? 'yes' : 'no') : '-',
  ]);
  return formatTable(columns, rows);
}

type Missing = Awaited<ReturnType<typeof askMissing>>;

function askMissing({ client }: Session, id: string) {
  return client.read(s.missing, { id });
}

/** One line for each thing that settlement waits for. */
function whyOpen({ accounts }: Session, missing: Missing): readonly string[] {
  const { allocations, approvals, settler, closedDays, paused, suspended, isPastDeadline, frozen } = missing;
  const shown = (list: readonly Address[]): string => list.map((account) => accounts.shown(account)).join(', ');
  return [
    ...(isPastDeadline ? ['the deadline has passed: `vostro instruction expire` frees what is allocated'] : []),
    ...(allocations.length > 0 ? [`waits for the allocation of ${shown(allocations)}`] : []),
    ...(approvals.length > 0 ? [`waits for the approval of ${shown(approvals)}`] : []),
    ...(settler === undefined ? [] : [`waits for its settler ${accounts.shown(settler)}`]),
    ...closedDays.map((currency) => `cannot settle now: no business day of ${currency} is open`),
    ...paused.map((instrument) => `cannot settle now: ${instrument} is paused`),
    ...(suspended.length > 0 ? [`cannot settle now: suspended ${shown(suspended)}`] : []),
    ...(frozen.length > 0 ? [`cannot settle now: orders keep what would leave ${shown(frozen)}`] : []),
  ];
}

function missingData({ allocations, approvals, settler, suspended, frozen, ...rest }: Missing) {
  return {
    allocations: allocations.map(toChecksum),
    approvals: approvals.map(toChecksum),
    settler: settler === undefined ? null : toChecksum(settler),
    suspended: suspended.map(toChecksum),
    frozen: frozen.map(toChecksum),
    ...rest,
  };
}
