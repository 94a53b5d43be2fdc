import ts from 'typescript';
import { invalidSource } from '../errors.js';
import type { Project } from '../project/project.js';
import { type Finding, placeOf, sortFindings } from './finding.js';
import { REFUSED_GLOBALS } from './globals.js';
import { lint } from './lint.js';
import { type CheckedProgram, createProgram, projectPath } from './program.js';
import { RULES, type RuleId } from './rules.js';

/**
 * Type check and rules of determinism over the sources of a contract; nothing is found in one that may be built.
 *
 * @throws KitError `SOURCE_INVALID` for code that overflows the compiler's stack
 */
export function checkProject(project: Project): readonly Finding[] {
  try {
    const program = createProgram(project);
    return sortFindings([...typeFindings(program), ...lint(program), ...entryFindings(program, project)]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidSource(project.json.entry, 'code that the compiler can follow', 'code nested too deep for its stack');
  }
}

/** Imports that cannot be resolved are told by the rule `import`, which says what may be imported. */
const MODULE_NOT_FOUND: ReadonlySet<number> = new Set([2307, 2792, 2306]);
const NAME_NOT_FOUND: ReadonlySet<number> = new Set([2304, 2552, 2580, 2582, 2583, 2584, 2591, 2592, 2593]);

function typeFindings({ program, modules }: CheckedProgram): readonly Finding[] {
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...modules.flatMap(({ file }) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  return diagnostics.flatMap((diagnostic) => typeFinding(diagnostic) ?? []);
}

function typeFinding({ file, code, start = 0, length = 1, messageText }: ts.Diagnostic): Finding | undefined {
  const path = file === undefined ? undefined : projectPath(file);
  const message = ts.flattenDiagnosticMessageText(messageText, '\n  ');
  if (file === undefined || path === undefined) {
    return { rule: `TS${code}`, message, fix: '', file: 'contract.json', line: 1, column: 1, length: 1 };
  }
  const text = file.text.slice(start, start + length);
  const isForeign = !/^['"]\.\.?\//.test(text);
  if (MODULE_NOT_FOUND.has(code) && isForeign) return undefined;
  const place = { file: path, ...placeOf(file, start, length) };
  if (!NAME_NOT_FOUND.has(code)) return { rule: `TS${code}`, message, fix: '', ...place };
  const known = Object.hasOwn(REFUSED_GLOBALS, text) ? REFUSED_GLOBALS[text] : undefined;
  const rule: RuleId | undefined = known ?? (HOST_GLOBALS.has(text) ? 'host-global' : undefined);
  if (rule === undefined) return { rule: `TS${code}`, message, fix: '', ...place };
  return { rule, message: `${text}: ${RULES[rule].why}`, fix: RULES[rule].fix, ...place };
}

/** Names of hosts that no type here declares, so that they are explained rather than called unknown. */
const HOST_GLOBALS: ReadonlySet<string> = new Set([
  ...['console', 'process', 'Buffer', 'require', 'module', 'fetch', 'window', 'document', 'setImmediate', 'URL'],
  ...['TextEncoder', 'TextDecoder', 'structuredClone', 'WebAssembly', '__dirname', '__filename', 'global'],
]);

/** The entry exports a built contract as `contract`. */
function entryFindings({ checker, modules }: CheckedProgram, { json }: Project): readonly Finding[] {
  const entry = modules.find(({ path }) => path === json.entry)?.file;
  const module = entry === undefined ? undefined : checker.getSymbolAtLocation(entry);
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  const contract = exported.find(({ name }) => name === 'contract');
  const type = contract === undefined ? undefined : checker.getTypeOfSymbol(contract);
  const isContract = ['abi', 'dispatch', 'methods'].every((name) => type?.getProperty(name) !== undefined);
  if (isContract) return [];
  const { why, fix } = RULES.entry;
  const message = `no built contract is exported as \`contract\`: ${why}`;
  return [{ rule: 'entry', message, fix, file: json.entry, line: 1, column: 1, length: 1 }];
}
