import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Linux tells processor time in hundredths of a second, whatever its own clock. */
const TICK_US = 10_000;
const BLOCK_BYTES = 512;

/** Processor time that a process and its threads have used, in microseconds; undefined where /proc does not say. */
export async function cpuUsOf(pid: number): Promise<number | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name may hold anything, a parenthesis too; utime and stime are the 12th and 13th fields after it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
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
