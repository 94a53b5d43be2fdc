import { parse as parsePath } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import ts from 'typescript';
import { utf8Decode } from '../../primitives/text.js';
import { CONTRACT_MODULE } from '../check/program.js';
import { KitError } from '../errors.js';
import { KIT_LIMITS } from '../project/limits.js';
import { resolveImport } from '../project/paths.js';
import type { Project } from '../project/project.js';

/** The program of a contract, and how its lines map to those of its sources. */
export interface Bundle {
  /** ASCII: what the chain keeps and the sandbox runs. */
  readonly program: Uint8Array;
  /** A source map, version 3; its sources are paths of the project. It is no part of the program. */
  readonly sourceMap: string;
}

/** Where the runtime of the sandbox holds what `vostro/contract` exports. */
const RUNTIME = 'vostro.contract';

/** Of the runtime: takes the contract that the program is. */
const DEPLOY = 'vostro.deploy';

/** Everything that decides a byte, so that no tsconfig, environment or directory of this machine does. */
const OPTIONS = {
  bundle: true,
  write: false,
  format: 'iife',
  platform: 'neutral',
  target: 'es2022',
  charset: 'ascii',
  minify: true,
  treeShaking: true,
  // A comment decides nothing: a call that is said to be pure stands in the bundle as in the sources.
  ignoreAnnotations: true,
  legalComments: 'none',
  sourcemap: 'external',
  sourcesContent: true,
  logLevel: 'silent',
  outfile: 'bundle.js',
  tsconfigRaw: { compilerOptions: { target: 'ES2022', useDefineForClassFields: true, verbatimModuleSyntax: true } },
} as const satisfies BuildOptions;

/** Bundles the project's modules: a function of their bytes, their paths and the version of esbuild. */
export async function bundleProject(project: Project): Promise<Bundle> {
  const { json } = project;
  const entry = `import { contract } from '${moduleName(json.entry)}';\n${DEPLOY}({ contract });\n`;
  const { outputFiles } = await build({
    ...OPTIONS,
    absWorkingDir: parsePath(process.cwd()).root,
    stdin: { contents: entry, loader: 'js', sourcefile: 'entry' },
    plugins: [fromProject(project)],
  }).catch((error: unknown) => {
    throw new KitError('BUILD_FAILED', `the sources cannot be bundled: ${messageOf(error)}`, {
      expected: 'sources that the check has passed',
      actual: messageOf(error),
    });
  });
  const program = outputFiles.find(({ path }) => path.endsWith('.js'))?.contents;
  const map = outputFiles.find(({ path }) => path.endsWith('.map'))?.contents;
  if (program === undefined || map === undefined) throw new KitError('BUILD_FAILED', 'esbuild gave no bundle');
  if (program.length > KIT_LIMITS.bundleBytes) {
    const [expected, actual] = [`at most ${KIT_LIMITS.bundleBytes} bytes`, `${program.length}`];
    throw new KitError('BUILD_FAILED', `bundle: expected ${expected}, found ${actual}`, { expected, actual });
  }
  return { program: Uint8Array.from(program), sourceMap: withPlainSources(utf8Decode(map)) };
}

const NAMESPACE = 'project';

/** Serves every module out of memory: esbuild never looks at the disk. */
function fromProject(project: Project): Plugin {
  return {
    name: 'project',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path, importer, namespace, kind }) => {
        if (path === CONTRACT_MODULE && namespace === NAMESPACE) return { path, namespace: 'runtime' };
        const module = namespace === NAMESPACE ? resolveImport(importer, path) : path.replace(/^\.\//, '');
        if (kind === 'import-statement' && module !== undefined && project.modules.has(module)) {
          return { path: module, namespace: NAMESPACE };
        }
        return { errors: [{ text: `'${path}' is no module of the project` }] };
      });
      onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: project.modules.get(path) ?? '',
        loader: 'ts',
      }));
      onLoad({ filter: /.*/, namespace: 'runtime' }, () => ({ contents: runtimeModule(project), loader: 'js' }));
    },
  };
}

const moduleName = (path: string): string => `./${path}`;

/** `vostro/contract` as the sandbox has it: the names that the project imports, taken from the runtime's global. */
function runtimeModule(project: Project): string {
  const names = new Set<string>();
  for (const [path, text] of project.modules) {
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      const { importClause: clause, moduleSpecifier } = statement;
      const bindings = clause?.namedBindings;
      if (moduleSpecifier.text !== CONTRACT_MODULE || clause?.phaseModifier !== undefined) continue;
      if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
      for (const { isTypeOnly, propertyName, name } of bindings.elements) {
        if (!isTypeOnly) names.add((propertyName ?? name).text);
      }
    }
  }
  return `export const { ${[...names].sort().join(', ')} } = ${RUNTIME};\n`;
}

/** Sources by their paths in the project, without the bundler's own. */
function withPlainSources(text: string): string {
  const map = JSON.parse(text) as { readonly sources: readonly string[] };
  const sources = map.sources.map((source) => source.replace(new RegExp(`^${NAMESPACE}:`), ''));
  return `${JSON.stringify({ ...map, file: 'bundle.js', sources })}\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
