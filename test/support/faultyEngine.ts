import type { KeyValueEngine, OpenEngine } from '../../node/storage/levelEngine.js';
import { openLevelEngine } from '../../node/storage/levelEngine.js';

/** What fails from now on. */
export interface Faults {
  write: boolean;
  read: boolean;
  /** How many batches were asked to be written. */
  writes?: number;
}

/** LevelDB behind a door that can be told to fail as a full or dying disk does. */
export function faultyEngine(faults: Faults): OpenEngine {
  return async (path, options) => {
    const inner = await openLevelEngine(path, options);
    const engine: KeyValueEngine = {
      ...inner,
      getSync: (key) => {
        if (faults.read) throw diskError('EIO: i/o error');
        return inner.getSync(key);
      },
      batch: () => {
        const batch = inner.batch();
        const write = () => {
          faults.writes = (faults.writes ?? 0) + 1;
          return faults.write ? Promise.reject(diskError('ENOSPC: no space left')) : batch.write();
        };
        return { ...batch, write };
      },
    };
    return engine;
  };
}

function diskError(message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code: message.slice(0, message.indexOf(':')) });
}
