import type { CommitResult, IncludedTransaction } from '../../../node/execution/types.js';
import { DEFAULT_GATE_LIMITS } from '../../../node/mempool/admissionGate.js';
import type { ChainRules } from '../../../node/mempool/admissionRules.js';
import { type MempoolOptions, TransactionMempool } from '../../../node/mempool/mempool.js';
import { referenceKey } from '../../../node/mempool/pendingEntry.js';
import type { SignatureCheck, SignatureVerifier } from '../../../node/signatures/types.js';
import { toHex } from '../../../primitives/bytes.js';
import type { CodedError } from '../../../primitives/errors.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { transactionHasher, transactionLeaf } from '../../../primitives/transaction.js';
import type { DecodedTransaction, TransactionBody } from '../../../primitives/types.js';
import { CountingMetrics } from '../network/testPeer.js';
import {
  type Bank,
  CHAIN_ID,
  commitResult,
  GENESIS_HASH,
  included,
  LIVE_RULES,
  QUOTA_WINDOW_MS,
  START_MS,
  WINDOW_MS,
} from './bank.js';

export const RULES: ChainRules = {
  chainId: CHAIN_ID,
  referenceWindowMs: WINDOW_MS,
  ...LIVE_RULES,
  quotaWindowMs: QUOTA_WINDOW_MS,
};

/** Answers in a later turn: for real, or by the first byte of a pretended signature. `beforeAnswer` holds it up. */
export class TestVerifier implements SignatureVerifier {
  readonly asked: { readonly checks: number; readonly priority: string }[] = [];
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  failure: CodedError | undefined;

  constructor(private readonly isReal: boolean) {}

  async verifyMany(checks: readonly SignatureCheck[], priority = 'normal'): Promise<readonly boolean[]> {
    this.asked.push({ checks: checks.length, priority });
    await this.beforeAnswer();
    if (this.failure !== undefined) throw this.failure;
    return checks.map(({ signature, digest, publicKey }) =>
      this.isReal ? nobleBackend.verify(signature, digest, publicKey) : signature[0] !== 255,
    );
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** A mempool with everything around it that a node would give. */
export class TestMempool {
  readonly metrics = new CountingMetrics();
  readonly verifier: TestVerifier;
  readonly relayed: Uint8Array[] = [];
  readonly pending: boolean[] = [];
  readonly relayerFaults: string[] = [];
  /** References of the chain, as the executor would know them. */
  readonly owners = new Map<string, Uint8Array>();
  readonly mempool: TransactionMempool;
  /** What governance has changed. */
  parameters: Partial<CommitResult['head']['parameters']> = {};
  questions = 0;
  /** Calls that relayed something. */
  relays = 0;
  hasSpace = true;
  nowMs = START_MS;
  beforeOwnerAnswer: () => Promise<void> = () => Promise.resolve();

  constructor(
    readonly banks: readonly Bank[],
    options: Partial<MempoolOptions> & { readonly realSignatures?: boolean } = {},
  ) {
    this.verifier = new TestVerifier(options.realSignatures ?? false);
    this.mempool = new TransactionMempool(
      {
        rules: RULES,
        limits: { maxTransactions: 1_000, maxBytes: 10_000_000 },
        admissions: DEFAULT_GATE_LIMITS,
        fingerprintSeed: 7,
        ...options,
      },
      {
        verifier: this.verifier,
        hasher: transactionHasher(GENESIS_HASH),
        metrics: this.metrics,
        nowMs: () => this.nowMs,
        referenceOwners: async (references) => {
          this.questions += references.length;
          const owners = references.map(({ sender, reference }) => this.owners.get(referenceKey(sender, reference)));
          await this.beforeOwnerAnswer();
          return owners;
        },
        onPending: (hasPending) => this.pending.push(hasPending),
        relay: (transactions) => {
          this.relays++;
          this.relayed.push(...transactions);
        },
        hasSpace: () => this.hasSpace,
        onRelayerFault: (peerId, { code }) => this.relayerFaults.push(`${peerId} ${code}`),
      },
    );
    const keys = banks.flatMap((bank) => bank.directoryKeys());
    this.mempool.onCommitted(
      commitResult(START_MS, [], { keys, accounts: banks.map((bank) => bank.directoryAccount()) }),
    );
  }

  /** Commits a block with these transactions, as the executor would. */
  commit(bodies: readonly TransactionBody[], timestamp = this.nowMs): void {
    const transactions = bodies.map(included);
    this.commitIncluded(transactions, timestamp);
  }

  /** The same, with what each of them used. */
  commitIncluded(transactions: readonly IncludedTransaction[], timestamp = this.nowMs): void {
    for (const { sender, reference, id } of transactions) this.owners.set(referenceKey(sender, reference), id);
    const result = commitResult(timestamp, transactions);
    const head = { ...result.head, parameters: { ...result.head.parameters, ...this.parameters } };
    this.mempool.onCommitted({ ...result, head });
  }

  /** Lets a whole window pass with empty blocks, so that it needs to ask nobody about references. */
  warmUp(): void {
    this.nowMs += WINDOW_MS + 1;
    this.commit([]);
  }

  /** What became of a submission: its status, or the code of its refusal. */
  async outcome(bytes: Uint8Array): Promise<string> {
    try {
      return (await this.mempool.admit(bytes)).status;
    } catch (error) {
      return (error as CodedError).code;
    }
  }

  /** Hexadecimal ids of the candidates, in their order. */
  candidateIds(maxCount = 1_000, maxBytes = 1_000_000): string[] {
    return this.candidates(maxCount, maxBytes).map(({ id }) => toHex(id));
  }

  candidates(maxCount = 1_000, maxBytes = 1_000_000): readonly DecodedTransaction[] {
    return this.mempool.offer(maxCount, maxBytes).transactions;
  }

  /** What the mempool says of a proposed block. */
  verify(...transactions: readonly Uint8Array[]): Promise<{ code: string; message: string } | undefined> {
    return this.mempool.verifyProposed(transactions, transactions.map(transactionLeaf));
  }
}
