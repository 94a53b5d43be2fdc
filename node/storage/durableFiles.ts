import { dirname } from 'node:path';
import { type Disk, systemDisk } from './disk.js';

/** Files that are on disk when their writer says so, not when the operating system likes. */

/** Writes a file whole or not at all: under another name first, synced, then renamed, then its directory synced. */
export async function writeFileDurably(path: string, bytes: Uint8Array, disk: Disk = systemDisk): Promise<void> {
  const temporary = `${path}.new`;
  const file = await disk.open(temporary, 'replace');
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, path);
  await disk.syncDirectory(dirname(path));
}

/** Makes a file with all its blocks and its name on the disk. Fails when there is one. */
export async function createFile(path: string, bytes: Uint8Array, disk: Disk): Promise<void> {
  const file = await disk.open(path, 'new');
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.syncDirectory(dirname(path));
}
