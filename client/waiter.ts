import { API_LIMITS } from '../api/limits.js';
import type { WaitedJson } from '../api/values.js';
import type { Hex } from '../primitives/bytes.js';
import { type CodedError, isCodedError } from '../primitives/errors.js';
import { isRetryable, type NodeConnection } from './connection.js';
import { ClientError } from './errors.js';
import type { NodePool } from './nodePool.js';
import { type FinalTransaction, finalTransactions } from './outcomes.js';
import type { FinalityVerifier } from './verifier.js';

export interface WaiterOptions {
  /** Longest wait of one request: then another node is asked. */
  readonly pollMs: number;
}

export interface WaiterModules {
  readonly pool: NodePool;
  readonly verifier: FinalityVerifier;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface WaitProgress {
  /** Called with those that became final, as soon as they are verified. */
  readonly onFinal?: (final: readonly FinalTransaction[]) => void;
}

export interface Waited {
  readonly final: ReadonlyMap<Hex, FinalTransaction>;
  /** Why the last request failed, if one did. */
  readonly error: CodedError | undefined;
}

/** Waits at one node after the other, and believes none: what counts is the proof. */
export class Waiter {
  readonly #options: WaiterOptions;
  readonly #modules: WaiterModules;

  constructor(options: WaiterOptions, modules: WaiterModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /**
   * Waits for at most `API_LIMITS.transactionsPerRequest` ids until all are final or the deadline is over.
   *
   * @throws ClientError `CHAIN_FORKED`; what nodes do wrong otherwise is told in `error`
   */
  async wait(ids: readonly Hex[], deadlineMs: number, progress: WaitProgress = {}): Promise<Waited> {
    const { pool, now, sleep } = this.#modules;
    const final = new Map<Hex, FinalTransaction>();
    const missing = new Set(ids);
    let error: CodedError | undefined;
    let failures = 0;
    for (let attempt = 0; missing.size > 0; attempt++) {
      const remainingMs = deadlineMs - now();
      // A wait that begins at its deadline still asks once.
      if ((remainingMs <= 0 && attempt > 0) || pool.isClosed) break;
      const [node] = pool.provenFirst();
      try {
        const waitMs = Math.max(0, Math.min(remainingMs, this.#options.pollMs, API_LIMITS.waitMs));
        const found = await this.#poll(node as NodeConnection, [...missing], waitMs);
        for (const one of found) {
          final.set(one.id, one);
          missing.delete(one.id);
        }
        if (found.length > 0) progress.onFinal?.(found);
        failures = 0;
      } catch (fault) {
        error = tolerated(fault);
        failures++;
        await sleep(Math.max(0, Math.min(pool.backoffMs(failures), deadlineMs - now())));
      }
    }
    return { final, error };
  }

  async #poll(node: NodeConnection, ids: readonly Hex[], waitMs: number): Promise<FinalTransaction[]> {
    const asked = new Set(ids);
    const request = { ids, timeoutMs: waitMs, proofs: true };
    const answer: WaitedJson = await this.#modules.pool.callOnce(node, 'waitMany', request, waitMs);
    return answer.proofs
      .flatMap((block) => finalTransactions(this.#modules.verifier.verifyBlock(block)))
      .filter(({ id }) => asked.has(id));
  }
}

/** A bad answer is one node's fault, and another one is asked; a fork is everybody's. @throws what it was given then */
export function tolerated(fault: unknown): CodedError {
  if (!isCodedError(fault) || (fault instanceof ClientError && !isRetryable(fault))) throw fault;
  return fault;
}
