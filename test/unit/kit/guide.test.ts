import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { RULES } from '../../../kit/check/rules.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

const file = join(repositoryRoot(), 'docs', 'CONTRACT_AUTHORS.md');

function withRules(text: string): string {
  const cell = (words: string): string => words.replaceAll('|', '\\|');
  const rows = Object.entries(RULES).map(([rule, { why, fix }]) => `| \`${rule}\` | ${cell(why)} | ${cell(fix)} |`);
  const table = ['| Rule | Why | Instead |', '|---|---|---|', ...rows].join('\n');
  return text.replace(/<!-- rules -->\n[\s\S]*?<!-- end -->/, () => `<!-- rules -->\n${table}\n<!-- end -->`);
}

describe('docs/CONTRACT_AUTHORS.md', () => {
  it('lists every rule of the check (VOSTRO_UPDATE_DOCS=1 writes them)', () => {
    const text = readFileSync(file, 'utf8');
    expect(text).to.contain('<!-- rules -->');
    if (process.env['VOSTRO_UPDATE_DOCS'] === '1') writeFileSync(file, withRules(text));
    expect(readFileSync(file, 'utf8')).to.equal(withRules(text));
  });

  it('shows the smallest contract as it stands in the template', () => {
    const contract = readFileSync(join(repositoryRoot(), 'examples/contracts/empty/src/contract.ts'), 'utf8');
    const body = (text: string): string =>
      text
        .replace(/\/\*\*[^\n]*\n/g, '')
        .replace(/\s+/g, '')
        .replaceAll(',)', ')');
    const shown = /```ts\n(import \{ defineContract[\s\S]*?)```/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
    expect(body(shown)).to.equal(body(contract));
  });
});
