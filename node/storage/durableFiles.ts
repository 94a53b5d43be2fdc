import { dirname } from 'node:path';
import { type Disk, type DiskFile, systemDisk } from './disk.js';

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

/**
 * Writes a file whose content can tell by itself whether it is whole: in place, its name and its bytes synced at once,
 * which takes half as long. A crash may leave a part of it.
 */
export async function writeCheckableFile(path: string, bytes: Uint8Array, disk: Disk): Promise<void> {
  const file = await disk.open(path, 'replace');
  try {
    await file.write(bytes, 0);
    await Promise.all([file.sync(), disk.syncDirectory(dirname(path))]);
  } finally {
    await file.close();
  }
}

/** Makes a file with all its blocks and its name on the disk, and leaves it open. Fails when there is one. */
export async function createFile(path: string, bytes: Uint8Array, disk: Disk): Promise<DiskFile> {
  const file = await disk.open(path, 'new');
  try {
    await file.write(bytes, 0);
    await file.sync();
    await disk.syncDirectory(dirname(path));
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
}
