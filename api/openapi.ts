import type { MethodDefinition, MethodName } from './methods.js';
import { METHODS } from './methods.js';
import { SETTLEMENT_CONTENT_TYPE, SETTLEMENT_PATH } from './settlement.js';
import type { Json, JsonSchema } from './shape.js';
import { wireError } from './values.js';

type Properties = Readonly<Record<string, JsonSchema>>;

/** Names in the braces of a path. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}

/** The OpenAPI 3.1 document of the REST interface. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, definition] of Object.entries(METHODS)) {
    const { verb, path } = definition.rest;
    const item = paths[path] ?? {};
    item[verb.toLowerCase()] = operation(name as MethodName, definition);
    paths[path] = item;
  }
  paths[SETTLEMENT_PATH] = { post: settlementOperation() };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vostro node',
      version,
      description: 'The REST interface of a settlement node. The same methods are served as JSON-RPC 2.0 at POST /rpc.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: { schemas: { Error: errorBody() } },
  };
}

/** The door that takes and gives bytes: its formats stand in the integrator's guide. */
function settlementOperation(): Json {
  const bytes = { [SETTLEMENT_CONTENT_TYPE]: { schema: { type: 'string', format: 'binary' } } };
  return {
    operationId: 'settle',
    summary:
      'Takes in many signed transactions and streams what becomes of them: a verdict on each, then a proof for each block that holds some.',
    parameters: [],
    requestBody: { required: true, content: bytes },
    responses: {
      '200': { description: 'Frames: verdicts, proofs of receipts, the end', content: bytes },
      default: refused(),
    },
  };
}

function refused(): Json {
  return {
    description: 'Refused: a stable code, a sentence, and details with what was expected and found',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
}

function errorBody(): JsonSchema {
  return { type: 'object', properties: { error: wireError.schema }, required: ['error'] };
}

function operation(name: MethodName, { summary, params, result, rest }: MethodDefinition<unknown, unknown>): Json {
  const properties = params.schema['properties'] as Properties;
  const required = params.schema['required'] as readonly string[];
  const inPath = pathParameters(rest.path);
  const others = Object.keys(properties).filter((parameter) => !inPath.includes(parameter));
  const parameter = (where: 'path' | 'query') => (parameterName: string) => ({
    name: parameterName,
    in: where,
    required: where === 'path' || required.includes(parameterName),
    schema: properties[parameterName] as JsonSchema,
  });
  const query = rest.verb === 'GET' ? others.map(parameter('query')) : [];
  return {
    operationId: name,
    summary,
    parameters: [...inPath.map(parameter('path')), ...query],
    ...(rest.verb === 'POST' ? { requestBody: requestBody(properties, required, others) } : {}),
    responses: {
      '200': { description: 'Done', content: { 'application/json': { schema: result.schema } } },
      default: refused(),
    },
  };
}

function requestBody(properties: Properties, required: readonly string[], names: readonly string[]): Json {
  const schema = {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, properties[name] as JsonSchema])),
    required: required.filter((name) => names.includes(name)),
    additionalProperties: false,
  };
  return { required: schema.required.length > 0, content: { 'application/json': { schema } } };
}
