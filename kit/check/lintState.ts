import ts from 'typescript';
import { MUTATORS } from './globals.js';
import type { LintContext } from './lintContext.js';
import { projectPath } from './program.js';

/** State outside the ledger: variables of a module, and module values that a call changes. */
export function checkState(node: ts.Node, context: LintContext): void {
  if (ts.isVariableStatement(node) && ts.isSourceFile(node.parent)) {
    const isConst = (node.declarationList.flags & ts.NodeFlags.Const) !== 0;
    if (!isConst) context.report(node.declarationList, 'module-state', 'a variable of the module');
  }
  if (ts.isPropertyDeclaration(node) && isStatic(node)) context.report(node, 'module-state', 'a static field');
  if (!isInFunction(node)) return;
  const target = changedBy(node);
  if (target === undefined) return;
  const root = rootOf(target);
  if (root !== undefined && isOfModule(root, context))
    context.report(target, 'module-state', `a change of ${root.text}`);
}

function isStatic(node: ts.PropertyDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
}

/** At the top of a module, tables may be filled: that happens once, before any call. */
function isInFunction(node: ts.Node): boolean {
  return ts.findAncestor(node, (one) => ts.isFunctionLike(one)) !== undefined;
}

/** The value that an expression changes in place. */
function changedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return node.left;
  if (ts.isDeleteExpression(node)) return node.expression;
  if (ts.isPostfixUnaryExpression(node)) return node.operand;
  if (ts.isPrefixUnaryExpression(node)) {
    const isStep = node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
    return isStep ? node.operand : undefined;
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  return MUTATORS.has(node.expression.name.text) ? node.expression.expression : undefined;
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** `table` of `table.rows[0].name`. */
function rootOf(node: ts.Expression): ts.Identifier | undefined {
  let at: ts.Expression = node;
  while (ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at) || ts.isParenthesizedExpression(at)) {
    at = at.expression;
  }
  return ts.isIdentifier(at) ? at : undefined;
}

/** True for a name that a module of the project declares at its top, or imports. */
function isOfModule(name: ts.Identifier, { checker }: LintContext): boolean {
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined) return false;
  const target = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  return (target.getDeclarations() ?? []).some((declaration) => {
    if (projectPath(declaration.getSourceFile()) === undefined) return false;
    return (
      ts.findAncestor(declaration.parent, (one) => ts.isFunctionLike(one)) === undefined && !ts.isParameter(declaration)
    );
  });
}
