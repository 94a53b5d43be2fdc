import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../../support/repositoryRoot.js';

const root = repositoryRoot();
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A rule of docs/PROTOCOL.md: its number, and the sections that it may be cited under. */
interface Rule {
  readonly id: string;
  readonly sections: readonly string[];
}

interface Citation {
  readonly file: string;
  readonly section: string;
  readonly ids: readonly string[];
}

/** The headings of the document, and its rules: `- **J1.** …`, and `1. **Name.** …` in §Consensus. */
function specification(): { readonly headings: ReadonlySet<string>; readonly rules: readonly Rule[] } {
  const headings = new Set<string>();
  const rules: Rule[] = [];
  let [chapter, section] = ['', ''];
  for (const line of read('docs/PROTOCOL.md').split('\n')) {
    const [, level, name = ''] = /^(##+) (.+)$/.exec(line) ?? [];
    if (level !== undefined) headings.add(name);
    if (level === '##') [chapter, section] = [name, name];
    if (level === '###') section = name;
    const [, lettered, numbered] = /^(?:- \*\*([A-Z]\d+)\.\*\* |(\d+)\. \*\*)/.exec(line) ?? [];
    if (lettered !== undefined) rules.push({ id: lettered, sections: [chapter, section] });
    if (numbered !== undefined && section === 'Rules') rules.push({ id: `rule ${numbered}`, sections: [chapter] });
  }
  return { headings, rules };
}

/** Comments and names in one line each: what is cited may be broken over lines. */
function unwrapped(text: string): string {
  return text.replace(/\n\s*(?:\*(?!\/)|\/\/)\s?/g, ' ');
}

/** `J1`, `J1, J3 and J5`, `B1–B9`, `rules 4 and 7`: every number that is named. */
function idsOf(words: string): string[] {
  const ids: string[] = [];
  for (const [, numbers] of words.matchAll(/\brules? (\d+(?:(?:, | and )\d+)*)/g)) {
    for (const number of numbers?.match(/\d+/g) ?? []) ids.push(`rule ${number}`);
  }
  for (const [, letter, first, last] of words.matchAll(/\b([A-Z])(\d+)(?:–\1(\d+))?\b/g)) {
    for (let at = Number(first); at <= Number(last ?? first); at++) ids.push(`${letter}${at}`);
  }
  return ids;
}

/** Every `PROTOCOL §…` of a file; numbers count up to the end of the sentence, or the next §. */
function citationsOf(file: string, headings: ReadonlySet<string>): Citation[] {
  return [...unwrapped(read(file)).matchAll(/PROTOCOL(?:\.md)? §((?:(?!\. |\.$|§|\*\/|'|`\)).)*)/gm)].map(
    ([, words = '']) => {
      const section = [...headings]
        .filter((heading) => new RegExp(`^${heading}\\b`, 'i').test(words))
        .sort((a, b) => b.length - a.length)[0];
      return { file, section: section ?? `no section: ${words}`, ids: idsOf(words.slice(section?.length ?? 0)) };
    },
  );
}

describe('the rules of docs/PROTOCOL.md', () => {
  const { headings, rules } = specification();
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && existsSync(join(root, file)) && !file.endsWith('rules.test.ts'));
  const citations = files.flatMap((file) => citationsOf(file, headings));
  const known = new Map(rules.map((rule) => [rule.id, rule]));

  it('have numbers of their own, counted from 1 without a gap', () => {
    expect(known.size).to.equal(rules.length);
    expect(rules.length).to.be.above(80);
    for (const { id } of rules) {
      const [, series = '', number] = /^(\D+)(\d+)$/.exec(id) ?? [];
      if (number !== '1') expect(known.has(`${series}${Number(number) - 1}`), `the rule before ${id}`).to.equal(true);
    }
  });

  it('are what code and tests cite, under the section in which they stand', () => {
    const wrong = citations.flatMap(({ file, section, ids }) => {
      if (section.startsWith('no section')) return [`${file}: ${section}`];
      const strange = ids.filter((id) => known.get(id)?.sections.includes(section) !== true);
      return strange.map((id) => `${file}: §${section} has no ${id}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  for (const [where, isThere] of [
    ['a source file', (file: string) => !/^(test|bench|scripts)\//.test(file)],
    ['a test', (file: string) => file.startsWith('test/')],
  ] as const) {
    it(`are each cited by ${where}`, () => {
      const cited = new Set(citations.filter(({ file }) => isThere(file)).flatMap(({ ids }) => ids));
      expect(
        rules.filter(({ id }) => !cited.has(id)).map(({ id, sections }) => `§${sections.at(-1)} ${id}`),
      ).to.deep.equal([]);
    });
  }
});
