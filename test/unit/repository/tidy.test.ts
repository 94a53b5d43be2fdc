import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../../support/repositoryRoot.js';

const root = repositoryRoot();
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const sources = files.filter((file) => /\.(ts|mjs|cjs)$/.test(file) && !file.startsWith('test/'));
const pure = sources.filter((file) => /^(primitives|consensus|contracts)\//.test(file));

/** Every line of the files that the pattern hits, as file:line: text, comments left out. */
function hits(candidates: readonly string[], pattern: RegExp): string[] {
  return candidates.flatMap((file) =>
    read(file)
      .split('\n')
      .map((text, index) => ({ text: text.replace(/\/\/.*$/, '').replace(/^\s*\/?\*.*$/, ''), index }))
      .filter(({ text }) => pattern.test(text))
      .map(({ text, index }) => `${file}:${index + 1}: ${text.trim()}`),
  );
}

describe('the repository', () => {
  it('keeps clocks, randomness, timers, promises and the machine out of the pure rooms', () => {
    const impure =
      /\b(Date\b|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|Promise\b|async\b|await\b|process\.|console\.|Buffer\b|performance\.|crypto\.)|from 'node:/;
    expect(hits(pure, impure)).to.deep.equal([]);
  });

  it('keeps fractions and the locale out of the pure rooms', () => {
    const inexact =
      /(?<![\w.'"`])\d+\.\d+(?![\w.'"`])|parseFloat|toFixed|toLocale|localeCompare|\bIntl\b|\.normalize\(/;
    expect(hits(pure, inexact)).to.deep.equal([]);
  });

  it('raises coded errors only', () => {
    expect(
      hits(
        sources.filter((file) => !/^(scripts|bench)\//.test(file)),
        /throw new (Error|TypeError|RangeError)\(/,
      ),
    ).to.deep.equal([]);
  });

  it('silences no type and marks nothing unfinished', () => {
    expect(hits(sources, /@ts-(ignore|expect-error|nocheck)|\bas any\b|biome-ignore-all/)).to.deep.equal([]);
    expect(sources.flatMap((file) => (/\b(TODO|FIXME|XXX|HACK)\b/.test(read(file)) ? [file] : []))).to.deep.equal([]);
  });

  it('keeps every source file within 400 lines', () => {
    const long = sources
      .map((file) => ({ file, lines: read(file).split('\n').length }))
      .filter(({ lines }) => lines > 401);
    expect(long).to.deep.equal([]);
  });

  it('keeps module-level state out: no exported or top-level let', () => {
    expect(hits(sources, /^(export )?let /)).to.deep.equal([]);
  });

  it('leaves no exclusive test behind', () => {
    const tests = files.filter(
      (file) => file.startsWith('test/') && file.endsWith('.test.ts') && !file.endsWith('tidy.test.ts'),
    );
    expect(hits(tests, /\b(it|describe)\.only\(/)).to.deep.equal([]);
  });

  it('holds no mark of a merge that was not finished', () => {
    const texts = files.filter((file) => /\.(ts|mjs|cjs|md|json|toml|csv|yml)$/.test(file));
    const marked = texts.filter((file) => /^(?:<{7}|>{7}) /m.test(read(file)));
    expect(marked).to.deep.equal([]);
  });

  it('records no download address in the lockfile', () => {
    expect(read('package-lock.json')).not.to.match(/"resolved": *"http/);
  });
});
