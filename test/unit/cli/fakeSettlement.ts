import type { SettlementSession } from '../../../cli/payments/settlementSession.js';
import { VostroClient } from '../../../client/client.js';
import { NodeError } from '../../../client/errors.js';
import type { FinalTransaction, TransactionOutcome } from '../../../client/outcomes.js';
import type { SignedTransaction } from '../../../client/transactions.js';
import { payments } from '../../../contracts/payments/payments.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import { type Hex, toHex } from '../../../primitives/bytes.js';
import { outcomesRoot } from '../../../primitives/receipt.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { decodeTransaction } from '../../../primitives/transaction.js';
import type { Call, Outcome, TransactionPriority } from '../../../primitives/types.js';

interface Entry {
  readonly bytes: Uint8Array;
  readonly final: FinalTransaction;
  readonly outcomes: readonly Outcome[];
}

const GENESIS_HASH = new Uint8Array(32).fill(5);

/** One debtor's chain in memory: references, business references and a balance, and a node that may lie about them. */
export class FakeSettlement {
  readonly signer = new LocalSigner(new Uint8Array(32).fill(1), nobleBackend);
  /** Business references that were paid, in order. */
  readonly paid: string[] = [];
  available = 1_000n;
  /** Transactions that the node answers nothing about. */
  silent = false;
  /** Another original than the true one, named in every conflict. */
  liesAboutOriginal: Hex | undefined;
  /** Outcomes that the node tells in place of the true ones. */
  liesAboutOutcomes: readonly Outcome[] | undefined;
  readonly #entries = new Map<Hex, Entry>();
  readonly #byReference = new Map<Hex, Hex>();
  #nowMs = 1_767_225_600_000;
  readonly session: SettlementSession;

  constructor() {
    const real = new VostroClient(
      {
        urls: ['http://127.0.0.1:1'],
        trust: { chainId: 'test-1', genesisHash: GENESIS_HASH, validators: [] },
        submitTo: 1,
      },
      // A later run is later: in one millisecond it would make the same transaction again.
      { now: () => ++this.#nowMs },
    );
    this.session = {
      settings: { timeoutMs: 1_000 },
      network: { genesisHash: GENESIS_HASH },
      keyring: { signersOf: async () => [this.signer] },
      client: {
        buildTransaction: (request) => real.buildTransaction(request),
        sign: (body, signers) => real.sign(body, signers),
        submitAndWaitMany: async (transactions, options) => {
          const outcomes = transactions.map((transaction) => this.#submit(transaction));
          options?.onFinal?.(outcomes.flatMap((outcome) => (outcome.status === 'final' ? [outcome.final] : [])));
          return outcomes;
        },
        waitMany: async (ids) => new Map(ids.flatMap((id) => this.#finalOf(id))),
        call: ((method: string, params: { readonly id: Hex }) => this.#call(method, params.id)) as VostroClient['call'],
      },
    };
  }

  /** Of each transaction that was taken in, in their order. */
  get priorities(): readonly TransactionPriority[] {
    return [...this.#entries.values()].map(({ bytes }) => decodeTransaction(bytes, GENESIS_HASH).body.priority);
  }

  get transactions(): number {
    return this.#entries.size;
  }

  #finalOf(id: Hex): readonly (readonly [Hex, FinalTransaction])[] {
    const entry = this.#entries.get(id);
    return entry === undefined ? [] : [[id, entry.final]];
  }

  async #call(method: string, id: Hex): Promise<unknown> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new NodeError('fake', 'TRANSACTION_NOT_FOUND', 'not here', {});
    if (method === 'outcomes') return { outcomes: this.liesAboutOutcomes ?? entry.outcomes };
    return { bytes: toHex(entry.bytes) };
  }

  #submit({ id, bytes }: SignedTransaction): TransactionOutcome {
    if (this.silent) return { status: 'unknown', id, error: undefined };
    const { body } = decodeTransaction(bytes, GENESIS_HASH);
    const known = this.#entries.get(id);
    if (known !== undefined) return { status: 'final', id, final: known.final };
    const original = this.#byReference.get(toHex(body.reference));
    if (original !== undefined) {
      const details = { originalId: this.liesAboutOriginal ?? original };
      return { status: 'rejected', id, error: new NodeError('fake', 'REFERENCE_CONFLICT', 'held by another', details) };
    }
    const entry = this.#execute(id, bytes, body.calls[0] as Call);
    this.#entries.set(id, entry);
    this.#byReference.set(toHex(body.reference), id);
    return { status: 'final', id, final: entry.final };
  }

  #execute(id: Hex, bytes: Uint8Array, call: Call): Entry {
    const isBatch = call.method === 'payBatch';
    const rows = isBatch
      ? payments.methods.payBatch.args.decode(call.args).payments
      : [payments.methods.pay.args.decode(call.args)];
    const outcomes = rows.map(({ reference, amount }) => ({ reference, code: this.#pay(reference, amount) }));
    const code = isBatch ? '' : (outcomes[0]?.code ?? '');
    const height = this.#entries.size + 1;
    const receipt = {
      transactionId: new Uint8Array(32),
      success: code === '',
      code,
      failedCall: code === '' ? '' : 'payments.pay',
      errorData: new Uint8Array(0),
      fuelUsed: 0,
      events: [],
      results: [],
      outcomesRoot: outcomesRoot(outcomes),
      outcomeCount: outcomes.length,
    };
    const final = { id, height, index: 0, blockHash: id, timestamp: 0, success: code === '', code, receipt };
    return { bytes, outcomes, final };
  }

  #pay(reference: string, amount: bigint): string {
    if (this.paid.includes(reference)) return 'BUSINESS_REFERENCE_USED';
    if (amount > this.available) return 'INSUFFICIENT_FUNDS';
    this.available -= amount;
    this.paid.push(reference);
    return '';
  }
}
