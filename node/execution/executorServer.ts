import type { MessagePort } from 'node:worker_threads';
import { decodeCertificate } from '../../primitives/certificate.js';
import { invariant } from '../../primitives/errors.js';
import {
  blockFromWire,
  blockToWire,
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
import type { Executor } from './types.js';
import { buffersOf, ownBytes, unpackBytes } from './wire.js';

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
 * @param news what the executor has to tell beside its answers: sent after each of them
 */
export function serveExecutor(
  executor: Executor,
  port: MessagePort,
  onStopped: () => void,
  news?: ExecutionNews,
): void {
  const handlers = handlersOf(executor);
  const reply = (message: ReplyMessage, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const tell = (): void => {
    const told = news?.take();
    if (told !== undefined) reply({ kind: 'news', news: told });
  };
  port.on('message', (message: CallMessage) => {
    const { id, method } = message;
    answer(handlers, message).then(
      ({ result, transfer }) => {
        reply({ kind: 'result', id, result: ownBytes(result) }, transfer);
        tell();
        if (method === 'stop') onStopped();
      },
      (error: unknown) => {
        reply({ kind: 'error', id, error: toWireError(error) });
        tell();
      },
    );
  });
}

async function answer(handlers: Handlers, { method, args }: CallMessage): Promise<Answer<unknown>> {
  const handler = handlers[method] as ((...args: readonly unknown[]) => Promise<Answer<unknown>>) | undefined;
  invariant(handler !== undefined, 'both sides of the border know the same requests', { actual: method });
  return handler(...args);
}

async function plain<R>(result: Promise<R>): Promise<Answer<R>> {
  return { result: await result };
}

function buffersOfIncluded({ included }: WireCommitResult): readonly ArrayBuffer[] {
  return [...buffersOf(included.ids), ...buffersOf(included.references)];
}

function handlersOf(executor: Executor): Handlers {
  return {
    start: async () => ({ result: commitResultToWire(await executor.start()) }),
    stop: async () => {
      await executor.stop();
      return { result: undefined };
    },
    build: async ({ transactions, ...request }) => {
      const { block, ...rest } = await executor.build({ ...request, transactions: unpackBytes(transactions) });
      const bytes = blockToWire(block);
      return { result: { ...rest, block: bytes }, transfer: [bytes.buffer] };
    },
    execute: (block) => plain(executor.execute(blockFromWire(block))),
    commit: async (block, certificate) => {
      const committed = await executor.commit(blockFromWire(block), decodeCertificate(certificate));
      const result = commitResultToWire(committed);
      return { result, transfer: buffersOfIncluded(result) };
    },
    commitAll: async (blocks) => {
      const result = (await executor.commitAll(blocks.map(certifiedFromWire))).map(commitResultToWire);
      return { result, transfer: result.flatMap(buffersOfIncluded) };
    },
    blocks: async (...range) => {
      const found = await executor.blocks(...range);
      const result = found.map(certifiedToWire);
      return { result, transfer: result.map(([block]) => block.buffer) };
    },
    blockHash: (height) => plain(executor.blockHash(height)),
    receipt: (id) => plain(executor.receipt(id)),
    proof: (id, outcomeReference) => plain(executor.proof(id, outcomeReference)),
    proofs: (ids) => plain(executor.proofs(ids)),
    transaction: (id) => plain(executor.transaction(id)),
    outcomes: (id) => plain(executor.outcomes(id)),
    referenceOwner: (sender, reference) => plain(executor.referenceOwner(sender, reference)),
    referenceOwners: (references) => plain(executor.referenceOwners(references)),
    view: (contract, method, args) => plain(executor.view(contract, method, args)),
    simulate: (request) => plain(executor.simulate(request)),
    finalityUpdate: (sinceHeight) => plain(executor.finalityUpdate(sinceHeight)),
    stateProof: (keys) => plain(executor.stateProof(keys)),
  };
}
