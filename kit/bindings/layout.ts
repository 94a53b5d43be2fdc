/** Lays TypeScript expressions out as the project's formatter does: on one line where it fits, else one part a line. */

/** Longest line of a module. */
export const LINE_WIDTH = 120;
const INDENT = '  ';

/** An expression, as far as its layout goes. */
export type Expression =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly members: readonly Member[] };

export interface Member {
  readonly name: string;
  readonly value: Expression;
  /** One line above it, without the marks of a comment. */
  readonly comment?: string;
}

export function word(text: string): Expression {
  return { kind: 'word', text };
}

/** A text in quotes; it holds no quote, backslash or line break. */
export function quoted(text: string): Expression {
  return word(`'${text}'`);
}

/**
 * An expression that begins behind `used` characters of a line indented by `depth` steps.
 *
 * @param after characters that follow on its last line
 */
export function layOut(expression: Expression, depth: number, used: number, after: number): string {
  const flat = flatOf(expression);
  if (flat !== undefined && used + flat.length + after <= LINE_WIDTH) return flat;
  const inner = INDENT.repeat(depth + 1);
  const outer = INDENT.repeat(depth);
  const lines = (parts: readonly string[]): string => parts.map((part) => `${inner}${part},\n`).join('');
  const each = (part: Expression): string => layOut(part, depth + 1, inner.length, 1);
  switch (expression.kind) {
    case 'word':
      return expression.text;
    case 'list':
      return `[\n${lines(expression.items.map(each))}${outer}]`;
    case 'object':
      return `{\n${expression.members.map((member) => `${inner}${memberOf(member, depth + 1)},\n`).join('')}${outer}}`;
    case 'call': {
      const [only, ...others] = expression.args;
      // A lone object or list opens on the line of the call.
      if (only !== undefined && others.length === 0 && (only.kind === 'object' || only.kind === 'list')) {
        return `${expression.name}(${layOut(only, depth, used + expression.name.length + 1, after + 1)})`;
      }
      return `${expression.name}(\n${lines(expression.args.map(each))}${outer})`;
    }
  }
}

/** `name: value`, with its comment above it. */
function memberOf({ name, value, comment }: Member, depth: number): string {
  const indent = INDENT.repeat(depth);
  const above = comment === undefined ? '' : `/** ${comment} */\n${indent}`;
  return `${above}${name}: ${layOut(value, depth, indent.length + name.length + 2, 1)}`;
}

/** On one line; undefined where a comment asks for lines. */
function flatOf(expression: Expression): string | undefined {
  if (expression.kind === 'word') return expression.text;
  if (expression.kind === 'object') {
    if (expression.members.length === 0) return '{}';
    const members = expression.members.map(({ name, value, comment }) => {
      const flat = comment === undefined ? flatOf(value) : undefined;
      return flat === undefined ? undefined : `${name}: ${flat}`;
    });
    return members.includes(undefined) ? undefined : `{ ${members.join(', ')} }`;
  }
  const parts = (expression.kind === 'list' ? expression.items : expression.args).map(flatOf);
  if (parts.includes(undefined)) return undefined;
  return expression.kind === 'list' ? `[${parts.join(', ')}]` : `${expression.name}(${parts.join(', ')})`;
}
