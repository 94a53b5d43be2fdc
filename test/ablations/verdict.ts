import { join } from 'node:path';
import type { Ablation, Catcher } from './ablation.js';
import { misplaced, mutate } from './mutatedBuild.js';
import { type RunOutcome, type RunPlace, runCatcher } from './outcome.js';

/** Whether one run sees a planted bug. */
export interface Verdict {
  readonly ablation: Ablation;
  readonly catcher: Catcher;
  /** `survived`: nobody noticed, so a check is missing. `broken`: the run says nothing about the bug. */
  readonly result: 'caught' | 'survived' | 'broken';
  readonly detail: string;
  readonly timeMs: number;
  readonly seeds?: number | undefined;
}

/** Plants bugs one after the other and runs what has to catch them. */
export class AblationRunner {
  private readonly healthy = new Map<string, RunOutcome>();

  constructor(private readonly place: RunPlace) {}

  /** A verdict of each given run. */
  async run(ablation: Ablation, catchers: readonly Catcher[] = ablation.caughtBy): Promise<Verdict[]> {
    const { edits, name } = ablation;
    const { root, dist } = this.place;
    const faults = await misplaced(dist, edits);
    if (faults.length > 0) return catchers.map((catcher) => broken(ablation, catcher, faults.join('\n')));
    const build = await mutate(dist, join(root, '.build', 'ablations', `${name}-${process.pid}`), edits);
    const verdicts: Verdict[] = [];
    try {
      for (const catcher of catchers) verdicts.push(await this.judge(ablation, catcher, build.directory));
    } finally {
      await build.remove();
    }
    return verdicts;
  }

  private async judge(ablation: Ablation, catcher: Catcher, dist: string): Promise<Verdict> {
    const { result, detail, timeMs, seeds } = await runCatcher(catcher, { ...this.place, dist });
    if (result === 'broken') return broken(ablation, catcher, detail);
    if (result === 'passed') return { ablation, catcher, result: 'survived', detail, timeMs, seeds };
    const sameRun = catcher.kind === 'simulation' && seeds !== undefined ? { ...catcher, seeds } : catcher;
    const healthy = await this.withoutBug(sameRun);
    if (healthy.result === 'passed') return { ablation, catcher, result: 'caught', detail, timeMs, seeds };
    return broken(ablation, catcher, `without the bug: ${healthy.detail}`);
  }

  /** The same run, as far as it went, on the program as it is; once for each run. */
  private async withoutBug(catcher: Catcher): Promise<RunOutcome> {
    const key = JSON.stringify(catcher);
    const known = this.healthy.get(key) ?? (await runCatcher(catcher, this.place));
    this.healthy.set(key, known);
    return known;
  }
}

function broken(ablation: Ablation, catcher: Catcher, detail: string): Verdict {
  return { ablation, catcher, result: 'broken', detail, timeMs: 0 };
}
