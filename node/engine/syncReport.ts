import { describeCatchUp } from '../../api/catchUp.js';
import type { Logger } from '../ops/ports.js';
import type { SyncProgress, SyncStatus } from './syncProgress.js';
import type { TimerHandle, Timers } from './timers.js';

/** A node that lacks fewer blocks is not said to be behind, and one that lacks no more than the other has caught up. */
const BEHIND = 100;
const CAUGHT_UP = 10;

/** Says in the log, every few seconds while a node is behind, how far it is and how long it takes. */
export class SyncReport {
  private timer: TimerHandle | undefined;
  private began: { readonly atMs: number; readonly height: number } | undefined;

  constructor(
    private readonly options: { readonly intervalMs: number },
    private readonly modules: {
      readonly timers: Timers;
      readonly logger: Logger;
      readonly progress: SyncProgress;
      readonly status: () => SyncStatus;
    },
  ) {}

  /** To be called whenever something may have changed. */
  look(): void {
    const { targetHeight, height } = this.modules.status();
    if (this.began === undefined && targetHeight - height >= BEHIND) this.begin(height, targetHeight);
    else if (this.began !== undefined && targetHeight - height <= CAUGHT_UP) this.end(height);
  }

  stop(): void {
    if (this.timer !== undefined) this.modules.timers.clear(this.timer);
    this.timer = undefined;
  }

  private begin(height: number, targetHeight: number): void {
    const { timers, progress, logger } = this.modules;
    const atMs = timers.monotonic();
    this.began = { atMs, height };
    progress.reset();
    progress.note(height, targetHeight, atMs);
    logger.info(
      { event: 'engine.sync_began', height, targetHeight },
      `sync: this node is ${targetHeight - height} blocks behind and fetches them`,
    );
    this.schedule();
  }

  private schedule(): void {
    this.timer = this.modules.timers.set(() => {
      this.tell();
      this.schedule();
    }, this.options.intervalMs);
  }

  private tell(): void {
    const { peers, ...status } = this.modules.status();
    const from = peers.filter(({ asked }) => asked > 0).map(({ peerId }) => peerId);
    const text = describeCatchUp(status.height, { ...status, secondsLeft: status.secondsLeft ?? null });
    this.modules.logger.info({ event: 'engine.sync_progress', ...status, from }, `sync: ${text}`);
  }

  private end(height: number): void {
    const { atMs, height: from } = this.began as { readonly atMs: number; readonly height: number };
    const seconds = Math.round((this.modules.timers.monotonic() - atMs) / 1_000);
    this.began = undefined;
    this.stop();
    this.modules.logger.info(
      { event: 'engine.sync_ended', height, blocks: height - from, seconds },
      `sync: caught up at height ${height}, ${height - from} blocks in ${seconds} s`,
    );
  }
}
