import { compileQuickjs, createSandboxEngine } from '../../sandbox/engine.js';
import type { GuestModule } from '../../sandbox/guest.js';
import type { SandboxEngine } from '../../sandbox/types.js';
import { HOSTILE_PROGRAMS } from '../support/sandbox/hostilePrograms.js';
import { nestedOutcomes } from '../support/sandbox/nestedPrograms.js';
import { digestOf, type Outcome, outcomeOf } from '../support/sandbox/outcomes.js';
import { randomHistory, randomProgram } from '../support/sandbox/randomPrograms.js';
import { historyParts } from './history/parts.js';
import type { BatteryOptions, BatteryResult, PartResult, Timing } from './results.js';

const RANDOM_FUEL = 5_000_000;
const HISTORY_FUEL = 400_000;
/** What fits V8's stack on the main thread, too, where a frame is largest. An executor's has room for eight times as much. */
const NESTED_DEPTH = 900;
const RUNTIME = 'globalThis.__determinism = Object.freeze({});';

/** Runs everything that engine and executor are tried with, and says in a few digests what came out. */
export async function runBattery(options: BatteryOptions): Promise<BatteryResult> {
  const timings: Timing[] = [];
  const module = compileQuickjs();
  const parts = [hostilePart(module, options, timings), randomPart(module, options), nestedPart(module)];
  return { parts: [...parts, ...(await historyParts(options))], timings };
}

function hostilePart(module: GuestModule, { hostileFuel }: BatteryOptions, timings: Timing[]): PartResult {
  const engine = createSandboxEngine({ runtime: RUNTIME, module });
  const startMs = performance.now();
  const outcomes = HOSTILE_PROGRAMS.map((program) => {
    const programMs = performance.now();
    const outcome = outcomeOf(engine, program, hostileFuel);
    const milliseconds = performance.now() - programMs;
    timings.push({ name: program.name, ends: outcome.ends, units: outcome.fuel, milliseconds });
    return outcome;
  });
  const again = HOSTILE_PROGRAMS.map((program) => outcomeOf(engine, program, hostileFuel));
  return part('hostile programs', outcomes, differencesOf(outcomes, again), startMs);
}

function randomPart(module: GuestModule, { programs, firstSeed }: BatteryOptions): PartResult {
  const create = (): SandboxEngine => createSandboxEngine({ runtime: RUNTIME, module });
  const [untouched, used] = [create(), create()];
  const startMs = performance.now();
  const [outcomes, again]: [Outcome[], Outcome[]] = [[], []];
  for (let seed = firstSeed; seed < firstSeed + programs; seed++) {
    outcomes.push(random(untouched, seed));
    outcomeOf(used, { name: 'history', body: randomHistory(seed), ends: '' }, HISTORY_FUEL);
    again.push(random(used, seed));
  }
  return part('random programs', outcomes, differencesOf(outcomes, again), startMs);
}

function nestedPart(module: GuestModule): PartResult {
  const engine = createSandboxEngine({ runtime: RUNTIME, module });
  const startMs = performance.now();
  const outcomes = nestedOutcomes(engine, NESTED_DEPTH);
  return part(
    'guests inside each other',
    outcomes,
    differencesOf(outcomes, nestedOutcomes(engine, NESTED_DEPTH)),
    startMs,
  );
}

function random(engine: SandboxEngine, seed: number): Outcome {
  return outcomeOf(engine, { name: `seed ${seed}`, body: randomProgram(seed), ends: '' }, RANDOM_FUEL);
}

function differencesOf(first: readonly Outcome[], second: readonly Outcome[]): string[] {
  return first.flatMap((outcome, index) =>
    JSON.stringify(outcome) === JSON.stringify(second[index]) ? [] : [outcome.name],
  );
}

function part(name: string, outcomes: readonly Outcome[], differences: readonly string[], startMs: number): PartResult {
  const milliseconds = performance.now() - startMs;
  return { name, count: outcomes.length, digest: digestOf(outcomes), differences, milliseconds };
}
