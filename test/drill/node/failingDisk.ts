import type { Disk, DiskFile } from '../../../node/storage/disk.js';
import type { Failpoint, Failpoints } from './failpoints.js';

interface FilePoints {
  readonly beforeWrite?: Failpoint;
  readonly betweenWrites?: Failpoint;
  readonly beforeSync?: readonly Failpoint[];
  readonly afterSync?: Failpoint;
}

const JOURNAL: FilePoints = {
  beforeWrite: 'journal.beforeWrite',
  betweenWrites: 'journal.betweenCopies',
  beforeSync: ['journal.beforeSync', 'start.journalBeforeSync'],
  afterSync: 'journal.afterSync',
};
const BODY: FilePoints = {
  beforeWrite: 'body.beforeWrite',
  beforeSync: ['body.beforeSync'],
  afterSync: 'body.afterSync',
};
const MARKER: FilePoints = { beforeSync: ['start.markerBeforeSync'] };

function pointsOf(path: string): FilePoints {
  if (path.endsWith('signing.journal')) return JOURNAL;
  if (path.endsWith('.body')) return BODY;
  return path.endsWith('journal.marker.new') ? MARKER : {};
}

/** The machine's disk with the failpoints of a node's own files on the way to it. */
export function failingDisk(inner: Disk, failpoints: Failpoints): Disk {
  /** A disk that has been taken away answers nothing any more. */
  const unlessFrozen = <T>(run: () => Promise<T>): Promise<T> =>
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
    rename: async (from, to) => {
      const isMarker = to.endsWith('journal.marker');
      if (isMarker) failpoints.pass('start.markerBeforeRename');
      await unlessFrozen(() => inner.rename(from, to));
      if (isMarker) failpoints.pass('start.markerAfterRename');
    },
    remove: (path) => {
      if (path.endsWith('.body')) failpoints.pass('body.beforeRemove');
      return unlessFrozen(() => inner.remove(path));
    },
  };
}

function failingFile(
  inner: DiskFile,
  points: FilePoints,
  failpoints: Failpoints,
  unlessFrozen: <T>(run: () => Promise<T>) => Promise<T>,
): DiskFile {
  let writes = 0;
  const pass = (point: Failpoint | undefined): void => {
    if (point !== undefined) failpoints.pass(point);
  };
  return {
    write: async (bytes, position) => {
      pass(writes++ % 2 === 0 ? points.beforeWrite : points.betweenWrites);
      await unlessFrozen(() => inner.write(bytes, position));
    },
    sync: async () => {
      for (const point of points.beforeSync ?? []) pass(point);
      await unlessFrozen(() => inner.sync());
      pass(points.afterSync);
    },
    close: () => inner.close(),
  };
}
