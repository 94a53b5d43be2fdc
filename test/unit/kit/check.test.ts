import { expect } from 'chai';
import { checkProject } from '../../../kit/check/check.js';
import { formatFinding } from '../../../kit/check/finding.js';
import { RULES, type RuleId } from '../../../kit/check/rules.js';
import { contractJsonText, DEMO, projectOf, projectOfModules } from '../../support/kit/projects.js';

/** What breaks each rule: the line, and the text that the finding must lie on. */
const BREAKS: readonly (readonly [rule: RuleId, line: string, marked: string])[] = [
  ['import', `import { readFileSync } from 'node:fs'; export const read = readFileSync;`, `'node:fs'`],
  ['import', `import { LeafDecoder } from 'left-pad'; export type L = LeafDecoder;`, `'left-pad'`],
  ['import', `import { x } from '../../outside.js'; export const y = x;`, `'../../outside.js'`],
  ['import', `import { codecFromAbi } from 'vostro/contract'; export const y = codecFromAbi;`, 'codecFromAbi'],
  ['import', `import * as api from 'vostro/contract'; export const y = api.t;`, '* as api'],
  ['import', `export * from 'vostro/contract';`, `export * from 'vostro/contract';`],
  ['import', `export const load = () => import('./contract.js');`, `import('./contract.js')`],
  ['host-global', `export const log = () => console.log('x');`, 'console'],
  ['host-global', `export const home = () => process.env;`, 'process'],
  ['host-global', `export const all = () => globalThis;`, 'globalThis'],
  ['host-global', `export const make = () => new WeakMap();`, 'WeakMap'],
  ['host-global', `export const make = () => new Proxy({}, {});`, 'Proxy'],
  ['host-global', `export const read = (): unknown => JSON.stringify(1);`, 'JSON'],
  ['host-global', `export const a = new Uint16Array(1);`, 'Uint16Array'],
  ['clock', `export const now = () => Date.now();`, 'Date'],
  ['random', `export const luck = () => Math.random();`, 'random'],
  ['random', `export const luck = () => Math['random']();`, `Math['random']`],
  ['prototype', `export const luck = () => { const { random } = Math; return random(); };`, 'random'],
  ['prototype', `export const luck = () => { const m = Math; return m; };`, 'Math'],
  ['prototype', `export const luck = (name: 'abs') => Math[name](1);`, 'Math[name]'],
  ['prototype', `export const f = () => Object.getPrototypeOf({}) as unknown;`, 'getPrototypeOf'],
  ['prototype', `export const f = () => Array.prototype;`, 'prototype'],
  ['regexp', `export const f = (s: string) => /a+/.test(s);`, '/a+/'],
  ['regexp', `export const f = (s: string) => s.match('a');`, 'match'],
  ['async', `export async function f() { return 1; }`, 'async'],
  ['async', `export const f = () => { setTimeout(() => undefined, 1); };`, 'setTimeout'],
  ['fraction', `export const rate = 0.25;`, '0.25'],
  ['fraction', `export const huge = 9007199254740993;`, '9007199254740993'],
  ['fraction', `export const e = Number.EPSILON;`, 'EPSILON'],
  ['fraction', `export const nothing = NaN;`, 'NaN'],
  ['division', `export const f = (a: number, b: number) => a / b;`, '/'],
  ['division', `export const f = (a: number) => { let b = a; b /= 2; return b; };`, '/='],
  ['exponent', `export const f = (a: number) => a ** 2;`, '**'],
  ['math', `export const f = (a: number) => Math.sqrt(a);`, 'sqrt'],
  ['number-conversion', `export const f = (s: string) => +s;`, '+s'],
  ['number-conversion', `export const f = (s: string) => Number(s);`, 'Number(s)'],
  ['number-conversion', `export const f = (s: string) => parseInt(s, 10);`, 'parseInt'],
  ['locale', `export const f = (a: string, b: string) => a.localeCompare(b);`, 'localeCompare'],
  ['locale', `export const f = (a: string) => a.normalize();`, 'normalize'],
  ['locale', `export const f = (a: string) => a['toUpperCase']();`, `a['toUpperCase']`],
  ['locale', `export const f = (a: string) => { const { toLowerCase } = a; return toLowerCase; };`, 'toLowerCase'],
  ['locale', `export const f = (a: number) => a.toFixed(2);`, 'toFixed'],
  ['sort-order', `export const f = (a: bigint[]) => a.sort();`, 'sort'],
  ['dynamic-code', `export const f = () => new Function('return 1');`, 'Function'],
  ['dynamic-code', `export const f = () => (() => 1).constructor;`, 'constructor'],
  ['module-state', `let count = 0; export const f = () => count;`, 'let count = 0'],
  ['module-state', `const seen = new Map<string, number>(); export const f = () => seen.set('a', 1);`, 'seen'],
  ['module-state', `const box = { n: 1 }; export const f = () => { box.n += 1; };`, 'box.n'],
  ['module-state', `const list: number[] = []; export const f = () => { delete list[0]; };`, 'list[0]'],
  ['module-state', `export class A { static count = 0; }`, 'static count = 0;'],
  ['for-in', `export const f = (o: object) => { for (const k in o) { if (k === 'a') return; } };`, 'for'],
  ['any', `export const f = (a: any): unknown => a;`, 'any'],
  ['not-null', `export const f = (a: string | undefined) => a!;`, 'a!'],
  ['silenced-type', `// @ts-ignore`, '@ts-ignore'],
  ['try-catch', `export const f = () => { try { return 1; } finally { f2(); } }; const f2 = () => 2;`, 'try'],
  ['throw', `export const f = () => { throw 1; };`, 'throw 1;'],
  ['syntax', `export function* f() { yield 1; }`, 'yield 1'],
  ['syntax', `export const f = { get a() { return 1; } };`, 'get a() { return 1; }'],
  ['hidden-text', `export const f = 'a\u202eb';`, '\u202e'],
  ['hidden-text', `export const \u0430mount = 1n;`, '\u0430mount'],
];

