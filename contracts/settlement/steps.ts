import { equalBytes, type Hash } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import { giveBack, handOver, setAside } from '../locks/assetLocks.js';
import {
  accountsOf,
  type ClosedStatus,
  type Instruction,
  type Leg,
  OPEN_PER_INSTRUCTOR,
  type Party,
  type Progress,
  requireOpen,
  SETTLEMENT,
  type SettlementContext,
  type SettlementView,
  type Terms,
} from './declaration.js';
import { frozenSenders } from './frozenSenders.js';
import { movementsOf, type Obligation, obligationsOf } from './netting.js';
import { requireMovable, requireTerms, termsHash } from './terms.js';

/** About what netting, and encoding and hashing, take for one leg, in nanoseconds. */
const LEG_FUEL = 8_000;

/** What a lock of the settlement contract is called. */
function lockName(id: string, { position }: Pick<Party, 'position'>): string {
  return `${id}.${position}`;
}

function requireParty(ctx: SettlementView, id: string, account: Address): Party {
  return ctx.state.parties.find(id, account) ?? ctx.fail('NOT_A_PARTY', { account });
}

function requireBefore(ctx: SettlementView, { deadline }: Instruction): void {
  ctx.require(ctx.timestamp < deadline, 'DEADLINE_PASSED', { deadline });
}

function requireTermsOf(ctx: SettlementView, { terms: actual }: Instruction, expected: Hash): void {
  ctx.require(equalBytes(expected, actual), 'TERMS_MISMATCH', { expected, actual });
}

/** Puts an instruction where every account that it names finds it; nothing is set aside yet. */
export function instruct(ctx: SettlementContext, values: Terms): { terms: Hash } {
  const { id, instructor, legs, model, settler, deadline, rate } = values;
  ctx.useFuel(LEG_FUEL * legs.length);
  requireTerms(ctx, values);
  const open = ctx.state.open.get(instructor);
  ctx.require(open < OPEN_PER_INSTRUCTOR, 'INSTRUCTIONS_TOO_MANY', { limit: OPEN_PER_INSTRUCTOR });
  const terms = termsHash(values);
  const owing = new Set(obligationsOf(legs, model).map(({ account }) => account));
  const receiving = new Set(legs.map(({ to }) => to));
  ctx.state.open.set(instructor, open + 1);
  ctx.state.instructions.set(id, { instructor, terms, legs, model, settler, deadline, rate });
  const counts = { allocations: owing.size, approvals: receiving.size, committed: 0, cancellations: 0 };
  ctx.state.progress.set(id, counts);
  accountsOf(legs).forEach((account, position) => {
    const duties = { owes: owing.has(account), receives: receiving.has(account) };
    const done = { allocation: 'none', approved: false, wantsCancelled: false } as const;
    ctx.state.parties.set(id, account, { ...duties, ...done, position });
  });
  for (const account of concerned(values)) ctx.state.ofAccount.set(account, id, true);
  ctx.emit('Instructed', { ...values, terms });
  return { terms };
}

/** Every account that finds the instruction among its own. */
function concerned({
  legs,
  instructor,
  settler,
}: {
  readonly legs: readonly Leg[];
  readonly instructor: Address;
  readonly settler?: Address | undefined;
}): ReadonlySet<Address> {
  return new Set([...accountsOf(legs), instructor, ...(settler === undefined ? [] : [settler])]);
}

/** Sets aside all that the account owes, under its authorisation. */
export function allocate(
  ctx: SettlementContext,
  { id, terms, account, isCommitted }: { id: string; terms: Hash; account: Address; isCommitted: boolean },
): void {
  const instruction = requireOpen(ctx, id);
  requireTermsOf(ctx, instruction, terms);
  requireBefore(ctx, instruction);
  const party = requireParty(ctx, id, account);
  ctx.require(party.owes, 'NOTHING_TO_ALLOCATE', { account });
  ctx.require(party.allocation === 'none', 'ALLOCATED_ALREADY', { account });
  const lock = lockName(id, party);
  for (const { asset, amount } of obligationsOfAccount(ctx, instruction, account)) {
    setAside(ctx, asset, lock, account, amount);
  }
  const allocation = isCommitted ? 'committed' : 'withdrawable';
  ctx.state.parties.set(id, account, { ...party, allocation, wantsCancelled: false });
  ctx.emit('Allocated', { id, account, isCommitted });
  const progress = progressWithout(ctx, id, party);
  const committed = progress.committed + (isCommitted ? 1 : 0);
  advance(ctx, id, instruction, { ...progress, committed, allocations: progress.allocations - 1 });
}

