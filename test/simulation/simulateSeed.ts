import type { Violation } from './checkers/violations.js';
import type { Surgery } from './world/node.js';
import { drawWeather, type Profile } from './world/profiles.js';
import { type RunResult, runWorld } from './world/run.js';
import type { Settlement } from './world/settlement.js';
import type { SignatureKind } from './world/signatures.js';
import { SimulatedWorld } from './world/simulatedWorld.js';

export interface SeedOptions {
  readonly seed: number;
  readonly profile: Profile;
  readonly signatures?: SignatureKind;
  readonly trace?: (line: string) => void;
  /** A bug put into every honest node, to see that a checker finds it. */
  readonly planted?: Surgery;
}

export interface SeedResult extends RunResult {
  readonly seed: number;
}

/** One world, from its beginning to its end; a failure of the world itself is a violation, too. */
export async function simulateSeed(options: SeedOptions, settlement: Settlement): Promise<SeedResult> {
  const { seed, profile, signatures = 'stand-in', trace, planted } = options;
  const weather = drawWeather(profile, seed, settlement.banks.length);
  const world = new SimulatedWorld(
    {
      ...{ seed, weather, signatures },
      ...(trace === undefined ? {} : { trace }),
      ...(planted === undefined ? {} : { planted }),
    },
    settlement,
  );
  const onUnhandled = (error: unknown): void => {
    world.violations.add('stop', `a promise that nobody waits for fails: ${shown(error)}`);
  };
  process.on('unhandledRejection', onUnhandled);
  try {
    return { seed, ...(await runWorld(world)) };
  } catch (error) {
    world.violations.add('stop', `the world ends: ${shown(error)}`);
    return { seed, ...failed(world.violations.all, world) };
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
}

function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function failed(violations: readonly Violation[], { time, faults, chain, events }: SimulatedWorld): RunResult {
  const counts = { events: time.events, virtualMs: time.nowMs, height: chain.height, transactions: 0 };
  return {
    ...counts,
    violations,
    logged: Object.fromEntries(events),
    faults: faults.toJson(),
    healedAfterMs: 0,
    trace: '',
  };
}
