import { dirname } from 'node:path';
import type { Disk, DiskFile, DurableFile, OpenHow } from '../../../node/storage/disk.js';
import type { FreeSpace, FreeSpaceWatermarks } from '../../../node/storage/freeSpace.js';
import type { OpenEngine } from '../../../node/storage/levelEngine.js';
import { CodedError } from '../../../primitives/errors.js';
import type { FaultCounts } from './faults.js';
import { SimulatedFile } from './files.js';
import { type Life, never } from './life.js';
import type { Random } from './random.js';
import { SimulatedRows } from './rows.js';
import type { VirtualTime } from './virtualTime.js';

/** As the operating system says it. */
export class SimulatedDiskError extends CodedError<'EEXIST' | 'ENOENT' | 'ENOSPC' | 'EIO'> {}

type NameChange =
  | { readonly directory: string; readonly path: string; readonly file: SimulatedFile }
  | { readonly directory: string; readonly path: string; readonly file: undefined };

const AMPLE_BYTES = 2 ** 40;

/**
 * A machine's disk: files whose writes and names last only once they are synced, and databases. It outlives the
 * processes that use it, each through a view of its own.
 */
export class SimulatedDisk {
  readonly #files = new Map<string, SimulatedFile>();
  readonly #durableNames = new Map<string, SimulatedFile>();
  readonly #directories = new Set<string>();
  readonly #databases = new Map<string, SimulatedRows>();
  #unsynced: NameChange[] = [];
  /** What is left; writes fail at nothing. */
  freeBytes = AMPLE_BYTES;
  /** The next write or sync fails once, and says so. */
  failsNext = false;
  /** A sync takes up to so long; 0: no time at all. */
  syncMs = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly faults: FaultCounts,
  ) {}

  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  file(path: string): SimulatedFile | undefined {
    return this.#files.get(path);
  }

  database(path: string): SimulatedRows | undefined {
    return this.#databases.get(path);
  }

  /** As an operator does who fetches a chain anew: the database and the marker beside it go. */
  wipeDatabase(path: string): void {
    this.#databases.delete(path);
    this.loseFile(`${path}.marker`);
  }

  loseFile(path: string): void {
    this.#files.delete(path);
    this.#durableNames.delete(path);
  }

  /** Whatever was not synced may be gone, or there in part. */
  losePower(): void {
    const kept = this.random.integer(0, this.#unsynced.length);
    this.#keepNames(this.#unsynced.slice(0, kept));
    this.faults.count('unsynced name lost', this.#unsynced.length - kept);
    this.#unsynced = [];
    this.#files.clear();
    for (const [path, file] of this.#durableNames) {
      this.#files.set(path, file);
      const { lost, torn } = file.losePower(this.random);
      this.faults.count('unsynced write lost', lost);
      this.faults.count('torn write', torn);
    }
  }

  #keepNames(changes: readonly NameChange[]): void {
    for (const { path, file } of changes) {
      if (file === undefined) this.#durableNames.delete(path);
      else this.#durableNames.set(path, file);
    }
  }

  #name(path: string, file: SimulatedFile | undefined): void {
    if (file === undefined) this.#files.delete(path);
    else this.#files.set(path, file);
    this.#unsynced.push({ directory: dirname(path), path, file });
  }

  /** The disk as one process uses it. */
  view(life: Life): Disk {
    const step = <T>(delayMs: number, run: () => T): Promise<T> => this.#step(life, delayMs, run);
    return {
      makeDirectory: (path) => step(0, () => this.#addDirectory(path)),
      names: (path) => step(0, () => this.#names(path)),
      read: (path) => step(0, () => this.#files.get(path)?.bytes.slice()),
      open: (path, how) => step(0, () => this.#open(path, how, life)),
      openDurable: (path) => step(0, () => this.#openDurable(path, life)),
      rename: (from, to) =>
        step(0, () => {
          const file = this.#files.get(from);
          if (file === undefined) throw diskError('ENOENT', from);
          this.#name(to, file);
          this.#name(from, undefined);
        }),
      remove: (path) => step(0, () => (this.#files.has(path) ? this.#name(path, undefined) : undefined)),
      syncDirectory: (path) =>
        step(this.#syncDelayMs(), () => {
          this.#keepNames(this.#unsynced.filter(({ directory }) => directory === path));
          this.#unsynced = this.#unsynced.filter(({ directory }) => directory !== path);
        }),
    };
  }

  /** One operation: it takes its time, and its process may die just before or just after it. */
  async #step<T>(life: Life, delayMs: number, run: () => T): Promise<T> {
    if (!life.passes('disk')) return never();
    if (delayMs > 0) await this.time.sleep(delayMs);
    if (!life.isAlive) return never();
    const result = run();
    return life.passes('disk') ? result : never();
  }

  #syncDelayMs(): number {
    return this.random.next() * this.syncMs;
  }

  #addDirectory(path: string): void {
    this.#directories.add(path);
  }

  #names(path: string): readonly string[] | undefined {
    if (this.#databases.has(path)) return ['CURRENT'];
    const names = this.paths.filter((file) => dirname(file) === path).map((file) => file.slice(path.length + 1));
    return names.length > 0 || this.#directories.has(path) ? names : undefined;
  }

  #open(path: string, how: OpenHow, life: Life): DiskFile {
    const found = this.#files.get(path);
    if (how === 'existing' && found === undefined) throw diskError('ENOENT', path);
    if (how === 'new' && found !== undefined) throw diskError('EEXIST', path);
    const file = how === 'existing' && found !== undefined ? found : new SimulatedFile();
    if (file !== found) this.#name(path, file);
    return {
      write: (bytes, position) =>
        this.#step(life, 0, () => {
          this.#requireSpace(bytes.length);
          file.write(bytes, position);
        }),
      sync: () =>
        this.#step(life, this.#syncDelayMs(), () => {
          this.#requireSpace(0);
          file.sync();
        }),
      close: () => this.#step(life, 0, () => undefined),
    };
  }

  /** Who dies between the two steps has written what may be lost, or there in part. */
  #openDurable(path: string, life: Life): DurableFile {
    const file = this.#files.get(path);
    if (file === undefined) throw diskError('ENOENT', path);
    return {
      writeDurably: async (bytes, position) => {
        await this.#step(life, 0, () => {
          this.#requireSpace(bytes.length);
          file.write(bytes, position);
        });
        await this.#step(life, this.#syncDelayMs(), () => {
          this.#requireSpace(0);
          file.sync();
        });
      },
      close: () => this.#step(life, 0, () => undefined),
    };
  }

  #requireSpace(bytes: number): void {
    if (this.failsNext) {
      this.failsNext = false;
      this.faults.count('disk write failed');
      throw diskError('EIO', 'i/o error');
    }
    if (bytes < this.freeBytes) return;
    this.faults.count('disk full');
    throw diskError('ENOSPC', 'no space left on device');
  }

  /** Databases of this disk, as one process opens them. */
  openEngine(life: Life): OpenEngine {
    return async (path, { create }) => {
      if (!life.passes('disk')) return never();
      let rows = this.#databases.get(path);
      if (rows === undefined) {
        if (!create) throw diskError('ENOENT', path);
        rows = new SimulatedRows();
        this.#databases.set(path, rows);
      }
      const opened = rows;
      return opened.engine((changes) =>
        this.#step(life, this.#syncDelayMs(), () => {
          this.#requireSpace(changes.size * 64);
          opened.apply(changes);
        }),
      );
    };
  }

  async freeSpace({ lowBytes, criticalBytes }: FreeSpaceWatermarks): Promise<FreeSpace> {
    const { freeBytes } = this;
    if (freeBytes < criticalBytes) return { freeBytes, level: 'critical' };
    return { freeBytes, level: freeBytes < lowBytes ? 'low' : 'ok' };
  }
}

function diskError(code: SimulatedDiskError['code'], what: string): SimulatedDiskError {
  return new SimulatedDiskError(code, `${code}: ${what}`);
}
