import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatContractJson } from '../../../kit/project/contractJson.js';
import { collectProject, type Project } from '../../../kit/project/project.js';
import { installedToolchain } from '../../../kit/project/toolchain.js';
import { utf8Encode } from '../../../primitives/text.js';

/** `contract.json` of a project whose entry is src/contract.ts, for the tools that are installed. */
export function contractJsonText(change: object = {}): string {
  const json = { name: 'demo', version: 1, entry: 'src/contract.ts', ...installedToolchain() };
  return formatContractJson({ ...json, ...change });
}

/** A small contract with a module beside it. */
export const DEMO: Readonly<Record<string, string>> = {
  'contract.json': contractJsonText(),
  'src/contract.ts': `import { defineContract, map, t } from 'vostro/contract';
import { half } from './arithmetic/half.js';

const state = { totals: map([t.id], t.amount, 0n) };
const declaration = defineContract({ name: 'demo', version: 1, state, events: {}, errors: { EMPTY: {} } });

export const contract = declaration.build({
  add: declaration.tx({ args: { id: t.id, amount: t.amount }, returns: t.amount, auth: { sender: true } }, (ctx, a) => {
    ctx.require(a.amount > 0n, 'EMPTY');
    const total = ctx.state.totals.get(a.id) + half(a.amount);
    ctx.state.totals.set(a.id, total);
    return total;
  }),
  total: declaration.view({ args: { id: t.id }, returns: t.amount }, (ctx, a) => ctx.state.totals.get(a.id)),
});
`,
  'src/arithmetic/half.ts': `/** Rounded down. */
export function half(amount: bigint): bigint {
  return amount / 2n;
}
`,
};

/** A project in memory. */
export function projectOf(files: Readonly<Record<string, string>>): Promise<Project> {
  return collectProject((path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    return Promise.resolve(text === undefined ? undefined : utf8Encode(text));
  });
}

/** A project with a module of each of these texts, `src/case0.ts` and so on, all of them compiled at once. */
export function projectOfModules(texts: readonly string[]): Promise<Project> {
  const modules = texts.map((text, index) => [`src/case${index}.ts`, `${text}\n`] as const);
  const imports = texts.map((_, index) => `import './case${index}.js';`);
  const entry = `import { defineContract } from 'vostro/contract';
${imports.join('\n')}
const declaration = defineContract({ name: 'demo', version: 1, state: {}, events: {}, errors: {} });
export const contract = declaration.build({});
`;
  return projectOf({ 'contract.json': contractJsonText(), 'src/contract.ts': entry, ...Object.fromEntries(modules) });
}

/** Directories with projects, gone after the test. */
export class ProjectDirectories {
  readonly #made: string[] = [];

  /** Writes the files in the order in which they are given. */
  async write(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = await this.empty();
    for (const [path, text] of Object.entries(files)) {
      const target = join(directory, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text);
    }
    return directory;
  }

  async empty(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'vostro-kit-'));
    this.#made.push(directory);
    return directory;
  }

  async remove(): Promise<void> {
    for (const directory of this.#made.splice(0)) await rm(directory, { recursive: true, force: true });
  }
}
