import type { Json, JsonSchema, StandardContract } from '../../contracts/api/index.js';

/** The tables of docs/CONTRACTS.md, made from the ABI of a contract. */

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

/** Everything that a contract takes, gives and keeps, as Markdown. */
export function contractReference(contract: StandardContract): string {
  const abi = contract.abi();
  const methods = Object.entries(abi.methods).map(([name, { kind, auth, args, returns }]) => {
    const conditions = [
      ...(auth.genesis ? ['genesis'] : []),
      ...auth.contracts.map((caller) => `contract ${caller}`),
      ...(auth.roles.length > 0 ? [`role ${auth.roles.join(' or ')}`] : auth.sender ? ['sender'] : []),
      ...(auth.accounts ? ['accounts'] : []),
    ];
    const by = kind === 'view' ? 'view' : conditions.join(', ');
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
