import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbstractChainedBatch } from 'abstract-level';
import { expect } from 'chai';
import { type OpenEngine, openLevelEngine } from '../../../node/storage/levelEngine.js';
import { openChainDatabase } from '../../../node/storage/openChainDatabase.js';

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

  it('draws a size of its own for the write buffer, so that validators do not all merge their tables at once', async () => {
    const path = await mkdtemp(join(tmpdir(), 'vostro-level-'));
    const sizes: number[] = [];
    const openEngine: OpenEngine = (where, options) => {
      sizes.push(options.writeBufferBytes);
      return openLevelEngine(where, options);
    };
    try {
      for (const drawn of [0, 0x80, 0xff]) {
        const randomBytes = (size: number) => new Uint8Array(size).fill(drawn);
        const options = { path: join(path, `${drawn}`), genesisHash: new Uint8Array(32), openEngine, randomBytes };
        await (await openChainDatabase(options)).close();
      }
    } finally {
      await rm(path, { recursive: true });
    }
    const [least = 0, between = 0, most = 0] = sizes;
    expect(least).to.be.lessThan(between);
    expect(between).to.be.lessThan(most);
    expect(most).to.be.at.most(2 * least);
  });
});
