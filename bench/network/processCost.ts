import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Linux tells processor time in hundredths of a second, whatever its own clock. */
const TICK_US = 10_000;
const BLOCK_BYTES = 512;

/** The kinds of threads of a node. */
export const THREAD_ROOMS = ['main', 'executor', 'signatures', 'libuv pool', 'V8 helpers', 'LevelDB'] as const;
export type ThreadRoom = (typeof THREAD_ROOMS)[number];

/** What a process has used so far. */
export interface ProcessSample {
  readonly cpuUs: number;
  /** The same by what its threads do. */
  readonly cpuUsByRoom: Readonly<Record<ThreadRoom, number>>;
  readonly rssBytes: number;
  /** Times that a thread gave the processor away, or was made to. */
  readonly switches: number;
  /** Bytes that it had written to the disk, file system overhead left out. */
  readonly writtenBytes: number;
}

/**
 * Threads of Node.js before version 22 have no names, but an order: the main one, five helpers of V8 and one that waits
 * for signals, the pool for files, which the first read of a file starts, then the workers as they were made, the
 * signature workers before the executor, and what LevelDB starts at last.
 */
export function roomOfThread(position: number, signatureWorkers: number): ThreadRoom {
  const pool = 7;
  const workers = pool + 4;
  if (position === 0) return 'main';
  if (position < pool) return 'V8 helpers';
  if (position < workers) return 'libuv pool';
  if (position < workers + signatureWorkers) return 'signatures';
  return position === workers + signatureWorkers ? 'executor' : 'LevelDB';
}

/** Reads what a process has used; undefined where /proc does not say. */
export async function sampleProcess(pid: number, signatureWorkers: number): Promise<ProcessSample | undefined> {
  try {
    const threads = (await readdir(`/proc/${pid}/task`)).map(Number).sort((a, b) => a - b);
    const cpuUsByRoom = Object.fromEntries(THREAD_ROOMS.map((room) => [room, 0])) as Record<ThreadRoom, number>;
    let [cpuUs, switches] = [0, 0];
    for (const [position, thread] of threads.entries()) {
      const usedUs = await threadCpuUs(pid, thread);
      cpuUs += usedUs;
      cpuUsByRoom[roomOfThread(position, signatureWorkers)] += usedUs;
      switches += sumOf(/ctxt_switches:\s+(\d+)/g, await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8'));
    }
    const rssBytes = sumOf(/^VmRSS:\s+(\d+) kB/gm, await readFile(`/proc/${pid}/status`, 'utf8')) * 1_024;
    const io = await readFile(`/proc/${pid}/io`, 'utf8').catch(() => '');
    return { cpuUs, cpuUsByRoom, rssBytes, switches, writtenBytes: sumOf(/^write_bytes: (\d+)/gm, io) };
  } catch {
    return undefined;
  }
}

/** In microseconds: from the scheduler, which counts in nanoseconds, or else in hundredths of a second. */
async function threadCpuUs(pid: number, thread: number): Promise<number> {
  const directory = `/proc/${pid}/task/${thread}`;
  const exact = await readFile(`${directory}/schedstat`, 'utf8').catch(() => '');
  if (exact !== '') return Number(exact.split(' ')[0]) / 1_000;
  return ticksUs(await readFile(`${directory}/stat`, 'utf8'));
}

/** The name may hold anything, a parenthesis too; utime and stime are the 12th and 13th fields after it. */
function ticksUs(text: string): number {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

function sumOf(pattern: RegExp, text: string): number {
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Processor time that a process and its threads have used, in microseconds; undefined where /proc does not say. */
export async function cpuUsOf(pid: number): Promise<number | undefined> {
  try {
    return ticksUs(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Bytes of disk that a directory takes. What vanishes meanwhile takes none. */
export async function diskBytesOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ blocks }) => blocks * BLOCK_BYTES,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
