import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { cash } from '../cash/cash.js';
import { membership } from '../membership/membership.js';
import { deadlineFault } from '../time/deadline.js';
import { endCycle } from './closing.js';
import { isDayOpen, requireDay } from './day.js';
import {
  type Cycle,
  type cycleTerms,
  LONGEST_CUT_OFF_MS,
  MAX_ID,
  MAX_OBLIGATIONS,
  MAX_OPERATORS,
  MAX_PARTICIPANTS,
  type NettingContext,
  type NettingView,
  OPEN_PER_OPERATOR,
  type obligationFields,
  type Participant,
  requireParticipant,
  requireStatus,
} from './declaration.js';

type Terms = { readonly [N in keyof typeof cycleTerms]: Infer<(typeof cycleTerms)[N]> };
type Obligation = { readonly [N in keyof typeof obligationFields]: Infer<(typeof obligationFields)[N]> };

/** About what one obligation takes beside what the host counts, in nanoseconds. */
const OBLIGATION_FUEL = 500;

const UNCONCERNED: Participant = {
  ...{ submitted: 0, answer: 'none', isConcerned: false, isDebit: false, amount: 0n },
  ...{ locks: [], excluded: undefined },
};

function issuerOf(ctx: NettingView, currency: string): string {
  return (ctx.view(cash.methods.currency, { currency }) ?? ctx.fail('CURRENCY_UNKNOWN', { currency })).issuer;
}

/** The central bank of the currency says who else may open cycles in it. */
export function setOperator(
  ctx: NettingContext,
  { currency, member }: { readonly currency: string; readonly member: string },
  isOperator: boolean,
): void {
  const { member: own } = ctx.requireAccount(ctx.sender);
  ctx.require(own === issuerOf(ctx, currency), 'NOT_ENTITLED', { member: own });
  if (isOperator && ctx.view(membership.methods.member, { member }) === undefined) {
    ctx.fail('MEMBER_UNKNOWN', { member });
  }
  const changes = ctx.state.operators.has(currency, member) !== isOperator;
  ctx.require(changes, 'OPERATOR_UNCHANGED', { member, isOperator });
  if (!isOperator) {
    ctx.state.operators.delete(currency, member);
    ctx.emit('OperatorDismissed', { currency, member });
    return;
  }
  const isFull = ctx.state.operators.entriesUnder([currency], MAX_OPERATORS).length === MAX_OPERATORS;
  ctx.require(!isFull, 'OPERATORS_TOO_MANY', { limit: MAX_OPERATORS });
  ctx.state.operators.set(currency, member, true);
  ctx.emit('OperatorAppointed', { currency, member });
}

/** Opens a cycle for its participants, who may submit what they owe each other until the cut-off. */
export function openCycle(ctx: NettingContext, a: Terms): void {
  const { id, operator, currency, participants, roundMs, maxRounds, cutOffAt } = a;
  const { member: by } = ctx.requireAccount(operator);
  const isEntitled = by === issuerOf(ctx, currency) || ctx.state.operators.has(currency, by);
  ctx.require(isEntitled, 'NOT_ENTITLED', { member: by });
  const prefix = `${by}-`;
  const isNamed = id.startsWith(prefix) && id.length > prefix.length && id.length <= MAX_ID;
  ctx.require(isNamed, 'ID_INVALID', { prefix, limit: MAX_ID });
  ctx.require(!ctx.state.cycles.has(id), 'CYCLE_EXISTS', { id });
  const fault = deadlineFault(cutOffAt, ctx.timestamp, LONGEST_CUT_OFF_MS);
  if (fault !== undefined) ctx.fail('CUT_OFF_INVALID', fault);
  ctx.require(maxRounds > 0 && roundMs > 0, 'ROUNDS_INVALID', { maxRounds, roundMs });
  const open = ctx.state.open.get(by);
  ctx.require(open < OPEN_PER_OPERATOR, 'CYCLES_TOO_MANY', { limit: OPEN_PER_OPERATOR });
  requireDistinct(ctx, participants);
  const { day, isOpen } = ctx.view(cash.methods.businessDay, { currency });
  if (day === undefined || !isOpen) ctx.fail('BUSINESS_DAY_CLOSED', { currency });
  const { id: _, ...terms } = a;
  ctx.state.cycles.set(id, {
    ...{ ...terms, by, day, status: 'open', obligations: 0, gross: 0n, round: 0 },
    ...{ roundEndsAt: undefined, closedAt: undefined },
  });
  for (const account of participants) {
    ctx.state.participants.set(id, account, UNCONCERNED);
    ctx.state.ofAccount.set(account, id, true);
  }
  ctx.state.open.set(by, open + 1);
  ctx.emit('Opened', { ...a, day });
}

/** One account of each member, so that who fails leaves as a whole. */
function requireDistinct(ctx: NettingContext, participants: readonly Address[]): void {
  const members = new Set<string>();
  for (const account of participants) {
    const { member, roles } = ctx.requireAccount(account);
    // The account of a validator's key speaks for its node alone.
    ctx.require(roles.length > 0, 'NOT_A_PARTICIPANT', { account });
    ctx.require(!members.has(member), 'PARTICIPANT_REPEATED', { account, member });
    members.add(member);
  }
}

function requireSubmissions(ctx: NettingContext, id: string): Cycle {
  const cycle = requireStatus(ctx, id, 'open');
  const { cutOffAt } = cycle;
  ctx.require(ctx.timestamp < cutOffAt, 'CUT_OFF_PASSED', { cutOffAt });
  requireDay(ctx, cycle);
  return cycle;
}

