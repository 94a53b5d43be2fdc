import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbstractChainedBatch } from 'abstract-level';
import { expect } from 'chai';
import { openLevelEngine } from '../../../node/storage/levelEngine.js';

describe('the database on disk', () => {
  it('syncs every batch before it is acknowledged', async () => {
    const path = await mkdtemp(join(tmpdir(), 'vostro-level-'));
    const asked: unknown[] = [];
    // LevelDB does not tell what it was asked for, and a process that ends loses nothing that was not synced.
    const prototype = AbstractChainedBatch.prototype;
    const { write } = prototype;
    prototype.write = function (this: typeof prototype, options: object) {
      asked.push(options);
      return write.call(this, options);
    } as typeof write;
    try {
      const sizes = { cacheSizeBytes: 1_000_000, writeBufferBytes: 1_000_000 };
      const engine = await openLevelEngine(join(path, 'db'), { create: true, compression: false, ...sizes });
      for (const value of [1, 2]) {
        const batch = engine.batch();
        batch.put(Uint8Array.of(1), Uint8Array.of(value));
        await batch.write();
      }
      await engine.close();
    } finally {
      prototype.write = write;
      await rm(path, { recursive: true });
    }
    expect(asked).to.deep.equal([{ sync: true }, { sync: true }]);
  });
});
