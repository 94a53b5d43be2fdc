import { fromHex, type Hash, toHex } from '../../primitives/bytes.js';
import { type CodedError, isCodedError } from '../../primitives/errors.js';
import { ExecutionError } from './errors.js';
import { builtFromWire, type ExecutorCalls, type ExecutorMethod } from './executorProtocol.js';
import { poisonousAmong } from './leftOut.js';
import type { BuildRequest, BuildResult, Rehearsal } from './types.js';
import { buffersOf, packBytes } from './wire.js';

/** Why the executor began anew. */
export interface ExecutorRestart {
  readonly cause: string;
  readonly transactionIds: readonly Hash[];
}

/** A request as it crosses to the executor's thread. */
export interface Prepared<M extends ExecutorMethod> {
  readonly args: ExecutorCalls[M]['args'];
  /** Buffers that it hands over. */
  readonly transfer?: readonly ArrayBuffer[];
}

export interface ExecutorBuildsModules {
  readonly ask: (prepare: () => Prepared<'build'>) => Promise<ExecutorCalls['build']['result']>;
  readonly beginAnew: (restart: ExecutorRestart) => void;
}

/** Threads that one build may break before it goes on without candidates. */
const MAX_BROKEN_BUILDS = 4;

type Attempt = { readonly result: BuildResult } | { readonly poisonous: readonly Hash[]; readonly error: CodedError };

/** Builds over the border of the executor's thread, whatever of the candidates breaks it. */
export class ExecutorBuilds {
  constructor(private readonly modules: ExecutorBuildsModules) {}

  async build(request: BuildRequest): Promise<BuildResult> {
    let excluded: readonly Hash[] = request.excluded ?? [];
    let { transactions } = request;
    for (let broken = 0; ; broken++) {
      if (broken === MAX_BROKEN_BUILDS) transactions = [];
      const attempt = await this.try({ ...request, transactions, excluded });
      if ('result' in attempt) return withLeftOut(attempt.result, excluded);
      if (transactions.length === 0) throw attempt.error;
      // Nobody is named: whatever it is, it is among the candidates.
      if (attempt.poisonous.length === 0) transactions = [];
      excluded = [...excluded, ...attempt.poisonous];
    }
  }

  async rehearse(request: BuildRequest): Promise<Rehearsal> {
    const attempt = await this.try({ excluded: [], ...request });
    if ('poisonous' in attempt) return { blockHash: undefined, poisonous: attempt.poisonous };
    return { blockHash: attempt.result.blockHash, poisonous: [] };
  }

  /** Builds once. Where the executor broke, even if only for a moment, it begins anew and the build counts for nothing. */
  private async try(request: BuildRequest & { readonly excluded: readonly Hash[] }): Promise<Attempt> {
    const { ask, beginAnew } = this.modules;
    const { excluded, transactions, ...rest } = request;
    const known = new Set(excluded.map(toHex));
    try {
      const built = await ask(() => {
        const packed = packBytes(transactions);
        return { args: [{ ...rest, excluded, transactions: packed }], transfer: buffersOf(packed) };
      });
      const poisonous = poisonousAmong(built.leftOut).filter((id) => !known.has(toHex(id)));
      if (poisonous.length === 0) return { result: builtFromWire(built, transactions) };
      const error = new ExecutionError('HOST_EXCEPTION', 'the executor failed while candidates ran');
      beginAnew({ cause: error.message, transactionIds: poisonous });
      return { poisonous, error };
    } catch (error) {
      if (!isHostException(error)) throw error;
      const poisonous = transactionsOf(error);
      beginAnew({ cause: error.message, transactionIds: poisonous });
      return { poisonous, error };
    }
  }
}

/** Whoever was excluded is named, also where a build was given up and has looked at no candidate. */
function withLeftOut(result: BuildResult, excluded: readonly Hash[]): BuildResult {
  const named = new Set(result.leftOut.map(({ id }) => toHex(id)));
  const others = excluded.filter((id) => !named.has(toHex(id)));
  if (others.length === 0) return result;
  const leftOut = others.map((id) => ({ id, code: 'HOST_EXCEPTION', retry: false }));
  return { ...result, leftOut: [...result.leftOut, ...leftOut] };
}

/** The executor itself broke. */
export function isHostException(error: unknown): error is CodedError {
  return isCodedError(error) && error.code === 'HOST_EXCEPTION';
}

/** The transaction that an error of the executor names, where it names one. */
export function transactionsOf({ details }: CodedError): Hash[] {
  const { transactionId } = details;
  return typeof transactionId === 'string' ? [fromHex(transactionId, 32)] : [];
}
