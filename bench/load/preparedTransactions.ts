import { callOf, type MethodRef } from '../../contracts/api/method.js';
import { payments } from '../../contracts/index.js';
import { type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import type { PairHasher } from '../../primitives/merkle.js';
import { outcomesRoot } from '../../primitives/receipt.js';
import { SUITE_SECP256K1 } from '../../primitives/suite.js';
import { utf8Encode } from '../../primitives/text.js';
import { encodeTransaction, transactionId } from '../../primitives/transaction.js';
import type { Call, SignatureBackend, TransactionBody } from '../../primitives/types.js';
import type { LoadAccount } from '../network/accounts.js';
import type { LoadMode } from '../options.js';
import { AccountMix } from './mix.js';

export const CURRENCY = 'EUR';
/** Of every payment, in minor units: what is measured does not depend on it. */
export const AMOUNT = 1n;
/** Far enough that no transaction of a window expires while it waits, and within the network's window of references. */
const TTL_MS = 300_000;
const SEED = 7;

/** A signed transaction in the form in which it is sent, and what it must do. */
export interface PreparedTransaction {
  readonly id: Hex;
  readonly bytes: Uint8Array;
  /** Positions of the accounts that each payment credits, and of the one that it debits; none for a set-up call. */
  readonly creditors: readonly number[];
  readonly debtor: number | undefined;
  /** Of a batch in which every payment settles: a receipt with this root proves the outcome of each. */
  readonly outcomesRoot: Hash | undefined;
}

export interface PreparerOptions {
  readonly chainId: string;
  readonly genesisHash: Hash;
  readonly batchSize: number;
  /** The only one of its name on a network: references carry it. */
  readonly name?: string;
}

export interface PreparerModules {
  readonly backend: SignatureBackend;
  readonly hasher: PairHasher;
  readonly nowMs: () => number;
}

/** Signs transactions before a window begins. References are unique over the network's life. */
export class TransactionPreparer {
  #uniform: AccountMix | undefined;
  #next = 0;

  constructor(
    private readonly options: PreparerOptions,
    private readonly modules: PreparerModules,
  ) {}

  /** So many transactions of the mode, between accounts as the mix has them: all alike unless told. */
  prepare(mode: LoadMode, count: number, accounts: readonly LoadAccount[], given?: AccountMix): PreparedTransaction[] {
    this.#uniform ??= new AccountMix('uniform', accounts.length, SEED);
    const mix = given ?? this.#uniform;
    const make = mode === 'single' ? () => this.#single(accounts, mix) : () => this.#batch(accounts, mix);
    return Array.from({ length: count }, make);
  }

  /** A call of an account that signs alone. */
  call<A, T>(sender: LoadAccount, method: MethodRef<A, T, 'tx'>, args: A): PreparedTransaction {
    return this.calls(sender, [callOf(method, args)]);
  }

  /** Several calls of an account that signs alone. */
  calls(sender: LoadAccount, calls: readonly Call[]): PreparedTransaction {
    return this.#sign(sender, calls, { creditors: [], debtor: undefined, outcomesRoot: undefined });
  }

  #single(accounts: readonly LoadAccount[], mix: AccountMix): PreparedTransaction {
    const { debtor, creditor } = mix.pair();
    const [from, to] = [accounts[debtor] as LoadAccount, accounts[creditor] as LoadAccount];
    const call = callOf(payments.methods.pay, {
      debtor: from.address,
      creditor: to.address,
      currency: CURRENCY,
      amount: AMOUNT,
      reference: `${this.options.name ?? 'P'}-${this.#next}`,
    });
    return this.#sign(from, [call], { creditors: [creditor], debtor, outcomesRoot: undefined });
  }

  #batch(accounts: readonly LoadAccount[], mix: AccountMix): PreparedTransaction {
    const debtor = mix.debtor();
    const from = accounts[debtor] as LoadAccount;
    const creditors = Array.from({ length: this.options.batchSize }, () => mix.creditorOf(debtor));
    const rows = creditors.map((creditor, index) => ({
      creditor: (accounts[creditor] as LoadAccount).address,
      amount: AMOUNT,
      reference: `${this.options.name ?? 'B'}-${this.#next}-${index}`,
    }));
    const call = callOf(payments.methods.payBatch, {
      debtor: from.address,
      currency: CURRENCY,
      mode: 'each',
      payments: rows,
    });
    const outcomes = rows.map(({ reference }) => ({ reference, code: '' }));
    const root = outcomesRoot(outcomes, this.modules.hasher);
    return this.#sign(from, [call], { creditors, debtor, outcomesRoot: root });
  }

  #sign(
    sender: LoadAccount,
    calls: readonly Call[],
    effect: Omit<PreparedTransaction, 'id' | 'bytes'>,
  ): PreparedTransaction {
    const { backend, nowMs } = this.modules;
    const body: TransactionBody = {
      chainId: this.options.chainId,
      sender: sender.address,
      signers: [sender.address],
      reference: utf8Encode(`${this.options.name ?? 'bench'}-${this.#next++}`),
      expiresAt: nowMs() + TTL_MS,
      priority: 'normal',
      calls,
    };
    const id = transactionId(body, this.options.genesisHash);
    const signature = backend.sign(id, sender.privateKey);
    const bytes = encodeTransaction({ body, signatures: [{ suite: SUITE_SECP256K1, signature }] });
    return { id: toHex(id), bytes, ...effect };
  }
}
