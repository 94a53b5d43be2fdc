import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, httpStatus } from '../../api/errors.js';
import {
  decodeSettlementRequest,
  SETTLEMENT_CONTENT_TYPE,
  SETTLEMENT_PATH,
  SETTLEMENT_REQUEST_BYTES,
  type SettlementRequest,
  type SettlementVerdict,
} from '../../api/settlement.js';
import { isCodedError } from '../../primitives/errors.js';
import type { RequireCalls } from '../mempool/types.js';
import type { ContractBook } from './contractBook.js';
import { wireErrorOf } from './errors.js';
import { METRIC } from './metrics.js';
import type { RpcModules } from './ports.js';
import { SettlementStream, type SettlementStreamModules, type Taken } from './settlementStream.js';
import type { WorkLimit } from './workLimit.js';

export interface SettlementDoorModules extends SettlementStreamModules, Pick<RpcModules, 'mempool'> {
  readonly contracts: ContractBook;
  readonly work: WorkLimit;
}

/**
 * The door for programs: many transactions in one request of bytes, one streamed answer of bytes until they are final. A
 * page of a browser can send bytes under this type only after it has asked, which no page of a stranger is allowed.
 */
export function registerSettlements(app: FastifyInstance, modules: SettlementDoorModules): void {
  app.register(async (door) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser(
      SETTLEMENT_CONTENT_TYPE,
      { parseAs: 'buffer', bodyLimit: SETTLEMENT_REQUEST_BYTES },
      (_request, body, done) => done(null, body),
    );
    door.post(SETTLEMENT_PATH, (request, reply) => settle(request, reply, modules));
  });
}

async function settle(
  { body }: FastifyRequest,
  reply: FastifyReply,
  modules: SettlementDoorModules,
): Promise<FastifyReply> {
  const { mempool, waiter, work, contracts, metrics, logger } = modules;
  try {
    const { timeoutMs, since, transactions } = requestOf(body);
    if (timeoutMs > 0) waiter.requireRoom(transactions.length);
    const { mark } = waiter;
    const requireCalls: RequireCalls = (calls) => contracts.requireArguments(calls);
    const results = await work.run(() => mempool.admitMany(transactions, requireCalls));
    const verdicts: SettlementVerdict[] = [];
    const taken: Taken[] = [];
    results.forEach((result, position) => {
      if ('error' in result) verdicts.push({ error: wireErrorOf(result.error, logger) });
      else {
        const { id, status } = result;
        verdicts.push({ status });
        taken.push({ id, position, isKnown: status === 'known' });
      }
    });
    if (reply.raw.destroyed) return reply.hijack();
    const stream = new SettlementStream(reply.raw, { timeoutMs, since, mark }, modules);
    stream.begin(verdicts, taken);
    metrics.count(METRIC.requests, 1, { method: 'settle', status: '200' });
    return reply.hijack();
  } catch (fault) {
    const error = wireErrorOf(fault, logger);
    const status = httpStatus(error.code);
    metrics.count(METRIC.requests, 1, { method: 'settle', status: `${status}` });
    return reply.code(status).send({ error });
  }
}

/** @throws ApiError `MEDIA_TYPE_UNSUPPORTED`, `REQUEST_MALFORMED` */
function requestOf(body: unknown): SettlementRequest {
  // An empty body has no type, and comes here unread.
  if (!Buffer.isBuffer(body)) {
    const details = { expected: SETTLEMENT_CONTENT_TYPE, actual: 'no body' };
    throw new ApiError('MEDIA_TYPE_UNSUPPORTED', `expected a body of ${SETTLEMENT_CONTENT_TYPE}`, details);
  }
  try {
    return decodeSettlementRequest(body);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw new ApiError('REQUEST_MALFORMED', error.message, error.details);
  }
}
