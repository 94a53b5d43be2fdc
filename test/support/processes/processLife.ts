import { readFile } from 'node:fs/promises';

/** True while a process runs; one that has ended and that nobody has waited for does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the name, which may hold anything but ends with the last bracket: Z is ended, X is going.
  return !/^\) [ZX]/.test(status.slice(status.lastIndexOf(')')));
}
