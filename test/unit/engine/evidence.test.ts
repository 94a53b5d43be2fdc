import { appendFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Evidence, EvidenceLog } from '../../../node/engine/evidence.js';

describe('the log of evidence', () => {
  let home: string;
  let path: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-evidence-'));
    path = join(home, 'node', 'evidence.log');
  });
  afterEach(() => rm(home, { recursive: true }));

  const pair = (seed: number): Evidence => ({
    kind: seed % 2 === 0 ? 'doubleSign' : 'amnesia',
    validator: `0x${'0b'.repeat(20)}`,
    first: new Uint8Array(100).fill(seed),
    second: new Uint8Array(120).fill(seed),
  });

  it('keeps pairs over restarts', async () => {
    const log = await EvidenceLog.open({ path, maxBytes: 10_000 });
    await Promise.all([log.add(pair(1)), log.add(pair(2))]);
    await log.close();
    const again = await EvidenceLog.open({ path, maxBytes: 10_000 });
    await again.add(pair(3));
    await again.close();
    const last = await EvidenceLog.open({ path, maxBytes: 10_000 });
    expect(last.all()).to.deep.equal([pair(1), pair(2), pair(3)]);
    await last.close();
  });

  it('takes no more than it may hold', async () => {
    const log = await EvidenceLog.open({ path, maxBytes: 600 });
    expect([await log.add(pair(1)), await log.add(pair(2)), await log.add(pair(3))]).to.deep.equal([true, true, false]);
    expect(log.all()).to.have.length(2);
    await log.close();
    expect((await stat(path)).size).to.be.at.most(600);
  });

  it('reads up to a last entry that was not written whole, and writes over it', async () => {
    const log = await EvidenceLog.open({ path, maxBytes: 10_000 });
    await log.add(pair(1));
    await log.add(pair(2));
    await log.close();
    await truncate(path, (await stat(path)).size - 5);
    const cut = await EvidenceLog.open({ path, maxBytes: 10_000 });
    expect(cut.all()).to.deep.equal([pair(1)]);
    await cut.add(pair(3));
    await cut.close();
    await appendFile(path, 'nothing of ours');
    const again = await EvidenceLog.open({ path, maxBytes: 10_000 });
    expect(again.all()).to.deep.equal([pair(1), pair(3)]);
    await again.close();
  });
});
