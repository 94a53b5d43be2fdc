import type { Network } from './network.js';
import { advanceAndRetreat, putInto, retreatSteps } from './retreat.js';
import type { Selection } from './selection.js';
import type { StepMeter } from './stepMeter.js';

/** Banks of one cycle. */
const MAX_CYCLE = 6;
/** Steps of the search for a cycle from one payment. */
const STEPS_PER_CYCLE_SEARCH = 400;

/**
 * Adds single payments that their debtors can fund, past others that they cannot: bank by bank, each bank's in the order of
 * the queue, and each bank again that receives, until nothing more fits or the steps are used up.
 */
export function fill(selection: Selection, meter: StepMeter): void {
  const { network } = selection;
  const due = new Set(network.banks.keys());
  for (const bank of due) {
    due.delete(bank);
    for (const payment of network.outgoing[bank] ?? []) {
      if (selection.has(payment)) continue;
      if (!meter.trySpend(1)) return;
      if (selection.tryAdd(payment)) due.add(network.creditor[payment] ?? 0);
    }
  }
}

/**
 * Adds sets of two banks: what waits between the two is activated and taken back from the end, as in stage one, on what
 * their positions are now. A set of which nothing is left changes nothing. Ends where the steps do not carry the next pair.
 */
export function bypassByPairs(selection: Selection, meter: StepMeter): void {
  const { network } = selection;
  const waiting = waitingByPair(selection, meter);
  if (waiting === undefined) return;
  const count = network.banks.length;
  for (const [pair, there] of waiting) {
    if (!meter.trySpend(1)) return;
    const [first, second] = [Math.floor(pair / count), pair % count];
    const back = waiting.get(second * count + first);
    if (first > second || back === undefined) continue;
    const pool = [...there, ...back].filter((payment) => !selection.has(payment)).sort((a, b) => a - b);
    const needed = retreatSteps(pool.length, count, network.limits.length);
    if (meter.left < needed) return;
    advanceAndRetreat(selection, pool, meter);
  }
}

/**
 * Adds cycles: a payment that its debtor cannot fund, and payments that bring the money back to the debtor through up to four
 * other banks, each of which can fund its own with what it is sent. The first cycle that is found is taken.
 */
export function bypassByCycles(selection: Selection, meter: StepMeter): void {
  for (const payment of selection.network.eligible) {
    if (selection.has(payment)) continue;
    if (!meter.trySpend(1)) return;
    closeCycle(selection, payment, meter.part(STEPS_PER_CYCLE_SEARCH));
  }
}

/** Waiting payments by their pair of banks: debtor times the number of banks, plus creditor. In the order of the pairs. */
function waitingByPair(selection: Selection, meter: StepMeter): ReadonlyMap<number, readonly number[]> | undefined {
  const { debtor, creditor, eligible, banks }: Network = selection.network;
  if (!meter.trySpend(eligible.length)) return undefined;
  const pairs = new Map<number, number[]>();
  for (const payment of eligible) {
    if (selection.has(payment)) continue;
    const pair = (debtor[payment] ?? 0) * banks.length + (creditor[payment] ?? 0);
    putInto(pairs, pair, payment);
  }
  return new Map([...pairs].sort(([a], [b]) => a - b));
}

/** Adds a payment that breaks its debtor's rules, and looks for the way back on which no bank's rules stay broken. */
function closeCycle(selection: Selection, payment: number, meter: StepMeter): boolean {
  const { debtor, creditor, limitOf } = selection.network;
  const home = debtor[payment] ?? 0;
  const onPath = new Set([home]);
  const goOn = (bank: number): boolean => {
    if (bank === home) return selection.isSound(home);
    if (onPath.size >= MAX_CYCLE || onPath.has(bank)) return false;
    onPath.add(bank);
    for (const next of selection.network.outgoing[bank] ?? []) {
      if (!meter.trySpend(1)) break;
      if (selection.has(next) || !selection.tryAdd(next)) continue;
      if (goOn(creditor[next] ?? 0)) return true;
      selection.remove(next);
    }
    onPath.delete(bank);
    return false;
  };
  selection.add(payment);
  if (selection.isWithin(limitOf[payment] ?? -1) && goOn(creditor[payment] ?? 0)) return true;
  selection.remove(payment);
  return false;
}
