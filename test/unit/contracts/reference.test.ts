import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { standardContracts } from '../../../contracts/index.js';
import { contractTables } from '../../../kit/reference/contractTables.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

const file = join(repositoryRoot(), 'docs', 'CONTRACTS.md');

function withTables(text: string): string {
  return standardContracts().reduce((whole, contract) => {
    const block = new RegExp(`<!-- ${contract.name} -->\\n[\\s\\S]*?<!-- end -->`);
    return whole.replace(block, `<!-- ${contract.name} -->\n${contractTables(contract.abi())}\n<!-- end -->`);
  }, text);
}

describe('docs/CONTRACTS.md', () => {
  it('lists every method, event, code and map of the standard contracts (VOSTRO_UPDATE_DOCS=1 writes them)', () => {
    const text = readFileSync(file, 'utf8');
    for (const { name } of standardContracts()) expect(text).to.contain(`<!-- ${name} -->`);
    if (process.env['VOSTRO_UPDATE_DOCS'] === '1') writeFileSync(file, withTables(text));
    expect(readFileSync(file, 'utf8')).to.equal(withTables(text));
  });
});
