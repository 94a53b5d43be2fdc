import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';

/**
 * The file system as the node uses it, besides LevelDB's own files. Names and bytes are on the disk once they are synced
 * and not before; a simulator gives a disk that forgets what was not. Directories are made for the owner alone (0700),
 * files too (0600). Everything throws what the operating system throws, but for what is told here.
 */
export interface Disk {
  /** Makes the directory and those above it, where they do not exist. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory, or undefined where there is none. */
  names(path: string): Promise<readonly string[] | undefined>;
  /** A file's bytes, or undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  open(path: string, how: OpenHow): Promise<DiskFile>;
  /** Opens a file that is there and whose name is on the disk already. */
  openDurable(path: string): Promise<DurableFile>;
  /** Gives a file another name, in one step; a file of that name is no more. */
  rename(from: string, to: string): Promise<void>;
  /** Takes a file's name away, if it is there. */
  remove(path: string): Promise<void>;
  /** Makes names last that were added to or removed from a directory. */
  syncDirectory(path: string): Promise<void>;
}

/** `existing` fails where there is none, `new` where there is one; `replace` begins with an empty file in any case. */
export type OpenHow = 'existing' | 'new' | 'replace';

/** A file that is open for writing. */
export interface DiskFile {
  /** All of the bytes, or it throws. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Returns when everything that was written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file in which writing and syncing are one call: half the way to the disk and back where little is written often. It is
 * quickest where the file has its size already, in blocks that were written before.
 */
export interface DurableFile {
  /** Returns when all of the bytes are on the disk, and what is needed to read them. Throws when any may not be. */
  writeDurably(bytes: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

const FLAGS = { existing: 'r+', new: 'wx', replace: 'w' } as const;

/** Elsewhere the flag is not there, or says less than a sync does. */
const SYNCS_BY_FLAG = process.platform === 'linux';
const DURABLE_FLAGS = constants.O_RDWR | (SYNCS_BY_FLAG ? constants.O_DSYNC : 0);

/** The machine's own file system. */
export const systemDisk: Disk = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  names: (path) => unlessMissing(() => readdir(path)),
  read: (path) => unlessMissing(() => readFile(path)),
  open: async (path, how) => new SystemFile(await open(path, FLAGS[how], 0o600)),
  openDurable: async (path) => new DurableSystemFile(await open(path, DURABLE_FLAGS)),
  rename,
  remove: async (path) => {
    await unlessMissing(() => unlink(path));
  },
  syncDirectory: async (path) => {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

class SystemFile implements DiskFile {
  constructor(private readonly handle: FileHandle) {}

  write(bytes: Uint8Array, position: number): Promise<void> {
    return writeAll(this.handle, bytes, position);
  }

  /** Data, and what of the file's size and blocks is needed to read it. */
  sync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

class DurableSystemFile implements DurableFile {
  constructor(private readonly handle: FileHandle) {}

  async writeDurably(bytes: Uint8Array, position: number): Promise<void> {
    await writeAll(this.handle, bytes, position);
    if (!SYNCS_BY_FLAG) await this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let offset = 0;
  while (offset < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, offset, bytes.length - offset, position + offset);
    offset += bytesWritten;
  }
}

async function unlessMissing<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
