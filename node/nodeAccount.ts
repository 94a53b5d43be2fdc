import type { Hash } from '../primitives/bytes.js';
import { assembleTransaction, encodeTransaction, transactionId } from '../primitives/transaction.js';
import type { Address, Call, TimestampMs, TransactionBody } from '../primitives/types.js';
import type { Timers } from './engine/timers.js';
import type { Executor } from './execution/types.js';
import type { Mempool } from './mempool/types.js';
import type { Logger, Metrics } from './ops/ports.js';
import type { Signer } from './signatures/types.js';

export interface NodeAccountOptions {
  readonly chainId: string;
  readonly genesisHash: Hash;
}

/**
 * The account under a validator's own address, for which its node speaks by itself. It signs transactions and nothing
 * else: the digest is made here, under the tag of transactions, and can never be that of a vote (PROTOCOL §Formats,
 * Hashes and domain tags). So it goes past the signing guard without weakening it.
 */
export class NodeAccount {
  constructor(
    private readonly options: NodeAccountOptions,
    private readonly signer: Signer,
  ) {}

  get address(): Address {
    return this.signer.address;
  }

  /**
   * A transaction of the account, signed by its one key.
   *
   * @returns its full bytes
   * @throws FormatError when the calls fit into none; what the signer throws
   */
  async transaction(
    calls: readonly Call[],
    at: { readonly reference: Uint8Array; readonly expiresAt: TimestampMs },
  ): Promise<Uint8Array> {
    const { chainId, genesisHash } = this.options;
    const { address } = this.signer;
    const body: TransactionBody = {
      chainId,
      sender: address,
      signers: [address],
      ...at,
      priority: 'normal',
      calls,
    };
    const signature = await this.signer.sign(transactionId(body, genesisHash));
    return encodeTransaction(assembleTransaction(body, new Map([[address, signature]])));
  }
}

/** What a node needs in order to say something on the chain by itself. */
export interface NodeAccountUse {
  readonly executor: Pick<Executor, 'view' | 'head'>;
  readonly mempool: Pick<Mempool, 'admit'>;
  readonly account: Pick<NodeAccount, 'address' | 'transaction'>;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Called with a failure that is none of the chain's or the mempool's refusals. */
  readonly onFatal: (error: unknown) => void;
}
