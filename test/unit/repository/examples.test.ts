import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../../support/repositoryRoot.js';

describe('the examples', () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'vostro-examples-'));
    execFileSync(process.execPath, [join(repositoryRoot(), 'scripts', 'make-examples.mjs'), directory]);
  });

  after(() => rmSync(directory, { recursive: true }));

  for (const name of ['day.csv', 'pacs009.xml', 'expected.json']) {
    it(`hold ${name} byte for byte as the seeded script makes it`, () => {
      const made = readFileSync(join(directory, name), 'utf8');
      expect(readFileSync(join(repositoryRoot(), 'examples', name), 'utf8') === made).to.equal(true);
    });
  }
});
