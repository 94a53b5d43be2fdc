import {
  AbiError,
  type ContractAbi,
  type MethodAbi,
  type MethodAuthAbi,
  parseContractAbi,
} from '../../contracts/api/index.js';
import type { Json, JsonSchema } from '../../contracts/api/schema.js';
import { authWords } from '../reference/contractTables.js';
import { type Expression, LINE_WIDTH, layOut, type Member, quoted, word } from './layout.js';
import { schemaExpression } from './schemaExpression.js';

export interface BindingOptions {
  /**
   * These methods alone, without events, codes and calls of a transaction: what another contract needs that calls them, and
   * its reviewers read.
   */
  readonly methods?: readonly string[];
}

/**
 * A TypeScript module that names a contract's methods, events and codes with their types: `methods` for `ctx.call`,
 * `ctx.view` and a client's `read`, `calls` for transactions. It imports `vostro/contract` and nothing else. The same ABI
 * always makes the same text, laid out as the formatter would.
 *
 * @throws AbiError `ABI_INVALID`, `ABI_TOO_LARGE`: names and texts of a stranger's ABI become code here, so it is checked;
 *   `METHOD_UNKNOWN`
 */
export function contractBindings(unchecked: ContractAbi, { methods: chosen }: BindingOptions = {}): string {
  const abi = parseContractAbi(unchecked as unknown as Json);
  const all = Object.entries(abi.methods);
  requireMethods(abi, chosen ?? []);
  const methods = chosen === undefined ? all : all.filter(([name]) => chosen.includes(name));
  const results = methods.filter(([, { returns }]) => returns !== null);
  const open =
    chosen === undefined ? methods.filter(([, { auth }]) => auth !== null && isOpenToTransactions(auth)) : [];
  const { events, errors } = chosen === undefined ? abi : { events: {}, errors: {} };
  const command = `vostro contract bindings ${abi.name}${chosen === undefined ? '' : ` --methods ${methods.map(([name]) => name).join(',')}`}`;
  const imports = [
    ...(open.length > 0 ? ['type Call', 'callOf'] : []),
    ...(methods.length > 0 || [events, errors].some(hasNames) ? ['type Infer'] : []),
    ...(methods.length > 0 ? ['type MethodRef'] : []),
    ...(methods.length > 0 || [events, errors].some(hasNames) ? ['t'] : []),
  ];
  return [
    `// The contract ${abi.name}, version ${abi.version}: made from its ABI by \`${command}\`, never edited.`,
    ...(imports.length > 0 ? [importLine(imports)] : []),
    '',
    `export const CONTRACT = '${abi.name}';`,
    `export const VERSION = ${abi.version};`,
    ...(methods.length > 0 ? methodLines(methods, results) : []),
    ...(open.length > 0 ? callLines(open.map(([name]) => name)) : []),
    ...schemaLines('events', 'Events', 'What it tells: the data of its events.', events),
    ...schemaLines('errors', 'Errors', 'Codes with which it refuses, and their data.', errors),
    '',
  ].join('\n');
}

function requireMethods({ name, methods }: ContractAbi, chosen: readonly string[]): void {
  const unknown = chosen.find((method) => !Object.hasOwn(methods, method));
  if (unknown === undefined) return;
  const expected = Object.keys(methods).join(', ');
  throw new AbiError('METHOD_UNKNOWN', `${name}: expected one of ${expected}, found "${unknown.slice(0, 64)}"`, {
    expected,
    actual: unknown.slice(0, 64),
  });
}

type Methods = readonly (readonly [name: string, method: MethodAbi])[];

function hasNames(declared: object): boolean {
  return Object.keys(declared).length > 0;
}

function importLine(names: readonly string[]): string {
  return `import { ${names.join(', ')} } from 'vostro/contract';`;
}

