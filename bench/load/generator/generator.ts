import { setMaxListeners } from 'node:events';
import { NodeConnection } from '../../../client/connection.js';
import { FinalityVerifier } from '../../../client/verifier.js';
import { nativeSha256 } from '../../../node/nativeSha256.js';
import { chooseBackend } from '../../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../../node/state/bulkHasher.js';
import { BenchError } from '../../errors.js';
import type { LoadAccount } from '../../network/accounts.js';
import { readAccounts } from '../../network/accountsFile.js';
import { AccountMix } from '../mix.js';
import { runOpenLoop } from '../openLoop.js';
import { type PreparedTransaction, TransactionPreparer } from '../preparedTransactions.js';
import { makeSchedule, type Schedule } from '../schedule.js';
import { Settlement } from '../settlement.js';
import { WindowRecorder } from '../windowTally.js';
import type { GeneratorAnswer, GeneratorOrder, GeneratorSetup } from './messages.js';

const IDLE_TIMEOUT_MS = 20_000;

/** Signs, sends and checks proofs, and keeps nothing of a run but its tally. */
export class Generator {
  private prepared: { readonly transactions: readonly PreparedTransaction[]; readonly schedule: Schedule } | undefined;

  private constructor(
    private readonly preparer: TransactionPreparer,
    private readonly settlement: Settlement,
    private readonly accounts: readonly LoadAccount[],
    private readonly mix: AccountMix,
  ) {}

  static async create(setup: GeneratorSetup, closed: AbortSignal): Promise<Generator> {
    const { trust, nodeUrls, name, seed, batchSize } = setup;
    const { backend } = chooseBackend();
    const { hasher } = chooseBulkHasher();
    const accounts = await readAccounts(setup.accountsFile);
    const preparer = new TransactionPreparer(
      { chainId: trust.chainId, genesisHash: trust.genesisHash, batchSize, name },
      { backend, hasher, nowMs: () => Date.now() },
    );
    setMaxListeners(10 + nodeUrls.length, closed);
    const nodes = nodeUrls.map((url) => new NodeConnection(url, (input, init) => fetch(input, init), closed));
    const verifier = new FinalityVerifier(trust, { backend, sha256: nativeSha256, hasher });
    const mix = new AccountMix(setup.mix, accounts.length, seed);
    return new Generator(preparer, new Settlement(nodes, verifier, closed), accounts, mix);
  }

  /** @throws BenchError `GENERATOR_FAILED` for a run of which nothing was signed; whatever makes the figures worthless */
  async obey(order: Exclude<GeneratorOrder, { type: 'setUp' }>): Promise<GeneratorAnswer> {
    if (order.type === 'prepare') return this.#prepare(order);
    if (order.type === 'idle') return this.#idle(order);
    const { prepared } = this;
    this.prepared = undefined;
    if (prepared === undefined) throw new BenchError('GENERATOR_FAILED', 'nothing was signed for this run', {});
    const { transactions, schedule } = prepared;
    const recorder = new WindowRecorder(schedule, this.accounts.length);
    const startMs = order.startAtMs - performance.timeOrigin;
    const result = await runOpenLoop(transactions, schedule, startMs, this.settlement, (each) => recorder.record(each));
    return { type: 'measured', tally: recorder.finish(result) };
  }

  #prepare({ mode, schedule: spec }: Extract<GeneratorOrder, { type: 'prepare' }>): GeneratorAnswer {
    const schedule = makeSchedule(spec);
    const cpu = process.cpuUsage();
    const transactions = this.preparer.prepare(mode, schedule.count, this.accounts, this.mix);
    const { user, system } = process.cpuUsage(cpu);
    this.prepared = { transactions, schedule };
    const bytes = transactions.reduce((sum, transaction) => sum + transaction.bytes.length, 0);
    return { type: 'prepared', transactions: transactions.length, cpuUs: user + system, bytes };
  }

  async #idle({ payments, boundMs }: Extract<GeneratorOrder, { type: 'idle' }>): Promise<GeneratorAnswer> {
    const transactions = this.preparer.prepare('single', payments, this.accounts, this.mix);
    // All of it is the window; the rate means nothing.
    const schedule = makeSchedule({ perSecond: 1, warmUpSeconds: 0, seconds: boundMs, shares: 1, share: 0 });
    const recorder = new WindowRecorder(schedule, this.accounts.length);
    const startMs = performance.now();
    const now = (): number => performance.now() - startMs;
    for (const transaction of transactions) {
      const dueMs = now();
      if (dueMs > boundMs) break;
      await this.settlement.settle([transaction], performance.now() + IDLE_TIMEOUT_MS, (_, settled) => {
        recorder.record({ transaction, settled, dueMs, endMs: now() });
      });
    }
    return { type: 'measured', tally: recorder.finish({ durationMs: now(), senderLagMs: 0 }) };
  }
}