/** Accepts what the account receives, under its authorisation. */
export function approve(
  ctx: SettlementContext,
  { id, terms, account }: { id: string; terms: Hash; account: Address },
): void {
  const instruction = requireOpen(ctx, id);
  requireTermsOf(ctx, instruction, terms);
  requireBefore(ctx, instruction);
  const party = requireParty(ctx, id, account);
  ctx.require(party.receives, 'NOTHING_TO_APPROVE', { account });
  ctx.require(!party.approved, 'APPROVED_ALREADY', { account });
  ctx.state.parties.set(id, account, { ...party, approved: true, wantsCancelled: false });
  ctx.emit('Approved', { id, account });
  const progress = progressWithout(ctx, id, party);
  advance(ctx, id, instruction, { ...progress, approvals: progress.approvals - 1 });
}

/** Whoever says anything else takes its request for a cancellation back: otherwise others could end by it what came later. */
function progressWithout(ctx: SettlementContext, id: string, { wantsCancelled }: Party): Progress {
  const progress = ctx.state.progress.get(id);
  return { ...progress, cancellations: progress.cancellations - (wantsCancelled ? 1 : 0) };
}

/** Once nothing is missing it settles, or waits for its settler. */
function advance(ctx: SettlementContext, id: string, instruction: Instruction, progress: Progress): void {
  ctx.state.progress.set(id, progress);
  if (progress.allocations > 0 || progress.approvals > 0) return;
  if (instruction.settler === undefined) settle(ctx, id, instruction);
  else ctx.emit('Ready', { id });
}

/** The settler has every leg of an instruction settled that misses nothing. */
export function execute(ctx: SettlementContext, id: string): void {
  const instruction = requireOpen(ctx, id);
  if (instruction.settler !== undefined) ctx.requireAuthorised(instruction.settler);
  requireBefore(ctx, instruction);
  const { allocations, approvals } = ctx.state.progress.get(id);
  ctx.require(allocations === 0 && approvals === 0, 'NOT_READY', { allocations, approvals });
  settle(ctx, id, instruction);
}

/** Every leg or none: the first that cannot move ends the call, and nothing that it did remains. */
function settle(ctx: SettlementContext, id: string, instruction: Instruction): void {
  const { legs, model, terms } = instruction;
  ctx.useFuel(LEG_FUEL * legs.length);
  // Whoever stands between two others, or between two legs of its own, moves nothing, and may yet not take part.
  for (const account of accountsOf(legs)) ctx.requireAccount(account);
  requireMovable(ctx, legs);
  const [refused] = frozenSenders(ctx, instruction);
  if (refused !== undefined) ctx.fail('FROZEN', { account: refused.account, ...refused.asset });
  const movements = movementsOf(legs, model);
  for (const { asset, from, to, amount } of movements) {
    handOver(ctx, asset, lockName(id, ctx.state.parties.get(id, from)), to, amount);
  }
  close(ctx, id, instruction, 'settled');
  ctx.emit('Settled', { id, terms, movements: movements.length });
}

/** The account itself; for one that is suspended, and so cannot, a central bank. */
function requireWithdrawer(ctx: SettlementContext, account: Address): void {
  if (ctx.account(account)?.active !== false) {
    ctx.requireAuthorised(account);
    return;
  }
  const { roles } = ctx.requireAuthorised(ctx.sender);
  ctx.require(roles.includes('centralBank'), 'NOT_ENTITLED', { account });
}

/** Takes back what an account has said: its allocation and its approval. */
export function withdraw(ctx: SettlementContext, id: string, account: Address): void {
  const instruction = requireOpen(ctx, id);
  const party = requireParty(ctx, id, account);
  requireWithdrawer(ctx, account);
  const isAllocated = party.allocation !== 'none';
  ctx.require(isAllocated || party.approved, 'NOTHING_TO_WITHDRAW', { account });
  const { deadline } = instruction;
  const isCommitted = party.allocation === 'committed';
  ctx.require(!isCommitted || ctx.timestamp >= deadline, 'COMMITTED', { deadline });
  if (isAllocated) returnAllocation(ctx, id, instruction, account, party);
  ctx.state.parties.set(id, account, { ...party, allocation: 'none', approved: false, wantsCancelled: false });
  const progress = progressWithout(ctx, id, party);
  ctx.state.progress.set(id, {
    allocations: progress.allocations + (isAllocated ? 1 : 0),
    approvals: progress.approvals + (party.approved ? 1 : 0),
    committed: progress.committed - (isCommitted ? 1 : 0),
    cancellations: progress.cancellations,
  });
  ctx.emit('Withdrawn', { id, account });
}

