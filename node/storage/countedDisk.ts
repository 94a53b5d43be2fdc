import type { Disk, DiskFile, DurableFile } from './disk.js';

/** What was synced: few values, whatever the files are called. */
export type SyncedFile = 'journal' | 'body' | 'evidence' | 'marker' | 'directory' | 'other';

/** A disk that tells of every sync. */
export function countedDisk(inner: Disk, onSync: (file: SyncedFile) => void): Disk {
  return {
    makeDirectory: (path) => inner.makeDirectory(path),
    names: (path) => inner.names(path),
    read: (path) => inner.read(path),
    rename: (from, to) => inner.rename(from, to),
    remove: (path) => inner.remove(path),
    syncDirectory: (path) => {
      onSync('directory');
      return inner.syncDirectory(path);
    },
    open: async (path, how) => countedFile(await inner.open(path, how), () => onSync(kindOf(path))),
    openDurable: async (path) => countedDurable(await inner.openDurable(path), () => onSync(kindOf(path))),
  };
}

function countedFile(inner: DiskFile, onSync: () => void): DiskFile {
  return {
    write: (bytes, position) => inner.write(bytes, position),
    sync: () => {
      onSync();
      return inner.sync();
    },
    close: () => inner.close(),
  };
}

function countedDurable(inner: DurableFile, onSync: () => void): DurableFile {
  return {
    writeDurably: (bytes, position) => {
      onSync();
      return inner.writeDurably(bytes, position);
    },
    close: () => inner.close(),
  };
}

function kindOf(path: string): SyncedFile {
  if (path.endsWith('.journal')) return 'journal';
  if (path.endsWith('.body')) return 'body';
  if (path.endsWith('.marker') || path.endsWith('.marker.new')) return 'marker';
  return /evidence\.log(\.new)?$/.test(path) ? 'evidence' : 'other';
}
