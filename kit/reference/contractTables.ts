import type { ContractAbi, Json, JsonSchema, MethodAuthAbi } from '../../contracts/api/index.js';

type Schema = Readonly<Record<string, Json>>;

/** A schema in the words of docs/PROTOCOL.md §Contracts ABI. */
export function formOf(json: Json | undefined): string {
  const schema = json as Schema;
  switch (schema['x-vostro']) {
    case 'uint':
      return schema['maximum'] === Number.MAX_SAFE_INTEGER ? 'uint' : `uint ≤ ${schema['maximum']}`;
    case 'text':
      return `text ${schema['minLength']}..${schema['maxLength']}`;
    case 'bytes':
    case 'hex':
      return schema['x-minBytes'] === schema['x-maxBytes']
        ? `bytes ${schema['x-maxBytes']}`
        : `bytes ${schema['x-minBytes']}..${schema['x-maxBytes']}`;
    case 'enum':
      return `one of ${(schema['enum'] as readonly string[]).join(', ')}`;
    case 'list':
      return `list ${schema['minItems']}..${schema['maxItems']} of ${formOf(schema['items'])}`;
    case 'optional':
      return `optional ${formOf((schema['oneOf'] as readonly Json[])[0])}`;
    case 'struct':
      return `{${fieldsOf(schema)}}`;
    default:
      return String(schema['x-vostro']);
  }
}

function fieldsOf(schema: Schema): string {
  const properties = schema['properties'] as Schema;
  return (schema['x-order'] as readonly string[]).map((name) => `${name}: ${formOf(properties[name])}`).join(', ');
}

/** Who may call a method: `contract payments, accounts`; alternatives as `any of (role bank; accounts)`. */
export function authWords(auth: MethodAuthAbi): string {
  if ('any' in auth) return `any of (${auth.any.map(authWords).join('; ')})`;
  if ('all' in auth) return auth.all.map(authWords).join(', ');
  if ('contracts' in auth) return `contract ${auth.contracts.join(' or ')}`;
  if ('roles' in auth) return `role ${auth.roles.join(' or ')}`;
  if ('byContract' in auth) return 'a contract';
  if ('accounts' in auth) return 'accounts';
  if ('inMethod' in auth) return 'accounts of the state';
  if ('genesis' in auth) return 'genesis';
  return 'system' in auth ? 'system' : 'sender';
}

/** Everything that a contract takes, gives and keeps, as Markdown tables. */
export function contractTables(abi: ContractAbi): string {
  const methods = Object.entries(abi.methods).map(([name, { auth, args, returns }]) => {
    const by = auth === null ? 'view' : authWords(auth);
    return `| ${name} | ${by} | ${fieldsOf(args)} | ${returns === null ? '' : formOf(returns)} |`;
  });
  const structs = (title: string, declared: Readonly<Record<string, JsonSchema>>) => [
    '',
    `| ${title} | Data |`,
    '|---|---|',
    ...Object.entries(declared).map(([name, schema]) => `| ${name} | ${fieldsOf(schema)} |`),
  ];
  const maps = Object.entries(abi.state).map(
    ([name, { keys, value }]) => `| ${name} | ${keys.map(formOf).join(', ')} | ${formOf(value)} |`,
  );
  return [
    '| Method | By | Arguments | Result |',
    '|---|---|---|---|',
    ...methods,
    ...(Object.keys(abi.events).length > 0 ? structs('Event', abi.events) : []),
    ...(Object.keys(abi.errors).length > 0 ? structs('Code', abi.errors) : []),
    ...(maps.length > 0 ? ['', '| Map | Key | Value |', '|---|---|---|', ...maps] : []),
  ].join('\n');
}
