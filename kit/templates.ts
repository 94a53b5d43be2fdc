import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invalidSource, KitError } from './errors.js';
import { CONTRACT_JSON, formatContractJson, parseContractJson } from './project/contractJson.js';
import { installedToolchain } from './project/toolchain.js';

/** A project to begin with: those of `examples/contracts`, as they are tested. */
export interface Template {
  readonly name: string;
  readonly summary: string;
}

export const TEMPLATES: readonly Template[] = [
  { name: 'empty', summary: 'one map, one method, one view' },
  { name: 'escrow', summary: 'an escrow with milestones that holds cash' },
  { name: 'loan', summary: 'a syndicated loan, drawn and repaid pro rata' },
];

export interface CreatedProject {
  /** Of the contract, on chain. */
  readonly name: string;
  /** Paths within the project, in their order. */
  readonly files: readonly string[];
}

/**
 * Writes a project into a directory that is empty or not there.
 *
 * @throws KitError `SOURCE_INVALID`
 */
export async function createProject(
  directory: string,
  { template, name }: { readonly template: string; readonly name?: string },
): Promise<CreatedProject> {
  const present = await readdir(directory).catch(() => []);
  if (present.length > 0) throw invalidSource(directory, 'an empty directory', `${present.length} entries`);
  const files = await templateFiles(join(templatesDirectory(), template));
  const json = parseContractJson(files.get(CONTRACT_JSON) ?? '');
  // Checks the name as a project's own.
  const own = parseContractJson(formatContractJson({ ...json, ...installedToolchain(), name: name ?? json.name }));
  for (const [path, text] of files) files.set(path, renamed(text, json.name, own.name));
  files.set(CONTRACT_JSON, formatContractJson(own));
  for (const [path, text] of scaffold(own.name)) files.set(path, text);
  for (const [path, text] of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { flag: 'wx' });
  }
  return { name: own.name, files: [...files.keys()].sort() };
}

function templatesDirectory(): string {
  return fileURLToPath(new URL('../../examples/contracts', import.meta.url));
}

/** `defineContract({ name: '…' })` names the contract in its sources. */
function renamed(text: string, from: string, to: string): string {
  return text.replaceAll(`defineContract({ name: '${from}',`, `defineContract({ name: '${to}',`);
}

async function templateFiles(directory: string): Promise<Map<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !path.startsWith('build/'));
  if (!paths.includes(CONTRACT_JSON)) {
    throw new KitError('BUILD_FAILED', `${directory}: expected a template of this installation, found none`);
  }
  const files = new Map<string, string>();
  for (const path of paths.sort()) files.set(path, await readFile(join(directory, path), 'utf8'));
  return files;
}

/** What an editor and a repository want beside the contract itself; nothing of it decides a byte of the bundle. */
function scaffold(name: string): ReadonlyMap<string, string> {
  const dist = fileURLToPath(new URL('..', import.meta.url))
    .replaceAll('\\', '/')
    .replace(/\/$/, '');
  const tsconfig = {
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2023'],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      noEmit: true,
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      // Where this machine has Vostro: for editors only, `vostro contract check` brings its own.
      paths: {
        'vostro/contract': [`${dist}/contracts/api/index.d.ts`],
        'vostro/contract/testing': [`${dist}/kit/testing/index.d.ts`],
      },
    },
    include: ['src', 'test'],
  };
  const pack = { name, private: true, type: 'module' };
  return new Map([
    ['.gitignore', 'build/\n'],
    ['package.json', `${JSON.stringify(pack, undefined, 2)}\n`],
    ['tsconfig.json', `${JSON.stringify(tsconfig, undefined, 2)}\n`],
  ]);
}
