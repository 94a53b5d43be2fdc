import { fill } from './bypass.js';
import { ExactSearch, stepsToBegin } from './exactSearch.js';
import { beginFromAbove } from './fromAbove.js';
import { Neighbourhoods } from './neighbourhoods.js';
import { isNormal, largestFirst } from './network.js';
import type { Selection } from './selection.js';
import type { StepMeter } from './stepMeter.js';

/** Payments up to which all are searched at once. */
const MAX_EXACT = 48;
/** Steps of the search among the payments around one, once it has begun. */
const STEPS_PER_NEIGHBOURHOOD = 4_000;
/** Rounds over all waiting payments, each with other payments around them. */
const MAX_ROUNDS = 48;
/** Rounds without a better set after which the search ends. */
const MAX_VAIN_ROUNDS = 12;
/** For each payment that is put in order by its amount. */
const STEPS_TO_SORT = 8;

/**
 * Payments that a search may decide anew: those that wait, and those of rank normal. What stage one settles of a higher rank
 * stays settled.
 */
export function freePayments(selection: Selection): readonly number[] {
  const { network } = selection;
  return network.eligible.filter((payment) => !selection.has(payment) || isNormal(network, payment));
}

/**
 * Looks for a set of more value, whole: first one that is made from everything by leaving out what fits worst; then, of a small
 * queue, the best that there is, and of a larger one better choices among the payments around each that waits. The set is
 * never worth less than it was.
 *
 * @param free what may be decided anew
 * @returns true where it is proven that no set is worth more, with the payments that are not free as they are
 */
export function searchBetter(selection: Selection, free: readonly number[], meter: StepMeter): boolean {
  tryFromAbove(selection, free, meter);
  if (free.length <= MAX_EXACT) {
    const { better, isComplete } = new ExactSearch(selection, free, meter.part(Math.floor(meter.left / 2))).run();
    if (better !== undefined) selection.choose(free, better);
    if (isComplete) return true;
  }
  searchAround(selection, free, meter);
  return false;
}

function tryFromAbove(selection: Selection, free: readonly number[], meter: StepMeter): void {
  if (!meter.trySpend(free.length)) return;
  const before = free.filter((payment) => selection.has(payment));
  const value = selection.value;
  const isSound = beginFromAbove(selection, free, meter);
  if (isSound) fill(selection, meter);
  if (!isSound || selection.value < value) selection.choose(free, before);
}

/** Around each waiting payment, the largest first, until rounds bring nothing better. */
function searchAround(selection: Selection, free: readonly number[], meter: StepMeter): void {
  if (!meter.trySpend(free.length * STEPS_TO_SORT)) return;
  const ordered = largestFirst(selection.network, free);
  const neighbourhoods = new Neighbourhoods(selection, ordered);
  for (let round = 0, vain = 0; round < MAX_ROUNDS && vain < MAX_VAIN_ROUNDS; round++) {
    const before = selection.value;
    for (const payment of ordered) {
      if (!meter.trySpend(1)) return;
      if (selection.has(payment)) continue;
      const around = neighbourhoods.around(payment, round, meter);
      const steps = stepsToBegin(selection.network, around.length) + STEPS_PER_NEIGHBOURHOOD;
      const { better } = new ExactSearch(selection, around, meter.part(steps)).run();
      if (better !== undefined) selection.choose(around, better);
    }
    vain = selection.value === before ? vain + 1 : 0;
  }
}