/** What a contract may well do, though it is close to what it may not. */
const ALLOWED: readonly string[] = [
  `export const f = (a: number, b: number) => Math.floor(a / b) + Math.trunc(a / b) + (a % b);`,
  `export const f = (a: bigint, b: bigint) => a / b + 10n ** 6n;`,
  `export const f = (a: readonly bigint[]) => [...a].sort((x, y) => (x < y ? -1 : 1)).map(String);`,
  `export const f = (a: readonly string[]) => a.toSorted();`,
  `export const f = (a: bigint) => Number(a) + Number.MAX_SAFE_INTEGER;`,
  `export const f = () => { const seen = new Map<string, number>(); seen.set('a', 1); return seen; };`,
  `export const f = (o: Readonly<Record<string, bigint>>) => Object.keys(o).map((k) => o[k] ?? 0n);`,
  `const table = new Map<string, number>(); table.set('a', 1); export const f = () => table.get('a');`,
  `export const f = () => new Uint8Array(4).fill(1);`,
  `export const f = (o: { readonly match: string }) => o.match;`,
  `export type Later = Promise<Date>;`,
  `export const f = (text: string) => text === 'eval(1) / 0.5' && BigInt(text) > 0n;`,
];

describe('the check of a contract', function () {
  this.timeout(30_000);

  it('finds nothing in a contract as it should be', async () => {
    expect(checkProject(await projectOf(DEMO))).to.deep.equal([]);
  });

  it('names a line for every rule but that of the entry', () => {
    const broken = new Set(BREAKS.map(([rule]) => rule));
    expect(Object.keys(RULES).filter((rule) => !broken.has(rule as RuleId))).to.deep.equal(['entry']);
  });

  it('says where each rule is broken, why it stands and what to write', async () => {
    const findings = checkProject(await projectOfModules(BREAKS.map(([, line]) => line)));
    for (const [index, [rule, line, marked]] of BREAKS.entries()) {
      const file = `src/case${index}.ts`;
      const found = findings.filter((finding) => finding.file === file && finding.rule === rule);
      const texts = found.map(({ column, length }) => line.slice(column - 1, column - 1 + length));
      expect(texts, `${rule}: ${line}`).to.include(marked);
      for (const finding of found) {
        expect(finding, line).to.deep.include({ line: 1, fix: RULES[rule].fix });
        expect(finding.message).to.contain(`: ${RULES[rule].why}`);
      }
    }
  });

  it('lets pass what only looks alike', async () => {
    const found = checkProject(await projectOfModules(ALLOWED));
    expect(found.map(({ file, rule }) => `${file} ${rule}`)).to.deep.equal([]);
  });

  it('is that of the types, too, under options of its own', async () => {
    const wrong = [
      ['TS2322', 'export const f = (a: string): number => a;'],
      ['TS2322', 'export const f = (a: number[]): number => a[0];'],
      ['TS7006', 'export const f = (a) => a;'],
      ['TS1294', 'export enum E { A }'],
      ['TS2307', `import { x } from './gone.js'; export const y = x;`],
      ['TS1109', 'export const f = (;'],
    ] as const;
    const findings = checkProject(await projectOfModules(wrong.map(([, line]) => line)));
    for (const [index, [rule, line]] of wrong.entries()) {
      const rules = findings.filter(({ file }) => file === `src/case${index}.ts`).map((finding) => finding.rule);
      expect(rules[0], line).to.equal(rule);
    }
  });

  it('wants a built contract from the entry', async () => {
    const entry = async (text: string) => {
      const project = await projectOf({ 'contract.json': contractJsonText(), 'src/contract.ts': text });
      return checkProject(project).map(({ rule }) => rule);
    };
    expect(await entry('export const other = 1;\n')).to.deep.equal(['entry']);
    expect(await entry('export const contract = { name: "demo" };\n')).to.deep.equal(['entry']);
  });

  it('shows a finding with its line, a mark under it and the way out', async () => {
    const source = 'export const now = () => Date.now();';
    const project = await projectOfModules([source]);
    const [finding] = checkProject(project);
    if (finding === undefined) throw new Error('expected a finding');
    expect(formatFinding(finding, project.modules.get('src/case0.ts')).split('\n')).to.deep.equal([
      'src/case0.ts:1:26  clock',
      '  Date: each machine has another time',
      `    1 | ${source}`,
      `      | ${' '.repeat(25)}^^^^`,
      '  fix: use ctx.timestamp, the consensus time of the block',
    ]);
  });
});