function methodLines(methods: Methods, results: Methods): readonly string[] {
  const args = methods.map(([name, method]): Member => ({ name, value: schemaExpression(method.args) }));
  const returned = results.map(([name, method]): Member => ({ name, value: schemaExpression(method.returns) }));
  const refs = methods.map(([name, { kind, returns }]): Member => {
    const members: Member[] = [
      { name: 'contract', value: word('CONTRACT') },
      { name: 'method', value: quoted(name) },
      { name: 'kind', value: quoted(kind) },
      { name: 'args', value: word(`args.${name}`) },
      { name: 'returns', value: word(returns === null ? 'undefined' : `results.${name}`) },
    ];
    return { name, value: { kind: 'object', members } };
  });
  return [
    '',
    constant('const args', { kind: 'object', members: args }),
    ...(returned.length > 0 ? ['', constant('const results', { kind: 'object', members: returned })] : []),
    '',
    '/** What each method takes. */',
    ...inferred('Arguments', 'args'),
    '',
    '/** The methods, for `ctx.call`, `ctx.view` and whoever reads. */',
    'export interface Methods {',
    ...methods.flatMap(([name, method]) => methodType(name, method)),
    '}',
    '',
    constant('export const methods: Methods', { kind: 'object', members: refs }),
  ];
}

/** `readonly pay: MethodRef<Arguments['pay'], void, 'tx'>;` */
function methodType(name: string, { kind, auth, returns }: MethodAbi): readonly string[] {
  const result = returns === null ? 'void' : `Infer<typeof results.${name}>`;
  const parts = [`Arguments['${name}']`, result, `'${kind}'`];
  const flat = `  readonly ${name}: MethodRef<${parts.join(', ')}>;`;
  return [
    `  /** ${auth === null ? 'A view.' : `By ${authWords(auth)}.`} */`,
    ...(flat.length <= LINE_WIDTH
      ? [flat]
      : [
          `  readonly ${name}: MethodRef<`,
          ...parts.map((part, index) => `    ${part}${index < parts.length - 1 ? ',' : ''}`),
          '  >;',
        ]),
  ];
}

/** What makes the calls of a transaction. */
function callLines(names: readonly string[]): readonly string[] {
  return [
    '',
    '/** Calls of a transaction. */',
    'export const calls = {',
    ...names.flatMap((name) => {
      const [head, body] = [`  ${name}: (values: Arguments['${name}']): Call =>`, `callOf(methods.${name}, values),`];
      if (head.length + 1 + body.length <= LINE_WIDTH) return [`${head} ${body}`];
      if (head.length <= LINE_WIDTH) return [head, `    ${body}`];
      return [`  ${name}: (`, `    values: Arguments['${name}'],`, `  ): Call => ${body}`];
    }),
    '};',
  ];
}

function schemaLines(
  name: string,
  type: string,
  comment: string,
  declared: Readonly<Record<string, JsonSchema>>,
): readonly string[] {
  const members = Object.entries(declared).map(
    ([of, schema]): Member => ({ name: of, value: schemaExpression(schema) }),
  );
  if (members.length === 0) return [];
  return [
    '',
    `/** ${comment} */`,
    constant(`export const ${name}`, { kind: 'object', members }),
    '',
    ...inferred(type, name),
  ];
}

function constant(head: string, value: Expression): string {
  return `${head} = ${layOut(value, 0, head.length + 3, 1)};`;
}

/** The static types of an object of schemas. */
function inferred(type: string, of: string): readonly string[] {
  return [`export type ${type} = { readonly [N in keyof typeof ${of}]: Infer<(typeof ${of})[N]> };`];
}

/** False where only a contract, the genesis or the executor may call. */
function isOpenToTransactions(auth: MethodAuthAbi): boolean {
  if ('all' in auth) return auth.all.every(isOpenToTransactions);
  if ('any' in auth) return auth.any.some(isOpenToTransactions);
  return !('contracts' in auth || 'byContract' in auth || 'genesis' in auth || 'system' in auth);
}
