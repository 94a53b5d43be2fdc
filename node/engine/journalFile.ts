import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durableFiles.js';

/** The bytes of the journal: a file of one size for its whole life, so that a synced write changes data only. */
export interface JournalFile {
  read(): Promise<Uint8Array>;
  /** All of the bytes, or it throws. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Returns when everything written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

class DiskJournalFile implements JournalFile {
  constructor(private readonly handle: FileHandle) {}

  async read(): Promise<Uint8Array> {
    const { size } = await this.handle.stat();
    const bytes = new Uint8Array(size);
    let offset = 0;
    while (offset < size) {
      const { bytesRead } = await this.handle.read(bytes, offset, size - offset, offset);
      if (bytesRead === 0) return bytes.subarray(0, offset);
      offset += bytesRead;
    }
    return bytes;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesWritten } = await this.handle.write(bytes, offset, bytes.length - offset, position + offset);
      offset += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

export async function openJournalFile(path: string): Promise<JournalFile> {
  return new DiskJournalFile(await open(path, 'r+'));
}

/** Makes the file with all its blocks and its name on the disk. Fails when there is one. */
export async function createJournalFile(path: string, contents: Uint8Array): Promise<JournalFile> {
  const handle = await open(path, 'wx+', 0o600);
  const file = new DiskJournalFile(handle);
  try {
    await file.write(contents, 0);
    await handle.sync();
    await syncDirectory(dirname(path));
  } catch (error) {
    await handle.close();
    throw error;
  }
  return file;
}
