import type { CommitResult } from '../../node/execution/types.js';
import type { Admission, AdmissionResult, Mempool } from '../../node/mempool/types.js';
import type { RpcServer } from '../../node/rpc/server.js';
import { CodedError, isCodedError } from '../../primitives/errors.js';
import { decodeTransaction } from '../../primitives/transaction.js';
import type { TestChain } from './executionNetwork.js';
import { startExecutorNode } from './executorNode.js';

/** A node that decides alone: each transaction that it takes in is final in a block of its own, at the clock of this machine. */
export class SettlingNode {
  readonly chain: TestChain;
  readonly server: RpcServer;

  private constructor(chain: TestChain, server: RpcServer) {
    this.chain = chain;
    this.server = server;
  }

  static async start(chain: TestChain): Promise<SettlingNode> {
    const listeners = new Set<(result: CommitResult) => void>();
    let busy: Promise<unknown> = Promise.resolve();
    const settle = async (bytes: Uint8Array): Promise<Admission> => {
      const transaction = decodeTransaction(bytes, chain.network.genesisHash);
      const { id } = transaction;
      if ((await chain.executor.receipt(id)) !== undefined) return { id, status: 'known' };
      const { block, leftOut } = await chain.build([transaction], Math.max(Date.now(), chain.timestamp + 1));
      const [refused] = leftOut;
      if (refused !== undefined) throw new CodedError(refused.code, `left out: ${refused.code}`);
      const result = await chain.commit(block);
      for (const listener of listeners) listener(result);
      return { id, status: 'accepted' };
    };
    const admit = (bytes: Uint8Array): Promise<Admission> => {
      const settled = busy.then(() => settle(bytes));
      busy = settled.catch(() => undefined);
      return settled;
    };
    const resultOf = (bytes: Uint8Array): Promise<AdmissionResult> =>
      admit(bytes).catch((error: unknown) => {
        if (isCodedError(error)) return { error };
        throw error;
      });
    const mempool: Pick<Mempool, 'admit' | 'admitMany' | 'size' | 'sizeBytes'> = {
      size: 0,
      sizeBytes: 0,
      admit,
      admitMany: (transactions) => Promise.all(transactions.map(resultOf)),
    };
    const server = await startExecutorNode(chain.network, chain.executor, {
      mempool: mempool as Mempool,
      commits: {
        subscribe: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      nowMs: () => Date.now(),
    });
    return new SettlingNode(chain, server);
  }

  get url(): string {
    return this.server.url;
  }

  /** Empty blocks until the chain has this height. */
  async advanceTo(height: number): Promise<void> {
    while (this.chain.height < height) await this.chain.settle([]);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
