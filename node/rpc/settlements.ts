import type { ServerResponse } from 'node:http';
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
import { internalError, wireErrorOf } from './errors.js';
import type { Reservation } from './finalityWaiter.js';
import { METRIC } from './metrics.js';
import type { RpcModules } from './ports.js';
import { SettlementStream, type SettlementStreamModules, type Taken } from './settlementStream.js';
import type { WorkLimit } from './workLimit.js';

export interface SettlementDoorModules extends SettlementStreamModules, Pick<RpcModules, 'mempool'> {
  readonly contracts: ContractBook;
  readonly work: WorkLimit;
  /** How long a client has to read the last bytes of an answer; a default where it is left out. */
  readonly readOutMs?: number | undefined;
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

/**
 * A refusal of the whole request says that nothing of it was taken in: room for its wait is kept before, and what goes
 * wrong later is told as `INTERNAL`, which leaves that open.
 */
async function settle(
  { body }: FastifyRequest,
  reply: FastifyReply,
  modules: SettlementDoorModules,
): Promise<FastifyReply> {
  const { waiter, metrics, logger } = modules;
  let room: Reservation | undefined;
  let isUnderWay = false;
  try {
    const request = requestOf(body);
    if (request.timeoutMs > 0) room = waiter.reserve(request.transactions.length);
    await modules.work.run(() => {
      isUnderWay = true;
      return answer(request, reply.raw, room, modules);
    });
    metrics.count(METRIC.requests, 1, { method: 'settle', status: '200' });
    return reply.hijack();
  } catch (fault) {
    const error = isUnderWay ? internalError(fault, logger) : wireErrorOf(fault, logger);
    const status = httpStatus(error.code);
    metrics.count(METRIC.requests, 1, { method: 'settle', status: `${status}` });
    if (!reply.raw.headersSent) return reply.code(status).send({ error });
    reply.raw.destroy();
    return reply.hijack();
  } finally {
    if (room !== undefined) waiter.release(room);
  }
}

/** Takes in what may be taken in, and begins to tell what becomes of it. */
async function answer(
  { timeoutMs, since, transactions }: SettlementRequest,
  response: ServerResponse,
  room: Reservation | undefined,
  modules: SettlementDoorModules,
): Promise<void> {
  const { mempool, waiter, contracts, logger, readOutMs } = modules;
  const { mark } = waiter;
  const requireCalls: RequireCalls = (calls) => contracts.requireArguments(calls);
  const results = await mempool.admitMany(transactions, requireCalls);
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
  if (response.destroyed) return;
  new SettlementStream(response, { timeoutMs, since, mark, readOutMs }, modules).begin(verdicts, taken, room);
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
