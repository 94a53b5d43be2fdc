import type { GenesisParameters } from '../../../genesis/types.js';
import { faultTolerance } from '../../../primitives/validator.js';
import { Random, seedOf } from './random.js';

export const PROFILES = ['calm', 'network', 'crash', 'disk', 'byzantine', 'all', 'beyond'] as const;
export type Profile = (typeof PROFILES)[number];

/** What may go wrong in one world, drawn from its seed. Rates are averages between two faults; 0: never. */
export interface Weather {
  readonly parameters: Partial<GenesisParameters>;
  /** From then on nothing goes wrong any more, but for what Byzantine validators do. */
  readonly healAtMs: number;
  readonly paymentEveryMs: number;
  readonly nonsense: number;
  /** Of each link, drawn anew for each: at most so much. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly slowLinkEveryMs: number;
  readonly partitionEveryMs: number;
  readonly disconnectEveryMs: number;
  /** Clocks are off by at most so much. */
  readonly skewMs: number;
  readonly crashEveryMs: number;
  /** Faulty disks and full ones, of nodes that count as faulty. */
  readonly diskFaultEveryMs: number;
  readonly byzantineCount: number;
  /** Nodes whose disk may lose or damage anything. */
  readonly damagedCount: number;
}

const SECOND_MS = 1_000;

/** Nothing goes wrong by itself: for scenarios that say what does. */
export const CALM: Weather = {
  parameters: { heartbeatMs: 2_000, minBlockIntervalMs: 2, roundTimeoutBaseMs: 1_000, roundTimeoutCapMs: 4_000 },
  healAtMs: 20_000,
  paymentEveryMs: 500,
  nonsense: 0,
  ...{ loss: 0, duplicate: 0, reorder: 0, slowLinkEveryMs: 0, partitionEveryMs: 0, disconnectEveryMs: 0, skewMs: 0 },
  ...{ crashEveryMs: 0, diskFaultEveryMs: 0, byzantineCount: 0, damagedCount: 0 },
};

/** The weather of a seed. */
export function drawWeather(profile: Profile, seed: number, validatorCount: number): Weather {
  const random = new Random(seedOf(seed, 'weather'));
  const f = faultTolerance(validatorCount);
  const has = (...profiles: readonly Profile[]): boolean => profile === 'all' || profiles.includes(profile);
  const often = (isOn: boolean, leastMs: number, mostMs: number): number =>
    isOn && random.chance(0.8) ? random.integer(leastMs, mostMs) : 0;
  const sometimes = (isOn: boolean, most: number): number => (isOn && random.chance(0.6) ? random.next() * most : 0);
  const faulty = random.integer(1, Math.max(1, f));
  const damaged = has('disk') ? random.integer(profile === 'all' ? 0 : 1, faulty) : 0;
  const isCalm = profile === 'calm';
  return {
    parameters: drawParameters(random, isCalm),
    healAtMs: random.integer(isCalm ? 60 : 6, isCalm ? 240 : 24) * SECOND_MS,
    paymentEveryMs: isCalm ? random.integer(2, 10) * SECOND_MS : random.integer(200, 2_000),
    nonsense: 0.05,
    loss: sometimes(has('network'), 0.3),
    duplicate: sometimes(has('network'), 0.2),
    reorder: sometimes(has('network'), 0.2),
    slowLinkEveryMs: often(has('network'), 2_000, 10_000),
    partitionEveryMs: often(has('network'), 2_000, 10_000),
    disconnectEveryMs: often(has('network'), 2_000, 10_000),
    skewMs: has('network') && random.chance(0.5) ? random.integer(0, 10) * SECOND_MS : 0,
    crashEveryMs: often(has('crash', 'disk'), 300, 4_000),
    diskFaultEveryMs: has('disk') ? random.integer(3, 15) * SECOND_MS : 0,
    byzantineCount: profile === 'beyond' ? f + 1 : has('byzantine') ? faulty - (profile === 'all' ? damaged : 0) : 0,
    damagedCount: damaged,
  };
}

function drawParameters(random: Random, isCalm: boolean): Partial<GenesisParameters> {
  const roundTimeoutBaseMs = random.integer(300, 1_500);
  return {
    heartbeatMs: isCalm ? 30_000 : random.integer(1_000, 5_000),
    minBlockIntervalMs: random.pick([0, 2, 50, 500]) ?? 2,
    maxClockDriftMs: 10_000,
    roundTimeoutBaseMs,
    roundTimeoutCapMs: roundTimeoutBaseMs * random.integer(2, 6),
    referenceWindowMs: 600_000,
    quotaTransactions: 10_000,
    quotaWindowMs: 60_000,
    maxBlockTransactions: random.pick([5, 50, 1_000]) ?? 50,
  };
}