/** Adds what a participant owes others to the set. */
export function submit(
  ctx: NettingContext,
  { id, debtor, obligations }: { id: string; debtor: Address; obligations: readonly Obligation[] },
): void {
  ctx.useFuel(OBLIGATION_FUEL * obligations.length);
  const cycle = requireSubmissions(ctx, id);
  const own = requireParticipant(ctx, id, debtor);
  const limit = Math.floor(MAX_OBLIGATIONS / cycle.participants.length);
  const submitted = own.submitted + obligations.length;
  ctx.require(submitted <= limit, 'OBLIGATIONS_TOO_MANY', { limit });
  const towards = new Map<Address, { amount: bigint; count: number }>();
  let added = 0n;
  for (const { creditor, amount, reference } of obligations) {
    ctx.require(amount > 0n, 'AMOUNT_ZERO', { reference });
    ctx.require(creditor !== debtor, 'SAME_ACCOUNT', { account: debtor });
    ctx.require(!ctx.state.obligations.has(id, debtor, reference), 'OBLIGATION_EXISTS', { reference });
    ctx.state.obligations.set(id, debtor, reference, { creditor, amount, withdrawnBy: undefined });
    const sum = towards.get(creditor) ?? { amount: 0n, count: 0 };
    towards.set(creditor, { amount: sum.amount + amount, count: sum.count + 1 });
    added += amount;
  }
  requireShare(ctx, { id, debtor, added }, cycle);
  ctx.call(cash.methods.countSubmitted, { currency: cycle.currency, debtor, payments: obligations });
  for (const [creditor, { amount, count }] of towards) {
    requireParticipant(ctx, id, creditor);
    const before = ctx.state.owed.find(id, debtor, creditor) ?? { amount: 0n, count: 0 };
    ctx.state.owed.set(id, debtor, creditor, { amount: before.amount + amount, count: before.count + count });
  }
  ctx.state.participants.set(id, debtor, { ...own, submitted });
  const { gross, obligations: before } = cycle;
  ctx.state.cycles.set(id, { ...cycle, gross: gross + added, obligations: before + obligations.length });
  ctx.emit('Submitted', { id, debtor, obligations });
}

/** Each debtor has a share of the largest sum, so that none of them leaves the others without room. */
function requireShare(
  ctx: NettingContext,
  { id, debtor, added }: { readonly id: string; readonly debtor: Address; readonly added: bigint },
  { participants }: Cycle,
): void {
  const rows = ctx.state.owed.entriesUnder([id, debtor], MAX_PARTICIPANTS);
  const required = rows.reduce((sum, { value }) => sum + value.amount, added);
  const limit = MAX_AMOUNT / BigInt(participants.length);
  ctx.require(required <= limit, 'SUM_TOO_LARGE', { limit, required: required < MAX_AMOUNT ? required : MAX_AMOUNT });
}

/** Takes an obligation out of an open set, once its debtor and its creditor have both said so. */
export function withdraw(
  ctx: NettingContext,
  { id, debtor, reference, account }: { id: string; debtor: Address; reference: string; account: Address },
): void {
  const cycle = requireSubmissions(ctx, id);
  const found = ctx.state.obligations.find(id, debtor, reference) ?? ctx.fail('OBLIGATION_UNKNOWN', { reference });
  const { creditor, amount, withdrawnBy } = found;
  const by = account === debtor ? 'debtor' : 'creditor';
  ctx.require(by === 'debtor' || account === creditor, 'NOT_A_PARTY', { account });
  ctx.require(withdrawnBy !== by, 'REQUESTED_ALREADY', { account });
  if (withdrawnBy === undefined) {
    ctx.state.obligations.set(id, debtor, reference, { ...found, withdrawnBy: by });
    ctx.emit('WithdrawalRequested', { id, debtor, reference, by });
    return;
  }
  const owed = ctx.state.owed.get(id, debtor, creditor);
  const own = requireParticipant(ctx, id, debtor);
  ctx.state.obligations.delete(id, debtor, reference);
  if (owed.count === 1) ctx.state.owed.delete(id, debtor, creditor);
  else ctx.state.owed.set(id, debtor, creditor, { amount: owed.amount - amount, count: owed.count - 1 });
  ctx.state.participants.set(id, debtor, { ...own, submitted: own.submitted - 1 });
  ctx.state.cycles.set(id, { ...cycle, gross: cycle.gross - amount, obligations: cycle.obligations - 1 });
  ctx.emit('Withdrawn', { id, debtor, reference });
}

/** Ends a cycle while its set is open: nothing is set aside yet. */
export function cancel(ctx: NettingContext, id: string): void {
  const cycle = requireStatus(ctx, id, 'open');
  const { member } = ctx.requireAccount(ctx.sender);
  const isEntitled = member === cycle.by || member === issuerOf(ctx, cycle.currency);
  ctx.require(isEntitled, 'NOT_ENTITLED', { member });
  endCycle(ctx, id, cycle, 'cancelled');
}

/** Once its business day is over, anybody ends a cycle that has not settled: what was set aside goes back. */
export function lapse(ctx: NettingContext, id: string): void {
  const found = ctx.state.cycles.find(id);
  const cycle = requireStatus(ctx, id, found?.status === 'frozen' ? 'frozen' : 'open');
  const { currency, day } = cycle;
  ctx.require(!isDayOpen(ctx, cycle), 'BUSINESS_DAY_GOES_ON', { currency, day });
  endCycle(ctx, id, cycle, 'lapsed');
}
