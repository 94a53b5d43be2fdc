import { join } from 'node:path';
import type { Ablation, Catcher } from './ablation.js';
import { misplaced, mutate } from './mutatedBuild.js';
import { type RunOutcome, type RunPlace, runCatcher } from './outcome.js';

/** Whether a planted bug is seen. */
export interface Verdict {
  readonly ablation: Ablation;
  /** `survived`: nobody noticed, so a check is missing. `broken`: the run says nothing about the bug. */
  readonly result: 'caught' | 'survived' | 'broken';
  readonly detail: string;
  readonly timeMs: number;
}

/** Plants bugs one after the other and runs what has to catch them. */
export class AblationRunner {
  private readonly healthy = new Map<string, RunOutcome>();

  constructor(private readonly place: RunPlace) {}

  async run(ablation: Ablation): Promise<Verdict> {
    const { edits, name, caughtBy } = ablation;
    const { root, dist } = this.place;
    const faults = await misplaced(dist, edits);
    if (faults.length > 0) return { ablation, result: 'broken', detail: faults.join('\n'), timeMs: 0 };
    const healthy = await this.withoutBug(caughtBy);
    if (healthy.result !== 'passed') {
      return { ablation, result: 'broken', detail: `without the bug: ${healthy.detail}`, timeMs: 0 };
    }
    const build = await mutate(dist, join(root, '.build', 'ablations', `${name}-${process.pid}`), edits);
    try {
      const { result, detail, timeMs } = await runCatcher(caughtBy, { root, dist: build.directory });
      if (result === 'broken') return { ablation, result, detail, timeMs };
      return { ablation, result: result === 'failed' ? 'caught' : 'survived', detail, timeMs };
    } finally {
      await build.remove();
    }
  }

  /** The same run on the program as it is; once for each run. */
  private async withoutBug(catcher: Catcher): Promise<RunOutcome> {
    const key = JSON.stringify(catcher);
    const known = this.healthy.get(key) ?? (await runCatcher(catcher, this.place));
    this.healthy.set(key, known);
    return known;
  }
}
