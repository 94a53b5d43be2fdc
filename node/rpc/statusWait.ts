import type { FinalStatusJson } from '../../api/values.js';
import { fromHex, type Hex, toHex } from '../../primitives/bytes.js';
import type { Executor } from '../execution/types.js';
import type { FinalityWaiter } from './finalityWaiter.js';
import { proofsInParts } from './proofsInParts.js';
import { type IdKey, idKey, type RecentBlock } from './recentBlocks.js';

export interface StatusWaitModules {
  readonly waiter: FinalityWaiter;
  readonly executor: Pick<Executor, 'proofs'>;
}

export interface StatusWaitRequest {
  readonly ids: readonly Hex[];
  /** Ends the wait when so many are final. */
  readonly minimum: number;
  readonly timeoutMs: number;
  /** Ends the wait when the client is gone. */
  readonly signal: AbortSignal;
}

/**
 * The statuses of those that are final when enough are, or when the time is over.
 *
 * @throws ApiError `TOO_MANY_WAITS`, `SHUTTING_DOWN`
 */
export async function waitForStatuses(
  { ids, minimum, timeoutMs, signal }: StatusWaitRequest,
  { waiter, executor }: StatusWaitModules,
): Promise<ReadonlyMap<Hex, FinalStatusJson>> {
  const idOf = new Map<IdKey, Hex>(ids.map((id) => [idKey(fromHex(id, 32)), id]));
  const needed = Math.min(minimum, idOf.size);
  const final = new Map<Hex, FinalStatusJson>();
  const { promise: ended, resolve: end } = promiseWithEnd();
  const note = (status: FinalStatusJson): void => {
    final.set(status.id, status);
    if (final.size >= needed) end();
  };
  const onFinal = (block: RecentBlock, indices: readonly number[]): void => {
    for (const index of indices) note(statusOf(block, index));
  };
  const wait = waiter.open(waiter.reserve(idOf.size), new Set(idOf.keys()), 0, { onFinal, onStop: end });
  const timer = setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const lookUp = async (): Promise<void> => {
    const missing = [...idOf.values()].filter((id) => !final.has(id));
    for await (const { header, receipts } of proofsInParts(executor, missing)) {
      for (const { receipt, index } of receipts) {
        const { success, code, transactionId } = receipt;
        if (!waiter.settle(wait, idKey(transactionId))) continue;
        note({ id: toHex(transactionId), height: header.height, index, success, code });
      }
    }
  };
  try {
    // Only after the wait is registered: what is written meanwhile is told by the feed.
    if (final.size < needed) await Promise.race([ended, lookUp().then(() => ended)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    waiter.close(wait);
  }
  return final;
}

function statusOf({ result, height }: RecentBlock, index: number): FinalStatusJson {
  const { id, success = false, code = '' } = result.included[index] ?? {};
  return { id: toHex(id ?? new Uint8Array(32)), height, index, success, code };
}

function promiseWithEnd(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
