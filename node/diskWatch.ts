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

export interface DiskReport {
  readonly level: FreeSpace['level'];
  /** Undefined before the first look. */
  readonly freeBytes: number | undefined;
  readonly watermarkBytes: number;
}

/** Stops taking work, then signing, before the disk is full: a validator that runs out of disk in mid-write must stop. */
export class DiskWatch {
  private space: FreeSpace | undefined;
  private isStopped = false;

  constructor(
    private readonly options: DiskWatchOptions,
    private readonly modules: DiskWatchModules,
  ) {}

  /** True while new transactions should go elsewhere. */
  get isLow(): boolean {
    return this.level !== 'ok';
  }

  /** As of the last look. */
  report(): DiskReport {
    const { watermarkBytes } = this.options;
    return { level: this.level, freeBytes: this.space?.freeBytes, watermarkBytes };
  }

  private get level(): FreeSpace['level'] {
    return this.space?.level ?? 'ok';
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
    const space = await (this.modules.freeSpace ?? freeSpace)(path, watermarks);
    if (this.isStopped) return;
    const before = this.level;
    this.space = space;
    if (space.level !== before) await this.enter(space, before);
    this.modules.timers.set(() => this.start(), intervalMs);
  }

  private async enter({ level, freeBytes }: FreeSpace, before: FreeSpace['level']): Promise<void> {
    const { engine, logger } = this.modules;
    logger.warn({ event: 'disk.level_changed', level, freeBytes }, `free disk space is ${level}`);
    if (level === 'critical') await engine.pauseSigning();
    else if (before === 'critical') engine.resumeSigning();
  }
}
