import { COPY_ALIGNMENT_BYTES, SLOT_BYTES, SLOTS } from '../../../node/engine/journalFormat.js';
import type { FaultCounts } from './faults.js';
import { PATHS, type SimulatedNode, SYNC_MS } from './node.js';
import type { Weather } from './profiles.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtualTime.js';

export interface DiskNemesisModules {
  readonly nodes: readonly SimulatedNode[];
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: FaultCounts;
}

/** What an honest node may stop with when a write or a sync of its disk fails. */
const FAILED_WRITE: ReadonlySet<string> = new Set([
  'JOURNAL_WRITE_FAILED',
  'BODY_STORE_FAILED',
  'EVIDENCE_FAILED',
  'STORAGE_FAILED',
  'ENOSPC',
  'EIO',
]);

/** What it may stop with when its database is damaged or lost: the operator fetches the chain anew. */
const DAMAGED_DATABASE: ReadonlySet<string> = new Set([
  'VALUE_CORRUPT',
  'DATABASE_LOST',
  'MARKER_INVALID',
  'CHAIN_BROKEN',
  'STATE_CORRUPT',
  'STATE_ROOT_MISMATCH',
  'GENESIS_MISMATCH',
  'SCHEMA_UNSUPPORTED',
]);

const SMALL_DISK_BYTES = [900_000, 400_000, 200] as const;

/**
 * Does what an operator does when a node stops for its disk.
 *
 * @returns whether a fault of its disk explains that it stopped
 */
export function repair(node: SimulatedNode, code: string): boolean {
  if (node.isFit) return false;
  if (FAILED_WRITE.has(code)) {
    node.disk.freeBytes = Number.MAX_SAFE_INTEGER;
    node.disk.failsNext = false;
    return true;
  }
  if (!DAMAGED_DATABASE.has(code)) return false;
  node.disk.wipeDatabase(PATHS.chain);
  node.ground.faults.count('database wiped');
  return true;
}

/**
 * Faults of disks. A slow one and one flipped bit in one copy of the journal may meet every node; everything else meets
 * those whose disks are said to be damaged, which count among the faulty.
 */
export class DiskNemesis {
  #isPeace = false;

  constructor(
    private readonly weather: Weather,
    private readonly modules: DiskNemesisModules,
  ) {}

  start(): void {
    const { diskFaultEveryMs } = this.weather;
    if (diskFaultEveryMs > 0) this.#next(diskFaultEveryMs);
  }

  makePeace(): void {
    this.#isPeace = true;
    for (const { disk } of this.modules.nodes) {
      disk.freeBytes = Number.MAX_SAFE_INTEGER;
      disk.failsNext = false;
      disk.syncMs = SYNC_MS;
    }
  }

  #next(everyMs: number): void {
    const { time, random } = this.modules;
    time.after(random.next() * 2 * everyMs, () => {
      if (this.#isPeace) return;
      this.#anyDisk();
      this.#damagedDisk();
      this.#next(everyMs);
    });
  }

  #anyDisk(): void {
    const { nodes, random, faults, time } = this.modules;
    const node = random.pick(nodes);
    if (node === undefined) return;
    if (random.chance(0.5)) {
      faults.count('disk slow');
      node.disk.syncMs = random.integer(20, 800);
      time.after(random.integer(500, 5_000), () => {
        node.disk.syncMs = SYNC_MS;
      });
      return;
    }
    this.#down(node, () => this.#flipInJournal(node));
  }

  /** One bit of one copy: the other copy must do. */
  #flipInJournal({ disk }: SimulatedNode): void {
    const { random, faults } = this.modules;
    const file = disk.file(PATHS.journalFile);
    if (file === undefined || !file.isClean) return;
    const copy = random.integer(0, SLOTS - 1) * SLOT_BYTES + random.integer(0, 1) * COPY_ALIGNMENT_BYTES;
    file.flip(copy + random.integer(0, 300), random.integer(0, 7));
    faults.count('bit flipped in a journal');
  }

  #damagedDisk(): void {
    const { nodes, random, faults } = this.modules;
    const node = random.pick(nodes.filter(({ options }) => options.role === 'damaged'));
    if (node === undefined) return;
    switch (random.integer(0, 6)) {
      case 0:
        this.#fill(node);
        return;
      case 1:
        node.disk.failsNext = true;
        return;
      case 2:
        this.#down(node, () => this.#flipInFile(node));
        return;
      case 3:
        this.#down(node, () => this.#flipInRow(node));
        return;
      case 4:
        this.#down(node, () => this.#loseFile(node));
        return;
      case 5:
        this.#down(node, () => {
          faults.count('database wiped');
          node.disk.wipeDatabase(PATHS.chain);
        });
        return;
      default:
        this.#down(node, () => {
          this.#flipInFile(node);
          this.#flipInFile(node);
        });
    }
  }

  /** Ends the process, so that what happens to its files meets the next one. Nothing happens to one that is down. */
  #down(node: SimulatedNode, then: () => void): void {
    // Once a life: what a start repairs is one bad copy, and two flips of one night could meet both copies.
    if (node.life === undefined) return;
    node.die('power');
    if (node.life === undefined) then();
  }

  #fill({ disk }: SimulatedNode): void {
    const { random, time } = this.modules;
    disk.freeBytes = random.pick(SMALL_DISK_BYTES) ?? 0;
    time.after(random.integer(2_000, 15_000), () => {
      disk.freeBytes = Number.MAX_SAFE_INTEGER;
    });
  }

  #flipInFile({ disk }: SimulatedNode): void {
    const { random, faults } = this.modules;
    const file = disk.file(random.pick(disk.paths) ?? '');
    if (file === undefined || file.bytes.length === 0) return;
    faults.count('bit flipped in a file');
    file.flip(random.integer(0, Math.min(file.bytes.length, 2_000) - 1), random.integer(0, 7));
  }

  #flipInRow({ disk }: SimulatedNode): void {
    const { random, faults } = this.modules;
    const rows = disk.database(PATHS.chain);
    const key = random.pick(rows?.keys() ?? []);
    const row = key === undefined ? undefined : rows?.rows.get(key);
    if (row === undefined || row.length === 0 || key === undefined) return;
    faults.count('bit flipped in a database row');
    const changed = row.slice();
    const position = random.integer(0, row.length - 1);
    changed[position] = (changed[position] as number) ^ (1 << random.integer(0, 7));
    rows?.rows.set(key, changed);
  }

  #loseFile({ disk }: SimulatedNode): void {
    const { random, faults } = this.modules;
    const path = random.pick(disk.paths);
    if (path === undefined) return;
    faults.count('file lost');
    disk.loseFile(path);
  }
}
