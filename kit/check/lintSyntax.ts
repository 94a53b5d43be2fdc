import ts from 'typescript';
import { resolveImport } from '../project/paths.js';
import { CONTRACT_API } from './globals.js';
import type { LintContext } from './lintContext.js';
import { CONTRACT_MODULE, projectPath } from './program.js';

/** Forms of the language that are refused wherever they stand. */
export function checkSyntax(node: ts.Node, context: LintContext): void {
  checkImport(node, context);
  checkAsync(node, context);
  const refused = REFUSED_SYNTAX.get(node.kind);
  if (refused !== undefined) context.report(reported(node), refused[0], refused[1]);
  if (ts.isIdentifier(node) && !isAscii(node.text)) context.report(node, 'hidden-text', `the name ${node.text}`);
}

const REFUSED_SYNTAX = new Map<ts.SyntaxKind, readonly [Parameters<LintContext['report']>[1], string]>([
  [ts.SyntaxKind.RegularExpressionLiteral, ['regexp', 'a regular expression']],
  [ts.SyntaxKind.ForInStatement, ['for-in', 'for … in']],
  [ts.SyntaxKind.TryStatement, ['try-catch', 'try']],
  [ts.SyntaxKind.ThrowStatement, ['throw', 'throw']],
  [ts.SyntaxKind.AnyKeyword, ['any', 'any']],
  [ts.SyntaxKind.NonNullExpression, ['not-null', '!']],
  [ts.SyntaxKind.DebuggerStatement, ['syntax', 'debugger']],
  [ts.SyntaxKind.LabeledStatement, ['syntax', 'a label']],
  [ts.SyntaxKind.WithStatement, ['syntax', 'with']],
  [ts.SyntaxKind.Decorator, ['syntax', 'a decorator']],
  [ts.SyntaxKind.GetAccessor, ['syntax', 'a getter']],
  [ts.SyntaxKind.SetAccessor, ['syntax', 'a setter']],
  [ts.SyntaxKind.MetaProperty, ['syntax', 'import.meta or new.target']],
  [ts.SyntaxKind.YieldExpression, ['syntax', 'a generator']],
]);

/** A whole try block would paint half a page: its keyword is enough. */
function reported(node: ts.Node): ts.Node {
  return ts.isTryStatement(node) || ts.isForInStatement(node) ? (node.getFirstToken() ?? node) : node;
}

function checkAsync(node: ts.Node, context: LintContext): void {
  if (ts.isAwaitExpression(node)) context.report(node, 'async', 'await');
  if (ts.isForOfStatement(node) && node.awaitModifier) context.report(node.awaitModifier, 'async', 'for await');
  if (!ts.canHaveModifiers(node)) return;
  const modifier = ts.getModifiers(node)?.find(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  if (modifier !== undefined) context.report(modifier, 'async', 'async');
}

function checkImport(node: ts.Node, context: LintContext): void {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    context.report(node, 'import', 'import()');
  }
  if (ts.isImportEqualsDeclaration(node)) context.report(node, 'import', 'import =');
  if (ts.isSourceFile(node) && node.referencedFiles.length + node.typeReferenceDirectives.length > 0) {
    context.report(node.getFirstToken() ?? node, 'import', '/// <reference>');
  }
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) return;
  const { moduleSpecifier } = node;
  if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return;
  const { text } = moduleSpecifier;
  if (text === CONTRACT_MODULE) checkApiImport(node, context);
  else if (resolveImport(projectPath(context.file) ?? '', text) === undefined) {
    context.report(moduleSpecifier, 'import', `'${text}'`);
  }
}

/** Of `vostro/contract`, only what the sandbox has may be imported as a value, and each by its name. */
function checkApiImport(node: ts.ImportDeclaration | ts.ExportDeclaration, context: LintContext): void {
  if (ts.isExportDeclaration(node)) {
    if (!node.isTypeOnly) context.report(node, 'import', `a re-export of ${CONTRACT_MODULE}`);
    return;
  }
  const clause = node.importClause;
  if (clause === undefined || clause.name !== undefined) {
    context.report(node, 'import', 'an import without names');
    return;
  }
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword || clause.namedBindings === undefined) return;
  if (ts.isNamespaceImport(clause.namedBindings)) {
    context.report(clause.namedBindings, 'import', 'import *');
    return;
  }
  for (const { isTypeOnly, propertyName, name } of clause.namedBindings.elements) {
    const imported = (propertyName ?? name).text;
    if (!isTypeOnly && !CONTRACT_API.has(imported)) context.report(name, 'import', `${imported} as a value`);
  }
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7e) return false;
  return true;
}
