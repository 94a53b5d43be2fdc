import type ts from 'typescript';
import type { RuleId } from './rules.js';

/** What a check may ask and say about a node. */
export interface LintContext {
  readonly checker: ts.TypeChecker;
  readonly file: ts.SourceFile;
  /** `what` begins the message, as `Date`; the rule says why. */
  report(node: ts.Node, rule: RuleId, what: string): void;
}

/** One kind of rules; it is shown every node of a module, from the outside in. */
export type LintCheck = (node: ts.Node, context: LintContext) => void;