/** The instructor cancels while nobody is committed; from then on it takes every party that is not suspended. */
export function cancel(ctx: SettlementContext, id: string, account: Address): void {
  const instruction = requireOpen(ctx, id);
  const progress = ctx.state.progress.get(id);
  const isInstructor = account === instruction.instructor;
  if (isInstructor && progress.committed === 0) {
    drop(ctx, id, instruction, 'cancelled');
    return;
  }
  const { deadline, legs } = instruction;
  const party = ctx.state.parties.find(id, account);
  // A settler that instructed is no party: what others are committed to is not its own to take back.
  ctx.require(party !== undefined || !isInstructor, 'COMMITTED', { deadline });
  if (party === undefined) ctx.fail('NOT_A_PARTY', { account });
  if (!party.wantsCancelled) {
    ctx.state.parties.set(id, account, { ...party, wantsCancelled: true });
    ctx.emit('CancelRequested', { id, account });
    ctx.state.progress.set(id, { ...progress, cancellations: progress.cancellations + 1 });
  }
  if (isAgreed(ctx, id, legs)) drop(ctx, id, instruction, 'cancelled');
  else ctx.require(!party.wantsCancelled, 'REQUESTED_ALREADY', { account });
}

/** Whoever is suspended can neither ask nor settle: the others' money is not to wait for it. */
function isAgreed(ctx: SettlementContext, id: string, legs: readonly Leg[]): boolean {
  return accountsOf(legs).every(
    (account) => ctx.state.parties.get(id, account).wantsCancelled || ctx.account(account)?.active === false,
  );
}

/** From its deadline on anybody may end an instruction: what it holds goes back. */
export function expire(ctx: SettlementContext, id: string): void {
  const instruction = requireOpen(ctx, id);
  const { deadline } = instruction;
  ctx.require(ctx.timestamp >= deadline, 'DEADLINE_AHEAD', { deadline });
  drop(ctx, id, instruction, 'expired');
}

function drop(ctx: SettlementContext, id: string, instruction: Instruction, status: 'cancelled' | 'expired'): void {
  for (const account of accountsOf(instruction.legs)) {
    const party = ctx.state.parties.get(id, account);
    if (party.allocation !== 'none') returnAllocation(ctx, id, instruction, account, party);
  }
  close(ctx, id, instruction, status);
  ctx.emit(status === 'cancelled' ? 'Cancelled' : 'Expired', { id, terms: instruction.terms });
}

/** Gives back all that the account has set aside. */
function returnAllocation(
  ctx: SettlementContext,
  id: string,
  instruction: Instruction,
  account: Address,
  party: Party,
): void {
  const key = { contract: SETTLEMENT, lock: lockName(id, party) };
  for (const { asset } of obligationsOfAccount(ctx, instruction, account)) giveBack(ctx, asset, key, account);
}

function obligationsOfAccount(
  ctx: SettlementContext,
  { legs, model }: Instruction,
  account: Address,
): readonly Obligation[] {
  ctx.useFuel(LEG_FUEL * legs.length);
  return obligationsOf(legs, model).filter((each) => each.account === account);
}

/** Leaves a line of what is over, and nothing else. */
function close(ctx: SettlementContext, id: string, instruction: Instruction, status: ClosedStatus): void {
  const { instructor, terms, legs } = instruction;
  for (const account of accountsOf(legs)) ctx.state.parties.delete(id, account);
  for (const account of concerned(instruction)) ctx.state.ofAccount.delete(account, id);
  ctx.state.progress.delete(id);
  ctx.state.instructions.delete(id);
  const open = ctx.state.open.get(instructor) - 1;
  if (open === 0) ctx.state.open.delete(instructor);
  else ctx.state.open.set(instructor, open);
  ctx.state.closed.set(id, { instructor, terms, status, height: ctx.height, timestamp: ctx.timestamp });
}
