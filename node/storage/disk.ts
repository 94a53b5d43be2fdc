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

const FLAGS = { existing: 'r+', new: 'wx', replace: 'w' } as const;

/** The machine's own file system. */
export const systemDisk: Disk = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  names: (path) => unlessMissing(() => readdir(path)),
  read: (path) => unlessMissing(() => readFile(path)),
  open: async (path, how) => new SystemFile(await open(path, FLAGS[how], 0o600)),
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

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, offset, bytes.length - offset, position + offset);
      offset += bytesWritten;
    }
  }

  /** Data, and what of the file's size and blocks is needed to read it. */
  sync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
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
