import { FinalityVerifier } from '../../client/verifier.js';
import { trustedChain } from '../../genesis/genesis.js';
import { nativeSha256 } from '../../node/nativeSha256.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { ExpectedLedger } from '../load/ledger.js';
import { runOpenLoop } from '../load/openLoop.js';
import { TransactionPreparer } from '../load/preparedTransactions.js';
import { makeSchedule } from '../load/schedule.js';
import { Settlement } from '../load/settlement.js';
import { Cluster, type Instrument } from '../network/cluster.js';
import type { LoadMode } from '../options.js';

const REQUEST_DEADLINE_MS = 60_000;
const VALIDATORS = 4;
const LEAD_MS = 50;

/** A network under instruments with money in its accounts: what profiles and counts need of the generator. */
export class InstrumentedLoad {
  private constructor(
    readonly cluster: Cluster,
    private readonly preparer: TransactionPreparer,
    private readonly settlement: Settlement,
    private readonly batchSize: number,
  ) {}

  static async start(
    options: { readonly accounts: number; readonly batchSize: number },
    instrument: Instrument,
  ): Promise<InstrumentedLoad> {
    const { backend } = chooseBackend();
    const cluster = await Cluster.start(
      { validators: VALIDATORS, accounts: options.accounts },
      backend,
      undefined,
      instrument,
    );
    try {
      const trust = trustedChain(cluster.network.genesis);
      const preparer = new TransactionPreparer(
        { chainId: trust.chainId, genesisHash: trust.genesisHash, batchSize: options.batchSize },
        { backend, hasher: chooseBulkHasher().hasher, nowMs: () => Date.now() },
      );
      const verifier = new FinalityVerifier(trust, { backend, sha256: nativeSha256 });
      const settlement = new Settlement(cluster.connections, verifier, cluster.closed);
      await new ExpectedLedger(cluster.network.accounts).open(cluster.network.central, preparer, settlement);
      return new InstrumentedLoad(cluster, preparer, settlement, options.batchSize);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Sends at a fixed rate for so long, and waits for the last proof. @returns payments that were proven to settle */
  async run(mode: LoadMode, rate: number, seconds: number): Promise<number> {
    const perSecond = rate / (mode === 'batch' ? this.batchSize : 1);
    const schedule = makeSchedule({ perSecond, warmUpSeconds: 0, seconds, shares: 1, share: 0 });
    const transactions = this.preparer.prepare(mode, schedule.count, this.cluster.network.accounts);
    let payments = 0;
    await runOpenLoop(transactions, schedule, performance.now() + LEAD_MS, this.settlement, (measured) => {
      const { status, code } = measured.settled;
      if (status === 'final' && code === '') payments += measured.transaction.creditors.length;
    });
    return payments;
  }

  /**
   * Sends requests of so many transactions, each when all of the one before are proven.
   *
   * @returns payments that were proven to settle
   */
  async runInTurn(mode: LoadMode, requests: number, transactionsPerRequest: number): Promise<number> {
    let payments = 0;
    for (let request = 0; request < requests; request++) {
      const transactions = this.preparer.prepare(mode, transactionsPerRequest, this.cluster.network.accounts);
      const deadlineMs = performance.now() + REQUEST_DEADLINE_MS;
      await this.settlement.settle(transactions, deadlineMs, (transaction, { status, code }) => {
        if (status === 'final' && code === '') payments += transaction.creditors.length;
      });
    }
    return payments;
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }
}
