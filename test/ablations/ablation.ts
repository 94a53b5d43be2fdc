import type { CheckerName } from '../simulation/checkers/violations.js';
import type { Profile } from '../simulation/world/profiles.js';

/**
 * A bug planted on purpose: the compiled program with a rule taken out of it. The product knows nothing of it; a run that
 * passes without the bug has to fail with it, or nothing would tell us that the rule is gone.
 */
export interface Ablation {
  readonly name: string;
  /** What the program does now, as one would say it of a node. */
  readonly bug: string;
  /** The rule that it breaks, as docs/PROTOCOL.md or the file's own docstring names it. */
  readonly rule: string;
  readonly edits: readonly Edit[];
  /** Each of them has to fail; the fastest first. */
  readonly caughtBy: readonly Catcher[];
}

/** Text of a compiled file, which must stand there exactly once, and what takes its place. */
export interface Edit {
  /** Under `dist/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The run that has to fail. */
export type Catcher = TestCatcher | SimulationCatcher;

/** Tests of one file whose full title contains `title`; at least one of them has to fail. */
export interface TestCatcher {
  readonly kind: 'test';
  /** Under `dist/test/`, without `.test.js`. */
  readonly file: string;
  readonly title: string;
}

/** Seeds of the simulator; one of them has to show what one of the checkers is for. */
export interface SimulationCatcher {
  readonly kind: 'simulation';
  readonly profile: Profile;
  readonly nodes: number;
  readonly seeds: number;
  readonly checkers: readonly CheckerName[];
}

export function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

/** A test in a file of directed scenarios. */
export function scenario(name: string, title: string): TestCatcher {
  return { kind: 'test', file: `scenarios/${name}`, title };
}

/** The whole node under the weather of a profile, from seed 1 on. */
export function simulation(
  profile: Profile,
  checkers: readonly CheckerName[],
  { nodes = 4, seeds = 30 }: { readonly nodes?: number; readonly seeds?: number } = {},
): SimulationCatcher {
  return { kind: 'simulation', profile, nodes, seeds, checkers };
}

/** Any other test. */
export function test(file: string, title: string): TestCatcher {
  return { kind: 'test', file, title };
}
