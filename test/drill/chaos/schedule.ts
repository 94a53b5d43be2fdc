import type { SeededRandom } from '../random.js';

export const FAULT_KINDS = ['kill', 'pause', 'isolate', 'cut', 'mute', 'deafen', 'slow', 'wipe'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What happens to one node for a while. */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: string;
  /** The other end of a cable that is cut. */
  readonly other: string;
  readonly durationMs: number;
  /** Of a slow node's connections, each way. */
  readonly delayMs: number;
}

/** Faults that happen at once, and the calm after them. */
export interface Episode {
  readonly faults: readonly Fault[];
  /** More validators are hit than may fail: nothing can be decided, and nothing may be lost. */
  readonly isStorm: boolean;
  readonly calmMs: number;
}

/** Bounds of durations in milliseconds. */
const DURATIONS: Readonly<Record<FaultKind, readonly [number, number]>> = {
  kill: [300, 6_000],
  pause: [1_000, 20_000],
  isolate: [1_000, 15_000],
  cut: [1_000, 15_000],
  mute: [1_000, 12_000],
  deafen: [1_000, 12_000],
  slow: [3_000, 15_000],
  wipe: [300, 2_000],
};
const STORM_PERCENT = 15;
const OBSERVER_PERCENT = 25;
const CALM_MS = [500, 3_000] as const;
/** A cut cable or a slow link takes no quorum away. */
const STORM_KINDS = ['kill', 'pause', 'isolate', 'mute', 'deafen'] as const;
const OBSERVER_KINDS = ['kill', 'pause', 'isolate', 'wipe'] as const;

/** The next episode: its random numbers alone decide it, so that a seed names a whole drill. */
export function nextEpisode(
  random: SeededRandom,
  nodes: { readonly validators: readonly string[]; readonly observer: string },
): Episode {
  const isStorm = random.chance(STORM_PERCENT);
  const hit = isStorm ? shuffled(random, nodes.validators).slice(0, random.between(2, nodes.validators.length)) : [];
  const faults = isStorm
    ? hit.map((target) => fault(random, random.pick(STORM_KINDS), target, nodes.validators))
    : [fault(random, random.pick(FAULT_KINDS), random.pick(nodes.validators), nodes.validators)];
  if (random.chance(OBSERVER_PERCENT)) {
    faults.push(fault(random, random.pick(OBSERVER_KINDS), nodes.observer, nodes.validators));
  }
  return { faults, isStorm, calmMs: random.between(...CALM_MS) };
}

function fault(random: SeededRandom, kind: FaultKind, target: string, validators: readonly string[]): Fault {
  const other = random.pick(validators.filter((bic) => bic !== target));
  return { kind, target, other, durationMs: random.between(...DURATIONS[kind]), delayMs: random.between(20, 250) };
}

function shuffled(random: SeededRandom, items: readonly string[]): string[] {
  const rest = [...items];
  const order: string[] = [];
  while (rest.length > 0) order.push(...rest.splice(random.between(0, rest.length - 1), 1));
  return order;
}
