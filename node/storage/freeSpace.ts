import { statfs } from 'node:fs/promises';

/** Below `low` a node takes no more transactions, below `critical` it stops signing. In bytes. */
export interface FreeSpaceWatermarks {
  readonly lowBytes: number;
  readonly criticalBytes: number;
}

export interface FreeSpace {
  readonly freeBytes: number;
  readonly level: 'ok' | 'low' | 'critical';
}

/** Room for a few thousand large blocks, and for one compaction. */
export const DEFAULT_WATERMARKS: FreeSpaceWatermarks = { lowBytes: 4 * 2 ** 30, criticalBytes: 2 ** 30 };

/** What is left to an ordinary user on the file system of `path`. @throws what `statfs` throws where there is none */
export async function freeSpace(
  path: string,
  watermarks: FreeSpaceWatermarks = DEFAULT_WATERMARKS,
): Promise<FreeSpace> {
  const { bavail, bsize } = await statfs(path);
  const freeBytes = bavail * bsize;
  if (freeBytes < watermarks.criticalBytes) return { freeBytes, level: 'critical' };
  return { freeBytes, level: freeBytes < watermarks.lowBytes ? 'low' : 'ok' };
}
