import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { repositoryRoot } from '../repositoryRoot.js';

/** Bundles a module of the repository that exports one contract, as a bank's source is bundled. */
export async function bundleContract(path: string, exported: string): Promise<string> {
  const entry = `import { ${exported} } from './${path}'; vostro.deploy({ ${exported} });`;
  const { outputFiles } = await build({
    stdin: { contents: entry, loader: 'js', resolveDir: repositoryRoot(), sourcefile: 'entry.js' },
    absWorkingDir: repositoryRoot(),
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    target: 'es2022',
    charset: 'ascii',
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { target: 'ES2022', useDefineForClassFields: true, verbatimModuleSyntax: true } },
    plugins: [fromRuntime],
  });
  return outputFiles[0]?.text ?? '';
}

/** What a program takes from the runtime's global, whichever file of contracts/api it names. */
const RUNTIME_MODULE = /\/contracts\/api\/[a-zA-Z]+\.ts$/;

/** What a guest has no means for: hashing, signatures, text as bytes. A contract that calls it ends there. */
const OUTSIDE = /\/primitives\/(?!limits|errors|suite)[a-zA-Z]+\.ts$/;

const fromRuntime: Plugin = {
  name: 'runtime',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\..*\.js$/ }, ({ path, resolveDir }) => {
      const source = join(resolveDir, path).replace(/\.js$/, '.ts');
      if (RUNTIME_MODULE.test(source)) return { path: source, namespace: 'runtime' };
      return OUTSIDE.test(source) ? { path: source, namespace: 'outside' } : { path: source };
    });
    onLoad({ filter: /.*/, namespace: 'runtime' }, ({ path }) => ({ contents: runtimeModule(path), loader: 'js' }));
    onLoad({ filter: /.*/, namespace: 'outside' }, ({ path }) => ({ contents: outsideModule(path), loader: 'js' }));
  },
};

const EXPORT = /^export (?:abstract )?(const|function|class) (\w+)(?:(?:: \w+)? = ([0-9_]+);)?/gm;

function exportsOf(path: string): ReadonlyMap<string, { readonly kind: string; readonly number: string | undefined }> {
  const found = [...readFileSync(path, 'utf8').matchAll(EXPORT)];
  return new Map(found.map(([, kind = '', name = '', number]) => [name, { kind, number }]));
}

/** The same names as the file exports. Those that only a reader of the state from outside needs are there and do nothing. */
function runtimeModule(path: string): string {
  if (path.endsWith('/index.ts')) return 'module.exports = vostro.contract;';
  const names = [...exportsOf(path).keys()].filter((name) => name !== 'MapLayout');
  const layout = path.endsWith('/state.ts') ? 'export class MapLayout {}' : '';
  return `export const { ${names.join(', ')} } = vostro.contract;\n${layout}`;
}

function outsideModule(path: string): string {
  const stubs = [...exportsOf(path)].map(([name, { kind, number }]) => {
    if (number !== undefined) return `export const ${name} = ${number};`;
    return kind === 'function' ? `export function ${name}() { throw '${name}'; }` : `export const ${name} = undefined;`;
  });
  if (!path.endsWith('/bytes.ts')) return stubs.join('\n');
  const equalBytes =
    'export const equalBytes = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);';
  return [...stubs.filter((stub) => !stub.includes(' equalBytes(')), equalBytes].join('\n');
}
