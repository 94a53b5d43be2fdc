import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { httpStatus, type WireError } from '../../api/errors.js';
import { API_LIMITS } from '../../api/limits.js';
import { METHODS, type MethodDefinition, type MethodName } from '../../api/methods.js';
import { openApiDocument, pathParameters } from '../../api/openapi.js';
import { mismatch, type Shape } from '../../api/shape.js';
import type { Logger } from '../ops/ports.js';
import { clientGone } from './clientGone.js';
import type { Dispatcher } from './dispatcher.js';
import { wireErrorOf } from './errors.js';

/** The longest wait, and time to answer it; not for streams, which end by themselves. */
export const TIMED = { handlerTimeout: API_LIMITS.waitMs + 30_000 } as const;

export interface RestModules {
  readonly dispatcher: Dispatcher;
  readonly logger: Logger;
}

type Named = Readonly<Record<string, unknown>>;

/** `{ error }` with its status: the body of everything that REST refuses. */
export function sendError(reply: FastifyReply, error: WireError): FastifyReply {
  return reply.code(httpStatus(error.code)).send({ error });
}

/** Serves every method of the table under its path, and the OpenAPI document that describes them. */
export function registerRest(app: FastifyInstance, version: string, modules: RestModules): void {
  const document = openApiDocument(version);
  app.get('/v1/openapi.json', async () => document);
  for (const [name, definition] of Object.entries(METHODS)) {
    const { verb, path } = definition.rest;
    app.route({
      method: verb,
      url: path.replace(/\{(\w+)\}/g, ':$1'),
      ...TIMED,
      handler: (request, reply) => serve(name as MethodName, definition, request, reply, modules),
    });
  }
}

async function serve(
  name: MethodName,
  definition: MethodDefinition<unknown, unknown>,
  request: FastifyRequest,
  reply: FastifyReply,
  { dispatcher, logger }: RestModules,
): Promise<FastifyReply> {
  try {
    const answer = await dispatcher.call(name, paramsOf(definition, request), { signal: clientGone(reply) });
    return answer.ok ? reply.send(answer.result) : sendError(reply, answer.error);
  } catch (error) {
    return sendError(reply, wireErrorOf(error, logger));
  }
}

/** Parameters of the path and the query come as text, those of the body as JSON. */
function paramsOf({ params, rest }: MethodDefinition<unknown, unknown>, request: FastifyRequest): Named {
  const fields = params.fields ?? {};
  const inPath = pathParameters(rest.path);
  const path = fromText(request.params as Named, fields, '$path');
  if (rest.verb === 'GET') return { ...path, ...fromText(request.query as Named, fields, '$query', inPath) };
  const body = request.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) throw mismatch('$body', 'an object', body);
  const twice = inPath.find((name) => Object.hasOwn(body, name));
  if (twice !== undefined) throw mismatch(`$body.${twice}`, 'this parameter in the path only', 'another');
  return { ...(body as Named), ...path };
}

function fromText(
  given: Named,
  fields: Readonly<Record<string, Shape<unknown>>>,
  path: string,
  taken: readonly string[] = [],
): Named {
  const parsed: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(given)) {
    const field = Object.hasOwn(fields, name) && !taken.includes(name) ? fields[name] : undefined;
    if (field?.parseText === undefined) {
      const known = Object.keys(fields).filter((one) => !taken.includes(one));
      throw mismatch(path, `no names but ${known.join(', ')}`, name);
    }
    if (typeof text !== 'string') throw mismatch(`${path}.${name}`, 'one value', text);
    parsed[name] = field.parseText(text, `${path}.${name}`);
  }
  return parsed;
}
