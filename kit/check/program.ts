import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { invariant } from '../../primitives/errors.js';
import { resolveImport } from '../project/paths.js';
import type { Project } from '../project/project.js';

/** Where the project's modules lie for the compiler: nowhere on this machine. */
const ROOT = '/contract/';

/** What authors import. */
export const CONTRACT_MODULE = 'vostro/contract';

/** The same for every author, whatever stands in a tsconfig: what passes at one bank passes at every other. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
  skipLibCheck: true,
};

/** A project as the compiler sees it. */
export interface CheckedProgram {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** The project's own modules, in the order of their paths. */
  readonly modules: readonly { readonly path: string; readonly file: ts.SourceFile }[];
}

/** Compiles the modules in memory: beyond them it reads the types of `vostro/contract` and of the language alone. */
export function createProgram(project: Project): CheckedProgram {
  const host = compilerHost(project);
  const paths = [...project.modules.keys()];
  const program = ts.createProgram({ rootNames: paths.map((path) => `${ROOT}${path}`), options: OPTIONS, host });
  const modules = paths.map((path) => {
    const file = program.getSourceFile(`${ROOT}${path}`);
    invariant(file !== undefined, `the compiler has lost ${path}`);
    return { path, file };
  });
  return { program, checker: program.getTypeChecker(), modules };
}

/** The path of a file of the project, undefined for any other. */
export function projectPath(file: ts.SourceFile): string | undefined {
  return file.fileName.startsWith(ROOT) ? file.fileName.slice(ROOT.length) : undefined;
}

function compilerHost(project: Project): ts.CompilerHost {
  const types = fileURLToPath(new URL('../../contracts/api/index.d.ts', import.meta.url));
  const libraries = dirname(ts.getDefaultLibFilePath(OPTIONS));
  const own = (name: string): string | undefined =>
    name.startsWith(ROOT) ? project.modules.get(name.slice(ROOT.length)) : undefined;
  const read = (name: string): string | undefined => (name.startsWith(ROOT) ? own(name) : ts.sys.readFile(name));
  const exists = (name: string): boolean => (name.startsWith(ROOT) ? own(name) !== undefined : ts.sys.fileExists(name));
  return {
    getSourceFile: (name, options) => {
      const text = read(name);
      return text === undefined
        ? undefined
        : ts.createSourceFile(name, text, { ...asOptions(options), impliedNodeFormat: ts.ModuleKind.ESNext }, true);
    },
    getDefaultLibFileName: () => `${libraries}/lib.es2023.d.ts`,
    getDefaultLibLocation: () => libraries,
    getCurrentDirectory: () => ROOT,
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => undefined,
    fileExists: exists,
    readFile: read,
    directoryExists: () => true,
    getDirectories: () => [],
    resolveModuleNameLiterals: (literals, importer, _, options) =>
      literals.map(({ text }) => ({ resolvedModule: resolve(text, importer, options) })),
  };

  function resolve(
    specifier: string,
    importer: string,
    options: ts.CompilerOptions,
  ): ts.ResolvedModuleFull | undefined {
    if (!importer.startsWith(ROOT)) {
      return ts.resolveModuleName(specifier, importer, options, { fileExists: exists, readFile: read }).resolvedModule;
    }
    if (specifier === CONTRACT_MODULE) return { resolvedFileName: types, extension: ts.Extension.Dts };
    const path = resolveImport(importer.slice(ROOT.length), specifier);
    if (path === undefined || !project.modules.has(path)) return undefined;
    return { resolvedFileName: `${ROOT}${path}`, extension: ts.Extension.Ts };
  }
}

function asOptions(options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.CreateSourceFileOptions {
  return typeof options === 'object' ? options : { languageVersion: options };
}
