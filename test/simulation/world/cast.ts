import { colluder } from '../byzantine/collusion.js';
import { drawBehaviours, treason } from '../byzantine/treason.js';
import type { FaultCounts } from './faults.js';
import type { NodeOptions, Surgery } from './node.js';
import type { Weather } from './profiles.js';
import type { Random } from './random.js';
import type { SimulatedBank } from './settlement.js';

export interface CastModules {
  readonly random: Random;
  readonly faults: FaultCounts;
  /** Changes to every honest node. */
  readonly planted: Surgery;
}

const TWINS_CHANCE = 0.2;

/** Gives each bank its part: who is faulty, and how. */
export function castRoles(banks: readonly SimulatedBank[], weather: Weather, modules: CastModules): NodeOptions[] {
  const { random, planted } = modules;
  const order = shuffled(banks, random);
  const byzantine = new Set(order.slice(0, weather.byzantineCount));
  const damaged = new Set(order.slice(weather.byzantineCount, weather.byzantineCount + weather.damagedCount));
  const faulty = treasons([...byzantine], banks, weather, modules);
  return banks.flatMap((bank, index): NodeOptions[] => {
    const [peerId, twinId] = bank.peerIds;
    const options = { bank, index, peerId };
    if (!byzantine.has(bank)) return [{ ...options, role: damaged.has(bank) ? 'damaged' : 'fit', surgery: planted }];
    const surgery = faulty.get(bank);
    if (surgery !== undefined) return [{ ...options, role: 'byzantine', surgery }];
    // Two machines with one key, each of which believes that it is alone.
    modules.faults.count('byzantine: twins');
    return [peerId, twinId].map((name) => ({ bank, index, peerId: name, role: 'byzantine', surgery: {} }));
  });
}

/** How each traitor is one; a bank that is not named here has twins. */
function treasons(
  traitors: readonly SimulatedBank[],
  banks: readonly SimulatedBank[],
  weather: Weather,
  { random }: CastModules,
): Map<SimulatedBank, Surgery> {
  const names = new Set(traitors.map(({ peerIds }) => peerIds[0]));
  const honest = banks.filter((bank) => !traitors.includes(bank)).map(({ peerIds }) => peerIds[0]);
  const isBeyond = weather.byzantineCount > Math.floor((banks.length - 1) / 3);
  const found = new Map<SimulatedBank, Surgery>();
  for (const bank of traitors) {
    if (isBeyond) found.set(bank, treason([colluder(random, names, honest)]));
    else if (!random.chance(TWINS_CHANCE)) found.set(bank, treason(drawBehaviours(random)));
  }
  return found;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
