import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { WATCHED_ROUNDS } from '../../../consensus/evidence.js';
import { REPORTS_PER_VALIDATOR_AND_HEIGHT } from '../../../contracts/evidence/evidence.js';
import { EvidenceLog } from '../../../node/engine/evidence.js';
import { DEFAULT_ENGINE_LIMITS } from '../../../node/engine/limits.js';
import type { Evidence } from '../../../primitives/evidence.js';
import { LIMITS } from '../../../primitives/limits.js';
import { doublePrepare } from '../../support/evidenceFixture.js';
import { type TestValidator, testValidators } from '../../support/finalityFixture.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

const [validator, other] = testValidators('log', 2) as [TestValidator, TestValidator];

describe('docs/PROTOCOL.md §Evidence', () => {
  it('has the limits that the code has', () => {
    const text = readFileSync(join(repositoryRoot(), 'docs', 'PROTOCOL.md'), 'utf8').replace(/\s+/g, ' ');
    const { evidencePerValidator, evidencePerValidatorAndHeight, evidencePerPeer } = DEFAULT_ENGINE_LIMITS;
    expect(text).to.include(`All of it takes at most ${LIMITS.evidenceBytes} bytes.`);
    expect(text).to.include(`the votes of the ${WATCHED_ROUNDS} rounds nearest to its own`);
    expect(text).to.include(
      `at most ${evidencePerValidatorAndHeight} for one height and ${evidencePerValidator} in all`,
    );
    expect(text)
      .to.include(`the newest ${evidencePerPeer} pairs`)
      .and.to.include(`no more than ${evidencePerPeer} new`);
    expect(text).to.include(`at most ${REPORTS_PER_VALIDATOR_AND_HEIGHT} times for one validator and height`);
  });
});

describe('the log of evidence (PROTOCOL §Evidence E7)', () => {
  let home: string;
  let path: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-evidence-'));
    path = join(home, 'node', 'evidence.log');
  });
  afterEach(() => rm(home, { recursive: true }));

  const open = (maxBytes = 10_000): Promise<EvidenceLog> =>
    EvidenceLog.open({ path, maxBytes, maxPerValidator: 4, maxPerValidatorAndHeight: 2 });
  const pair = (height: number): Evidence => doublePrepare(validator, height);
  const kept = (log: EvidenceLog): readonly unknown[] =>
    log.all().map(({ evidence, firstSeenMs }) => [evidence, firstSeenMs]);

  it('keeps pairs over restarts, with the time at which each was seen first', async () => {
    const log = await open();
    await Promise.all([log.add(pair(1), 100), log.add(pair(2), 200)]);
    await log.close();
    const again = await open();
    expect(again.size).to.equal(2);
    await again.add(pair(3), 300);
    await again.close();
    const last = await open();
    expect(kept(last)).to.deep.equal([
      [pair(1), 100],
      [pair(2), 200],
      [pair(3), 300],
    ]);
    await last.close();
  });

  it('keeps each pair once, also after a restart', async () => {
    const log = await open();
    expect([await log.add(pair(1), 1), await log.add(pair(1), 2)]).to.deep.equal(['added', 'known']);
    await log.close();
    const again = await open();
    expect(await again.add(pair(1), 3)).to.equal('known');
    expect(kept(again)).to.deep.equal([[pair(1), 1]]);
    await again.close();
  });

  it('takes no more than it may hold', async () => {
    const log = await open(300);
    expect([await log.add(pair(1), 1), await log.add(pair(2), 1), await log.add(pair(3), 1)]).to.deep.equal([
      'added',
      'full',
      'full',
    ]);
    await log.close();
    expect((await stat(path)).size).to.be.at.most(300);
  });

  it('lets one validator take no room of another, and one height none of another height', async () => {
    const log = await open();
    const ofHeight = [0, 1, 2].map((round) => doublePrepare(validator, 1, round));
    const results = [];
    for (const evidence of [...ofHeight, pair(2), pair(3), pair(4)]) results.push(await log.add(evidence, 1));
    expect(results).to.deep.equal(['added', 'added', 'full', 'added', 'added', 'full']);
    expect(await log.add(doublePrepare(other, 1), 1)).to.equal('added');
    await log.close();
    const again = await open();
    expect(await again.add(pair(5), 1), 'what is read counts as well').to.equal('full');
    await again.close();
  });

  it('reads nothing of which a bit has changed on the disk, so that it never shows what nobody signed', async () => {
    const log = await open();
    await log.add(pair(1), 1);
    await log.close();
    const written = await readFile(path);
    for (let position = 0; position < written.length; position++) {
      const changed = Uint8Array.from(written);
      changed[position] = (changed[position] as number) ^ 0x10;
      await writeFile(path, changed);
      const again = await open();
      const evidence = again.all().map((entry) => entry.evidence);
      await again.close();
      if (evidence.length > 0) expect(evidence, `byte ${position}`).to.deep.equal([pair(1)]);
    }
  });

  it('reads up to a last entry that was not written whole, and cuts the rest off', async () => {
    const log = await open();
    await log.add(pair(1), 1);
    await log.add(pair(2), 2);
    await log.close();
    await truncate(path, (await stat(path)).size - 5);
    const cut = await open();
    expect(kept(cut)).to.deep.equal([[pair(1), 1]]);
    await cut.add(pair(3), 3);
    await cut.close();
    await appendFile(path, 'nothing of ours');
    const again = await open();
    expect(kept(again)).to.deep.equal([
      [pair(1), 1],
      [pair(3), 3],
    ]);
    await again.close();
  });
});
