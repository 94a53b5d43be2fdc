import type { CommitResult } from '../execution/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import type { CommitListener } from './commitLane.js';
import { EngineError } from './errors.js';
import { METRIC } from './metrics.js';

/** Whoever is told of each commit, once it is on disk. One that fails stops nobody else. */
export class CommitListeners {
  private readonly listeners = new Set<CommitListener>();

  constructor(
    private readonly limit: number,
    private readonly modules: { readonly logger: Logger; readonly metrics: Metrics },
  ) {}

  /** @returns what ends it. @throws EngineError `ENGINE_OVERLOADED` when too many listen */
  add(listener: CommitListener): () => void {
    if (this.listeners.size >= this.limit) {
      throw new EngineError('ENGINE_OVERLOADED', `${this.limit} listeners hear of commits already`, {
        expected: `fewer than ${this.limit}`,
        actual: `${this.listeners.size}`,
      });
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(result: CommitResult): void {
    const { metrics, logger } = this.modules;
    metrics.count(METRIC.committed);
    metrics.count(METRIC.transactions, result.included.length);
    for (const listener of this.listeners) {
      try {
        listener(result);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.error({ event: 'engine.listener_failed', reason }, 'a listener of commits failed');
      }
    }
  }
}
