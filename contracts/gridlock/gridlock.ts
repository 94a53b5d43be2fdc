import { bypassByCycles, bypassByPairs, fill } from './bypass.js';
import { inputError } from './errors.js';
import { Explanation, type QueuedReason, type Stages } from './explain.js';
import type { GridlockInput } from './input.js';
import { buildNetwork, type Network } from './network.js';
import { advanceAndRetreat, retreatSteps } from './retreat.js';
import { freePayments, searchBetter } from './search.js';
import { Selection } from './selection.js';
import { StepMeter } from './stepMeter.js';

/** Steps of a run where nothing else is said. */
export const DEFAULT_STEPS = 2_000_000;

/** For each payment that is checked, numbered and explained. */
const STEPS_PER_PAYMENT = 8;

export interface GridlockOptions {
  readonly stages: Stages;
  /** From `requiredSteps` on; the more, the further the last stage searches. */
  readonly maxSteps?: number;
}

/** A bank before and after the set settles, in minor units. `net` is what it receives less what it sends. */
export interface NetPosition {
  readonly bank: string;
  readonly opening: bigint;
  readonly net: bigint;
  readonly closing: bigint;
}

/** What the set was worth after each stage, in minor units: ascending. */
export interface StageValues {
  readonly fifo: bigint;
  readonly singles: bigint;
  readonly pairs: bigint;
  readonly cycles: bigint;
  readonly search: bigint;
}

/**
 * `settled`: some payments settle. `noneEligible`: none waits that is not held. `deadlocked`: it is proven that no set of them can
 * settle. `unsettled`: none was found, and it is not proven that there is none.
 */
export type GridlockOutcome = 'settled' | 'noneEligible' | 'deadlocked' | 'unsettled';

/** One run. Whoever has the input and the options computes every field of it again. */
export interface GridlockRun {
  readonly stages: Stages;
  readonly maxSteps: number;
  readonly outcome: GridlockOutcome;
  /** Ids of the set, in the order of the queue: rank descending, creation ascending. It settles whole, by `positions`. */
  readonly settled: readonly string[];
  /** What stays, in the order of the queue, held payments too. */
  readonly queued: readonly { readonly id: string; readonly reason: QueuedReason }[];
  /** Every bank of the input, in the order of their names by code units. */
  readonly positions: readonly NetPosition[];
  /** Sum of the amounts that settle. */
  readonly value: bigint;
  readonly stageValues: StageValues;
  /** True where it is proven that no set that keeps the rules is worth more; stage one alone proves nothing. */
  readonly isBest: boolean;
  /** Work done, for whoever charges for it. */
  readonly steps: number;
}

/** Steps that a run needs at least: checks, stage one and explanations; what is given beyond goes into bypass and search. */
export function requiredSteps({ banks, payments, limits }: GridlockInput): number {
  return payments.length * (STEPS_PER_PAYMENT + 1) + retreatSteps(payments.length, banks.length, limits.length);
}

/**
 * Resolves a gridlock: chooses the payments of a queue that settle together, by net position, so that no bank closes below
 * zero. Stage one activates all and, while a bank would go below zero, takes back its last (`advanceAndRetreat`). The later
 * stages pass payments that stay: single ones, pairs of banks, cycles, then a bounded search for any set of more value
 * (`searchBetter`). No stage makes the set worth less, and the rules of `Selection` hold for the result.
 *
 * The result depends on the input and the options alone, and not on the order of `banks` and `limits`.
 *
 * @throws GridlockError naming the place, where the input is none; `STEPS_EXHAUSTED` below `requiredSteps`
 */
export function resolveGridlock(input: GridlockInput, options: GridlockOptions): GridlockRun {
  const { stages, maxSteps = DEFAULT_STEPS } = options;
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 0) {
    throw inputError('COUNT_OUT_OF_RANGE', 'maxSteps', 'a whole number of steps', String(maxSteps));
  }
  const meter = new StepMeter(maxSteps);
  meter.spend(requiredSteps(input));
  const stageOne = new StepMeter(requiredSteps(input));
  const network = buildNetwork(input);
  const selection = new Selection(network);
  advanceAndRetreat(selection, network.eligible, stageOne);
  const fifo = selection.value;
  const later =
    stages === 'all'
      ? bypass(selection, meter)
      : { values: { singles: fifo, pairs: fifo, cycles: fifo, search: fifo }, isBest: false };
  return {
    stages,
    maxSteps,
    outcome: outcomeOf(selection, later.isBest),
    ...describe(selection, stages),
    value: selection.value,
    stageValues: { fifo, ...later.values },
    isBest: later.isBest || network.eligible.length === 0,
    steps: meter.spent,
  };
}

/**
 * Why a payment waits, on the positions of the input as they are: for whoever asks between two runs.
 *
 * @returns undefined where the input has no such payment
 * @throws GridlockError naming the place, where the input is none
 */
export function explainQueued(input: GridlockInput, id: string, stages: Stages): QueuedReason | undefined {
  const network = buildNetwork(input);
  const payment = network.payments.indexOf(id);
  return payment < 0 ? undefined : new Explanation(new Selection(network), stages).reason(payment);
}

/** Stage two. Steps for a last look at single payments are kept back from the search. */
function bypass(
  selection: Selection,
  meter: StepMeter,
): { readonly values: Omit<StageValues, 'fifo'>; readonly isBest: boolean } {
  const free = freePayments(selection);
  fill(selection, meter);
  const singles = selection.value;
  bypassByPairs(selection, meter.part(Math.floor(meter.left / 4)));
  const pairs = selection.value;
  bypassByCycles(selection, meter.part(Math.floor(meter.left / 4)));
  const cycles = selection.value;
  const isBest = searchBetter(selection, free, meter.part(meter.left - Math.min(meter.left, free.length)));
  fill(selection, meter);
  return { values: { singles, pairs, cycles, search: selection.value }, isBest };
}

function outcomeOf(selection: Selection, isBest: boolean): GridlockOutcome {
  if (selection.value > 0n) return 'settled';
  if (selection.network.eligible.length === 0) return 'noneEligible';
  return isBest ? 'deadlocked' : 'unsettled';
}

function describe(selection: Selection, stages: Stages): Pick<GridlockRun, 'settled' | 'queued' | 'positions'> {
  const network: Network = selection.network;
  const explanation = new Explanation(selection, stages);
  const settled: string[] = [];
  const queued: { id: string; reason: QueuedReason }[] = [];
  for (const [payment, id] of network.payments.entries()) {
    if (selection.has(payment)) settled.push(id);
    else queued.push({ id, reason: explanation.reason(payment) });
  }
  const positions = network.banks.map((bank, at) => {
    const opening = network.available[at] ?? 0n;
    const closing = selection.closing[at] ?? 0n;
    return { bank, opening, net: closing - opening, closing };
  });
  return { settled, queued, positions };
}
