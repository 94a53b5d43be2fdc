import ts from 'typescript';
import { ALLOWED_GLOBALS, ALLOWED_STATICS, MACHINERY, REFUSED_GLOBALS, REFUSED_METHODS } from './globals.js';
import type { LintContext } from './lintContext.js';
import { projectPath } from './program.js';

/** Globals and members of built-in values: an allow-list, by what a name means rather than by how it is spelt. */
export function checkNames(node: ts.Node, context: LintContext): void {
  if (ts.isIdentifier(node)) checkGlobal(node, context);
  if (ts.isPropertyAccessExpression(node)) checkMember(node, node.name.text, node.name, context);
  if (ts.isElementAccessExpression(node)) {
    const { argumentExpression } = node;
    if (ts.isStringLiteralLike(argumentExpression)) checkMember(node, argumentExpression.text, node, context);
    else if (builtInHolder(node.expression, context) !== undefined)
      context.report(node, 'prototype', 'a member by a computed name');
  }
  if (ts.isBindingElement(node)) checkDestructured(node, context);
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) checkCall(node, context);
}

function checkGlobal(node: ts.Identifier, context: LintContext): void {
  if (!isValue(node)) return;
  const symbol = context.checker.getSymbolAtLocation(node);
  if (node.text === 'globalThis') {
    context.report(node, 'host-global', node.text);
    return;
  }
  // The type check names what nobody declares.
  if (symbol === undefined || !isOfLibrary(symbol)) return;
  if (!ALLOWED_GLOBALS.has(node.text)) context.report(node, REFUSED_GLOBALS[node.text] ?? 'host-global', node.text);
  else if (node.text !== 'undefined' && !isUsedInPlace(node))
    context.report(node, 'prototype', `${node.text} as a value`);
}

/** True for a name that is read as a value: no declaration, member, key or type. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  if (ts.isPartOfTypeNode(node)) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return !('name' in parent && parent.name === node);
}

function isOfLibrary(symbol: ts.Symbol): boolean {
  const declarations = symbol.getDeclarations() ?? [];
  return declarations.length > 0 && declarations.every((one) => isLibraryFile(one.getSourceFile()));
}

/** A file of the language, no file of the project and none of `vostro/contract`. */
function isLibraryFile(file: ts.SourceFile): boolean {
  return projectPath(file) === undefined && /\/lib\.[a-z0-9.]+\.d\.ts$/.test(file.fileName);
}

type Access = ts.PropertyAccessExpression | ts.ElementAccessExpression;

function checkMember(node: Access, name: string, shown: ts.Node, context: LintContext): void {
  const machinery = MACHINERY.get(name);
  if (machinery !== undefined) {
    context.report(shown, machinery, `.${name}`);
    return;
  }
  const holder = builtInHolder(node.expression, context);
  const statics = holder === undefined ? undefined : ALLOWED_STATICS[holder];
  if (statics !== undefined) {
    const rule = name === 'random' ? 'random' : statics.rule;
    if (!statics.names.has(name)) context.report(shown, rule, `${holder}.${name}`);
    return;
  }
  const refused = REFUSED_METHODS.get(name);
  if (refused === undefined) return;
  const member = context.checker.getTypeAtLocation(node.expression).getProperty(name);
  if (member === undefined || isOfLibrary(member)) context.report(shown, refused, `.${name}`);
}

/** `const { random } = Math` is `Math.random` by another way; so is `const { length: n, normalize } = text`. */
function checkDestructured(node: ts.BindingElement, context: LintContext): void {
  const key = node.propertyName ?? node.name;
  if (!ts.isObjectBindingPattern(node.parent) || !ts.isIdentifier(key)) return;
  const refused = MACHINERY.get(key.text);
  if (refused !== undefined) context.report(node, refused, key.text);
  const source = node.parent.parent;
  const initializer = ts.isVariableDeclaration(source) ? source.initializer : undefined;
  const holder = initializer === undefined ? undefined : builtInHolder(initializer, context);
  if (holder !== undefined) context.report(node, 'prototype', `${key.text} of ${holder} without its name`);
  const method = REFUSED_METHODS.get(key.text);
  if (method === undefined || holder !== undefined) return;
  const member = context.checker.getTypeAtLocation(node.parent).getProperty(key.text);
  if (member !== undefined && isOfLibrary(member)) context.report(node, method, key.text);
}

/** What nobody has given a type is checked by nobody. */
function checkCall(node: ts.CallExpression | ts.NewExpression, { checker, report }: LintContext): void {
  const type = checker.getTypeAtLocation(node);
  if ((type.flags & ts.TypeFlags.Any) !== 0 && !isErrorType(type)) report(node, 'any', 'a call that gives any');
}

/** Built-in objects are named where they are used, so that what is used of them can be seen. */
function isUsedInPlace(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) return parent.expression === node;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  if (ts.isVariableDeclaration(parent)) return ts.isObjectBindingPattern(parent.name);
  if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) return false;
  // As functions, as in list.map(String), they do what their call does.
  return parent.expression === node || CALLABLE.has(node.text);
}

const CALLABLE: ReadonlySet<string> = new Set(['BigInt', 'Boolean', 'String']);

/** The type of what the type check has reported already. */
function isErrorType(type: ts.Type): boolean {
  return 'intrinsicName' in type && type.intrinsicName === 'error';
}

/** The name of the built-in object that an expression is, as `Math`. */
function builtInHolder(expression: ts.Expression, { checker }: LintContext): string | undefined {
  if (!ts.isIdentifier(expression) || !Object.hasOwn(ALLOWED_STATICS, expression.text)) return undefined;
  const symbol = checker.getSymbolAtLocation(expression);
  return symbol !== undefined && isOfLibrary(symbol) ? expression.text : undefined;
}
