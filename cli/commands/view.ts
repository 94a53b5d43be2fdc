import type { Command } from 'commander';
import type { Json } from '../../contracts/api/schema.js';
import { CliError, usageError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';

type JsonObject = { readonly [name: string]: Json };

export function register(program: Command, bind: Bind): void {
  const view = program
    .command('view')
    .description('Run a read-only method of a contract. A node’s word: it carries no proof.')
    .argument('<contract>', 'as cash, assets, payments, membership')
    .argument('[method]', 'the view; left out, the contract’s views are listed')
    .option('--arg <name=value>', 'an argument; may be given several times', collect, []);
  withExamples(
    withJson(withNetwork(withWallet(view))),
    'vostro view cash',
    'vostro view cash supply --arg currency=EUR',
    'vostro view membership members --arg limit=10',
  ).action(bind(runView));
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

async function runView(invocation: Invocation): Promise<CommandResult> {
  const contract = argument(invocation, 0, 'contract');
  const method = invocation.args[1];
  const { client } = await openSession(invocation);
  const views = viewsOf((await client.call('contract', { contract })).abi);
  if (method === undefined) {
    const list = [...views].map(([name, parameters]) => ({ name, arguments: Object.keys(parameters) }));
    const text = list.map(({ name, arguments: names }) => [name, ...names.map((one) => `--arg ${one}=…`)].join(' '));
    return { data: { contract, views: list }, text: text.join('\n') };
  }
  const parameters = views.get(method);
  if (parameters === undefined) {
    throw new CliError(
      'NOT_FOUND',
      `expected a view of ${contract} (${[...views.keys()].join(', ')}), found "${method}"`,
      {
        expected: [...views.keys()].join(', '),
        actual: method,
      },
    );
  }
  const args = Object.fromEntries(invocation.options.list('arg').map((text) => readArgument(text, parameters)));
  const value = await client.view(contract, method, args);
  return {
    data: { contract, method, value },
    text: typeof value === 'string' ? value : JSON.stringify(value, undefined, 2),
  };
}

/** The read-only methods of a contract's ABI, each with the JSON Schemas of its arguments. */
function viewsOf(abi: unknown): ReadonlyMap<string, JsonObject> {
  const methods = objectOf(objectOf(abi)['methods']);
  const views = Object.entries(methods).filter(([, method]) => objectOf(method)['kind'] === 'view');
  return new Map(views.map(([name, method]) => [name, objectOf(objectOf(objectOf(method)['args'])['properties'])]));
}

function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function readArgument(text: string, parameters: JsonObject): readonly [string, Json] {
  const at = text.indexOf('=');
  if (at <= 0) throw usageError('--arg', 'name=value', `"${text.slice(0, 60)}"`);
  const name = text.slice(0, at);
  const schema = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (schema === undefined)
    throw usageError('--arg', `one of ${Object.keys(parameters).join(', ')}`, `"${name.slice(0, 60)}"`);
  return [name, readValue(text.slice(at + 1), objectOf(schema), name)];
}

/** Text as the argument's schema wants it: numbers and truth by their kind, lists and records as JSON. */
function readValue(text: string, schema: JsonObject, name: string): Json {
  switch (schema['x-vostro']) {
    case 'optional':
      return readValue(text, objectOf(Array.isArray(schema['oneOf']) ? schema['oneOf'][0] : undefined), name);
    case 'uint':
    case 'day':
      if (/^\d{1,16}$/.test(text)) return Number(text);
      throw usageError(`--arg ${name}`, 'a whole number', `"${text.slice(0, 60)}"`);
    case 'bool':
      if (text === 'true' || text === 'false') return text === 'true';
      throw usageError(`--arg ${name}`, 'true or false', `"${text.slice(0, 60)}"`);
    case 'list':
    case 'struct':
      return parseJson(text, name);
    default:
      return text;
  }
}

function parseJson(text: string, name: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw usageError(`--arg ${name}`, 'JSON', `"${text.slice(0, 60)}"`);
  }
}
