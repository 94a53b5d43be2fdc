import type { Disk, DiskFile, DurableFile } from '../../../node/storage/disk.js';
import type { Failpoint, Failpoints } from './failpoints.js';

interface FilePoints {
  readonly beforeWrite?: readonly Failpoint[];
  /** With half of the bytes written. */
  readonly duringWrite?: Failpoint;
  readonly afterWrite?: Failpoint;
  readonly beforeSync?: Failpoint;
}

const JOURNAL: FilePoints = {
  beforeWrite: ['journal.beforeWrite', 'start.journalBeforeWrite'],
  duringWrite: 'journal.betweenCopies',
  afterWrite: 'journal.afterWrite',
};
const BODY: FilePoints = {
  beforeWrite: ['body.beforeWrite'],
  duringWrite: 'body.duringWrite',
  afterWrite: 'body.afterWrite',
};
const MARKER: FilePoints = { beforeSync: 'start.markerBeforeSync' };

function pointsOf(path: string): FilePoints {
  if (path.endsWith('signing.journal')) return JOURNAL;
  if (path.endsWith('.body')) return BODY;
  return path.endsWith('journal.marker.new') ? MARKER : {};
}

/** The machine's disk with the failpoints of a node's own files on the way to it. */
export function failingDisk(inner: Disk, failpoints: Failpoints): Disk {
  /** A disk that has been taken away answers nothing any more. */
  const unlessFrozen: UnlessFrozen = <T>(run: () => Promise<T>): Promise<T> =>
    failpoints.frozen ? new Promise<T>(() => undefined) : run();
  return {
    makeDirectory: (path) => inner.makeDirectory(path),
    names: (path) => inner.names(path),
    read: (path) => inner.read(path),
    syncDirectory: (path) => unlessFrozen(() => inner.syncDirectory(path)),
    open: (path, how) => {
      if (path.endsWith('evidence.log')) failpoints.pass('start.evidence');
      return unlessFrozen(async () =>
        failingFile(await inner.open(path, how), pointsOf(path), failpoints, unlessFrozen),
      );
    },
    openDurable: (path) =>
      unlessFrozen(async () =>
        failingDurable(await inner.openDurable(path), pointsOf(path), (point) => failpoints.pass(point), unlessFrozen),
      ),
    rename: async (from, to) => {
      const isMarker = to.endsWith('journal.marker');
      if (isMarker) failpoints.pass('start.markerBeforeRename');
      await unlessFrozen(() => inner.rename(from, to));
      if (isMarker) failpoints.pass('start.markerAfterRename');
    },
    remove: (path) => unlessFrozen(() => inner.remove(path)),
  };
}

type UnlessFrozen = <T>(run: () => Promise<T>) => Promise<T>;

function failingFile(
  inner: DiskFile,
  { beforeSync }: FilePoints,
  failpoints: Failpoints,
  unlessFrozen: UnlessFrozen,
): DiskFile {
  return {
    write: (bytes, position) => unlessFrozen(() => inner.write(bytes, position)),
    sync: () => {
      if (beforeSync !== undefined) failpoints.pass(beforeSync);
      return unlessFrozen(() => inner.sync());
    },
    close: () => inner.close(),
  };
}

/** Both copies of a record are one write, of which half holds the first. */
function failingDurable(
  inner: DurableFile,
  { beforeWrite = [], duringWrite, afterWrite }: FilePoints,
  pass: (point: Failpoint) => void,
  unlessFrozen: UnlessFrozen,
): DurableFile {
  return {
    writeDurably: async (bytes, position) => {
      for (const point of beforeWrite) pass(point);
      const half = Math.ceil(bytes.length / 2);
      await unlessFrozen(() => inner.writeDurably(bytes.subarray(0, half), position));
      if (duringWrite !== undefined) pass(duringWrite);
      await unlessFrozen(() => inner.writeDurably(bytes.subarray(half), position + half));
      if (afterWrite !== undefined) pass(afterWrite);
    },
    close: () => inner.close(),
  };
}
