import type { MessagePort } from 'node:worker_threads';
import { decodeCertificate } from '../../primitives/certificate.js';
import { invariant } from '../../primitives/errors.js';
import {
  blockFromWire,
  builtToWire,
  type CallMessage,
  certifiedFromWire,
  certifiedToWire,
  commitResultToWire,
  type ExecutorCalls,
  type ExecutorMethod,
  type ReplyMessage,
  toWireError,
  type WireCommitResult,
} from './executorProtocol.js';
import type { ExecutionNews } from './news.js';
import type { CommitResult, ExecutorHost } from './types.js';
import { ownBytes, unpackBytes, unpackReferences } from './wire.js';

interface Answer<R> {
  readonly result: R;
  /** Buffers that the answer hands over. */
  readonly transfer?: readonly ArrayBuffer[];
}

type Handlers = {
  readonly [M in ExecutorMethod]: (...args: ExecutorCalls[M]['args']) => Promise<Answer<ExecutorCalls[M]['result']>>;
};

/**
 * Answers requests that come over a port from an executor on this side of it.
 *
 * @param onStopped runs after the answer to `stop`
 * @param news what the executor has to tell beside its answers: it goes with them
 */
export function serveExecutor(
  executor: ExecutorHost,
  port: MessagePort,
  onStopped: () => void,
  news?: ExecutionNews,
): void {
  const handlers = handlersOf(executor);
  const reply = (message: ReplyMessage, transfer: readonly ArrayBuffer[] = []): void => {
    const told = news?.take();
    port.postMessage(told === undefined ? message : { ...message, news: told }, transfer);
  };
  port.on('message', (message: CallMessage) => {
    const { id, method } = message;
    answer(handlers, message).then(
      ({ result, transfer }) => {
        reply({ kind: 'result', id, result }, transfer);
        if (method === 'stop') onStopped();
      },
      (error: unknown) => reply({ kind: 'error', id, error: toWireError(error) }),
    );
  });
}

async function answer(handlers: Handlers, { method, args }: CallMessage): Promise<Answer<unknown>> {
  const handler = handlers[method] as ((...args: readonly unknown[]) => Promise<Answer<unknown>>) | undefined;
  invariant(handler !== undefined, 'both sides of the border know the same requests', { actual: method });
  return handler(...args);
}

async function plain<R>(result: Promise<R>): Promise<Answer<R>> {
  return { result: ownBytes(await result) };
}

/** A commit's transactions are packed, and handed over; the rest of its result is small. */
function committedAnswer(
  committed: CommitResult,
  wantsReceipts = false,
): Answer<WireCommitResult> & { readonly transfer: ArrayBuffer[] } {
  const { included, receipts, ...rest } = commitResultToWire(committed, wantsReceipts);
  const result = { ...ownBytes(rest), included };
  if (receipts === undefined) return { result, transfer: [included.rows.buffer] };
  return { result: { ...result, receipts }, transfer: [included.rows.buffer, receipts.buffer] };
}

function handlersOf(executor: ExecutorHost): Handlers {
  return {
    start: async () => committedAnswer(await executor.start()),
    stop: async () => {
      await executor.stop();
      return { result: undefined };
    },
    build: async ({ transactions, ...request }) => {
      const candidates = unpackBytes(transactions);
      const built = builtToWire(await executor.build({ ...request, transactions: candidates }), candidates);
      return { result: ownBytes(built), transfer: [built.positions.buffer] };
    },
    execute: (block) => plain(executor.execute(blockFromWire(block))),
    commit: async (block, certificate, wantsReceipts) =>
      committedAnswer(await executor.commit(blockFromWire(block), decodeCertificate(certificate)), wantsReceipts),
    commitExecuted: async (blockHash, certificate, wantsReceipts) => {
      const committed = await executor.commitExecuted(blockHash, decodeCertificate(certificate));
      return committed === undefined ? { result: undefined } : committedAnswer(committed, wantsReceipts);
    },
    commitAll: async (blocks) => {
      const answers = (await executor.commitAll(blocks.map(certifiedFromWire))).map((committed) =>
        committedAnswer(committed),
      );
      return { result: answers.map(({ result }) => result), transfer: answers.flatMap(({ transfer }) => transfer) };
    },
    blocks: async (...range) => {
      const result = (await executor.blocks(...range)).map(certifiedToWire);
      return { result, transfer: result.map(([block]) => block.buffer) };
    },
    blockHash: (height) => plain(executor.blockHash(height)),
    receipt: (id) => plain(executor.receipt(id)),
    proof: (id, outcomeReference) => plain(executor.proof(id, outcomeReference)),
    proofs: (ids) => plain(executor.proofs(ids)),
    receiptsProofs: (ids, since) => plain(executor.receiptsProofs(ids, since)),
    transaction: (id) => plain(executor.transaction(id)),
    outcomes: (id) => plain(executor.outcomes(id)),
    referenceOwner: (sender, reference) => plain(executor.referenceOwner(sender, reference)),
    referenceOwners: (references) => plain(executor.referenceOwners(unpackReferences(references))),
    view: (contract, method, args) => plain(executor.view(contract, method, args)),
    simulate: (request) => plain(executor.simulate(request)),
    finalityUpdate: (sinceHeight) => plain(executor.finalityUpdate(sinceHeight)),
    stateProof: (keys) => plain(executor.stateProof(keys)),
  };
}
