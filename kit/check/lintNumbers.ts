import ts from 'typescript';
import type { LintContext } from './lintContext.js';

/** Arithmetic whose result could be a fraction, or is rounded by the engine. */
export function checkNumbers(node: ts.Node, context: LintContext): void {
  if (ts.isNumericLiteral(node)) checkLiteral(node, context);
  if (ts.isBinaryExpression(node)) checkOperator(node, context);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.PlusToken) {
    if (!isNumber(node.operand, context)) context.report(node, 'number-conversion', 'unary +');
  }
  if (ts.isCallExpression(node)) checkCall(node, context);
}

function checkLiteral(node: ts.NumericLiteral, context: LintContext): void {
  if (!Number.isSafeInteger(Number(node.text))) context.report(node, 'fraction', node.getText());
}

const DIVISIONS: ReadonlySet<ts.SyntaxKind> = new Set([ts.SyntaxKind.SlashToken, ts.SyntaxKind.SlashEqualsToken]);
const POWERS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AsteriskAsteriskToken,
  ts.SyntaxKind.AsteriskAsteriskEqualsToken,
]);

function checkOperator(node: ts.BinaryExpression, context: LintContext): void {
  const operator = node.operatorToken;
  const isDivision = DIVISIONS.has(operator.kind);
  if (!isDivision && !POWERS.has(operator.kind)) return;
  if (isBigint(node.left, context) && isBigint(node.right, context)) return;
  if (!isDivision) context.report(operator, 'exponent', operator.getText());
  else if (!isRounded(node)) context.report(operator, 'division', operator.getText());
}

/** `Math.floor(a / b)`: exact for whole numbers below 2^53, since no quotient of such is rounded up to a whole one. */
function isRounded(node: ts.BinaryExpression): boolean {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return false;
  return ['Math.floor', 'Math.trunc'].includes(parent.expression.getText());
}

function checkCall(node: ts.CallExpression, context: LintContext): void {
  const { expression, arguments: given } = node;
  if (ts.isIdentifier(expression) && expression.text === 'Number' && given[0] !== undefined) {
    if (!isBigint(given[0], context) && !isNumber(given[0], context)) {
      context.report(node, 'number-conversion', 'Number(…) of no bigint');
    }
  }
  if (given.length > 0 || !ts.isPropertyAccessExpression(expression)) return;
  const isSort = expression.name.text === 'sort' || expression.name.text === 'toSorted';
  if (isSort && !isTextList(expression.expression, context)) {
    context.report(expression.name, 'sort-order', `.${expression.name.text}()`);
  }
}

function isTextList(node: ts.Expression, { checker }: LintContext): boolean {
  const item = checker.getIndexTypeOfType(checker.getTypeAtLocation(node), ts.IndexKind.Number);
  return item !== undefined && everyPart(item, ts.TypeFlags.StringLike);
}

function isBigint(node: ts.Expression, { checker }: LintContext): boolean {
  return everyPart(checker.getTypeAtLocation(node), ts.TypeFlags.BigIntLike);
}

function isNumber(node: ts.Expression, { checker }: LintContext): boolean {
  return everyPart(checker.getTypeAtLocation(node), ts.TypeFlags.NumberLike);
}

function everyPart(type: ts.Type, flags: ts.TypeFlags): boolean {
  return type.isUnion() ? type.types.every((part) => everyPart(part, flags)) : (type.flags & flags) !== 0;
}
