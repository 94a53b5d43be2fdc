import type { Engine } from './engine/engine.js';
import type { Timers } from './engine/timers.js';
import type { Logger } from './ops/ports.js';
import { type FreeSpace, freeSpace } from './storage/freeSpace.js';

export interface DiskWatchOptions {
  /** A directory on the file system that the node writes to. */
  readonly path: string;
  /** Below it the node takes no transactions; below half of it, it signs nothing. */
  readonly watermarkBytes: number;
  readonly intervalMs: number;
}

export interface DiskWatchModules {
  readonly engine: Pick<Engine, 'pauseSigning' | 'resumeSigning'>;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly onFatal: (error: unknown) => void;
  /** The file system's own word unless told. */
  readonly freeSpace?: typeof freeSpace;
}

/** Stops taking work, then signing, before the disk is full: a validator that runs out of disk in mid-write must stop. */
export class DiskWatch {
  private level: FreeSpace['level'] = 'ok';
  private isStopped = false;

  constructor(
    private readonly options: DiskWatchOptions,
    private readonly modules: DiskWatchModules,
  ) {}

  /** True while new transactions should go elsewhere. */
  get isLow(): boolean {
    return this.level !== 'ok';
  }

  start(): void {
    this.look().catch(this.modules.onFatal);
  }

  stop(): void {
    this.isStopped = true;
  }

  private async look(): Promise<void> {
    const { path, watermarkBytes, intervalMs } = this.options;
    const watermarks = { lowBytes: watermarkBytes, criticalBytes: Math.floor(watermarkBytes / 2) };
    const { level, freeBytes } = await (this.modules.freeSpace ?? freeSpace)(path, watermarks);
    if (this.isStopped) return;
    if (level !== this.level) await this.enter(level, freeBytes);
    this.modules.timers.set(() => this.start(), intervalMs);
  }

  private async enter(level: FreeSpace['level'], freeBytes: number): Promise<void> {
    const { engine, logger } = this.modules;
    const before = this.level;
    this.level = level;
    logger.warn({ event: 'disk.level_changed', level, freeBytes }, `free disk space is ${level}`);
    if (level === 'critical') await engine.pauseSigning();
    else if (before === 'critical') engine.resumeSigning();
  }
}
