import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { countedDisk } from '../../../node/storage/countedDisk.js';
import { systemDisk } from '../../../node/storage/disk.js';
import { createFile, writeFileDurably } from '../../../node/storage/durableFiles.js';

describe('a disk that counts', () => {
  it('tells of every sync by what was synced, and of nothing else', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'vostro-counted-'));
    const synced: string[] = [];
    const disk = countedDisk(systemDisk, (file) => void synced.push(file));
    const told = async (run: () => Promise<unknown>): Promise<string[]> => {
      synced.length = 0;
      await run();
      return [...synced].sort();
    };
    const bytes = Uint8Array.of(1, 2, 3);
    try {
      const path = join(directory, 'signing.journal');
      expect(await told(() => createFile(path, bytes, disk))).to.deep.equal(['directory', 'journal']);
      const journal = await disk.openDurable(path);
      expect(await told(() => journal.writeDurably(bytes, 0))).to.deep.equal(['journal']);
      await journal.close();
      const body = join(directory, '0.body');
      expect(await told(() => createFile(body, bytes, disk))).to.deep.equal(['body', 'directory']);
      const marker = join(directory, 'journal.marker');
      expect(await told(() => writeFileDurably(marker, bytes, disk))).to.deep.equal(['directory', 'marker']);
      const evidence = join(directory, 'evidence.log');
      expect(await told(() => writeFileDurably(evidence, bytes, disk))).to.deep.equal(['directory', 'evidence']);
      expect(await told(() => disk.read(body))).to.deep.equal([]);
      expect(await told(() => disk.remove(body))).to.deep.equal([]);
      expect(await disk.names(directory)).to.have.members(['signing.journal', 'journal.marker', 'evidence.log']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
