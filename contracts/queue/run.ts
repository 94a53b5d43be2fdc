import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import { MethodContext } from '../api/context.js';
import { cash } from '../cash/cash.js';
import type { Stages } from '../gridlock/explain.js';
import { type GridlockRun, requiredSteps, resolveGridlock } from '../gridlock/gridlock.js';
import { hashGridlockInput } from '../gridlock/inputHash.js';
import type { Bilateral } from './bilateral.js';
import type { Book } from './book.js';
import { type QueueContext, reservationLock, type Waiting } from './declaration.js';
import { Positions } from './positions.js';
import { QUEUE_LIMITS } from './records.js';
import { type Funds, type Opening, openingOf, readWindow, stalenessOf, type Window } from './window.js';

/** What one step of the mechanism takes at most, in nanoseconds, its share of building and describing the network included. */
const STEP_FUEL = 200;

/** What the input and its hash take for each payment, in nanoseconds. */
const PAYMENT_FUEL = 5_000;

export interface RunOptions {
  readonly day: CalendarDay;
  readonly stages: Stages;
  readonly maxPayments: number;
  /** Steps beyond what stage one and the reasons need. */
  readonly searchSteps: number;
  readonly trigger: 'submission' | 'demand';
}

export interface RunSummary {
  readonly run: number;
  readonly outcome: GridlockRun['outcome'];
  readonly value: bigint;
  /** Ids of what has settled. */
  readonly settled: readonly number[];
}

/** One run over the queue of a currency: what it finds settles whole, by net position, or nothing does. */
export function runQueue(ctx: QueueContext, book: Book, bilateral: Bilateral, options: RunOptions): RunSummary {
  const { currency } = book;
  const { day, stages, maxPayments, trigger } = options;
  const { nextRun: run, after: begins } = book.queue;
  // Stage one alone promises that nobody passes an earlier payment of its own bank, so it begins where the queue does.
  const after = stages === 'all' && isThorough(options) ? begins : undefined;
  const positions = new Positions(ctx, currency);
  const window = readWindow(ctx, book.queue, { currency, positions, day, maxPayments, after });
  dropAll(ctx, book, window.stale, day);
  const opening = openingOf(ctx, { currency, positions }, window.payments, bilateral);
  const result = resolve(ctx, opening, options);
  const settled = result.settled.map(Number);
  // What is proven of a part of the queue is not proven of the queue.
  const isProven = result.outcome !== 'deadlocked' || window.isComplete;
  const outcome = isProven ? result.outcome : 'unsettled';
  settle(ctx, book, bilateral, { window, opening, result, run });
  book.changeQueue({ nextRun: run + 1, after: nextAfter(window, options, settled.length > 0, begins) });
  const receipt = {
    ...{ run, currency, height: ctx.height, timestamp: ctx.timestamp, businessDay: day, trigger, stages, maxPayments },
    ...{ after, isComplete: window.isComplete, inputHash: hashGridlockInput(opening.input) },
    ...{ maxSteps: result.maxSteps, steps: result.steps, outcome, isBest: result.isBest },
    ...{ considered: window.payments.length, settledCount: settled.length, value: result.value },
  };
  ctx.state.runs.set(currency, run % QUEUE_LIMITS.runs, receipt);
  const nets = result.positions.map(({ bank, opening: available, net }) => {
    return { account: bank as Address, available, isDebit: net < 0n, net: net < 0n ? -net : net };
  });
  ctx.emit('Resolved', { ...receipt, stageValues: result.stageValues, settled, positions: nets });
  return { run, outcome, value: result.value, settled };
}

/** Takes payments out of the queue whose time is over. */
export function dropAll(
  ctx: QueueContext,
  book: Book,
  payments: readonly Waiting[],
  openDay: CalendarDay | undefined,
): void {
  for (const waiting of payments) {
    const status = stalenessOf(ctx, waiting, openDay);
    if (status === undefined) continue;
    book.finish(waiting, status);
    ctx.emit('Dropped', { currency: book.currency, id: waiting.id, status });
  }
}

/** Pays for what the run may take at most before it begins to take it, and then charges what it took. */
function resolve(ctx: QueueContext, { input }: Opening, { stages, searchSteps }: RunOptions): GridlockRun {
  ctx.useFuel(PAYMENT_FUEL * input.payments.length);
  const maxSteps = requiredSteps(input) + searchSteps;
  const most = maxSteps * STEP_FUEL;
  if (MethodContext.fuelLeft(ctx) < most) ctx.useFuel(most);
  const result = resolveGridlock(input, { stages, maxSteps });
  ctx.useFuel(result.steps * STEP_FUEL);
  return result;
}

interface Resolution {
  readonly window: Window;
  readonly opening: Opening;
  readonly result: GridlockRun;
  readonly run: number;
}

function settle(
  ctx: QueueContext,
  book: Book,
  bilateral: Bilateral,
  { window, opening, result, run }: Resolution,
): void {
  const { currency } = book;
  const byId = new Map(window.payments.map((waiting) => [String(waiting.id), waiting]));
  for (const name of result.settled) {
    const waiting = byId.get(name);
    if (waiting === undefined) continue;
    book.finish(waiting, 'settled', run);
    bilateral.note(waiting.debtor, waiting.creditor, waiting.amount);
  }
  const positions = result.positions
    .filter(({ net }) => net !== 0n)
    .map(({ bank, net }) => ({ account: bank as Address, isDebit: net < 0n, amount: net < 0n ? -net : net }));
  for (const { account, isDebit, amount } of positions) {
    if (isDebit) drawReserve(ctx, currency, account, shortfallOf(opening.funds.get(account), amount));
  }
  if (positions.length > 0) ctx.call(cash.methods.settleNet, { currency, positions });
}

function shortfallOf(funds: Funds | undefined, amount: bigint): bigint {
  const available = funds?.available ?? 0n;
  return amount > available ? amount - available : 0n;
}

/** Gives the account a part of what it holds back for payments above normal: those alone are funded by it. */
export function drawReserve(ctx: QueueContext, currency: string, account: Address, amount: bigint): void {
  if (amount === 0n) return;
  ctx.call(cash.methods.release, { currency, lock: reservationLock(account), creditor: account, amount });
}

/** Whoever asks for less than what is usual, or only submits, does not decide where the runs of others begin. */
function isThorough({ trigger, maxPayments, searchSteps }: RunOptions): boolean {
  const { defaultWindow, defaultSearchSteps } = QUEUE_LIMITS;
  return trigger === 'demand' && maxPayments >= defaultWindow && searchSteps >= defaultSearchSteps;
}

/**
 * The next run begins behind the payments of this one only where none of them can settle; as soon as such a run has moved any
 * money the next one begins at the head again. So nothing that could go is passed by what entered later.
 */
function nextAfter(
  { goesOnAfter }: Window,
  options: RunOptions,
  hasSettled: boolean,
  begins: number | undefined,
): number | undefined {
  if (!isThorough(options)) return begins;
  if (hasSettled) return undefined;
  return options.stages === 'all' ? goesOnAfter : begins;
}
