import { join } from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from './repositoryRoot.js';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
};

/** A text that is compiled as a file of this directory. */
export interface Snippet {
  readonly name: string;
  readonly text: string;
}

/** What a compiler says of a snippet first: where, its number, its words. */
export interface SnippetError {
  readonly line: number;
  readonly message: string;
}

/** Compiles texts under strict rules as one program, in memory. @returns the first error of each, by its name */
export function compileSnippets(snippets: readonly Snippet[]): ReadonlyMap<string, SnippetError> {
  const root = repositoryRoot();
  const pathOf = ({ name }: Snippet) => join(root, 'test', 'support', `${name}.ts`);
  const files = new Map(snippets.map((snippet) => [pathOf(snippet), snippet.text]));
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, target, ...rest) : ts.createSourceFile(name, text, target);
  };
  const options = { ...OPTIONS, paths: { 'vostro/contract': [join(root, 'contracts', 'api', 'index.ts')] } };
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    snippets.flatMap((snippet): [string, SnippetError][] => {
      const source = program.getSourceFile(pathOf(snippet));
      const [first] = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      if (first === undefined) return [];
      const line = (first.file?.getLineAndCharacterOfPosition(first.start ?? 0).line ?? 0) + 1;
      const message = `TS${first.code} ${ts.flattenDiagnosticMessageText(first.messageText, ' ')}`;
      return [[snippet.name, { line, message }]];
    }),
  );
}
