import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { repositoryRoot } from '../repositoryRoot.js';

/** What a program takes from the runtime's global, whichever file of contracts/api it names. */
const RUNTIME_MODULE = /\/contracts\/api\/[a-zA-Z]+\.ts$/;

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

const fromRuntime: Plugin = {
  name: 'runtime',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.js$/ }, ({ path, resolveDir }) => {
      if (!path.startsWith('.')) return undefined;
      const source = join(resolveDir, path).replace(/\.js$/, '.ts');
      return RUNTIME_MODULE.test(source) ? { path: source, namespace: 'runtime' } : { path: source };
    });
    onLoad({ filter: /.*/, namespace: 'runtime' }, ({ path }) => ({ contents: runtimeModule(path), loader: 'js' }));
  },
};

/** The same names as the file exports; those that the runtime does not have are undefined. */
function runtimeModule(path: string): string {
  const names = [...readFileSync(path, 'utf8').matchAll(/^export (?:abstract )?(?:const|function|class) (\w+)/gm)].map(
    ([, name]) => name,
  );
  if (path.endsWith('/index.ts')) return 'module.exports = vostro.contract;';
  return `export const { ${names.join(', ')} } = vostro.contract;\n`;
}
