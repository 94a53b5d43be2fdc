import ts from 'typescript';
import { type Finding, placeOf } from './finding.js';
import type { LintCheck, LintContext } from './lintContext.js';
import { checkNames } from './lintNames.js';
import { checkNumbers } from './lintNumbers.js';
import { checkState } from './lintState.js';
import { checkSyntax } from './lintSyntax.js';
import { checkText } from './lintText.js';
import type { CheckedProgram } from './program.js';
import { RULES, type RuleId } from './rules.js';

const CHECKS: readonly LintCheck[] = [checkSyntax, checkNames, checkNumbers, checkState];

/** Every place where a module breaks a rule of the kit. */
export function lint({ checker, modules }: CheckedProgram): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { path, file } of modules) {
    const add = (start: number, length: number, rule: RuleId, what: string): void => {
      const { why, fix } = RULES[rule];
      findings.push({ rule, message: `${what}: ${why}`, fix, file: path, ...placeOf(file, start, length) });
    };
    const context: LintContext = {
      checker,
      file,
      report: (node, rule, what) => add(node.getStart(file), node.getWidth(file), rule, what),
    };
    const visit = (node: ts.Node): void => {
      for (const check of CHECKS) check(node, context);
      ts.forEachChild(node, visit);
    };
    visit(file);
    checkText(file, add);
  }
  return findings;
}
