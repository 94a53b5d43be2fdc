import { callOf } from '../../../contracts/api/index.js';
import { cash, payments } from '../../../contracts/index.js';
import { type Hash, type Hex, toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { utf8Encode } from '../../../primitives/text.js';
import { encodeTransaction, transactionId } from '../../../primitives/transaction.js';
import type { Address, Call, SignatureBackend, TransactionBody } from '../../../primitives/types.js';
import { faultTolerance } from '../../../primitives/validator.js';
import type { FaultCounts } from './faults.js';
import type { SimulatedNode } from './node.js';
import type { Random } from './random.js';
import { CHAIN_ID, CURRENCY, type Settlement, type SimulatedKey, START_MS } from './settlement.js';
import type { VirtualTime } from './virtualTime.js';

/** What a transaction is to do, so that a checker can work out by itself what became of the money. */
export type Intent =
  | { readonly kind: 'openDay' }
  | { readonly kind: 'issue'; readonly account: Address; readonly amount: bigint; readonly reference: string }
  | {
      readonly kind: 'pay';
      readonly debtor: Address;
      readonly creditor: Address;
      readonly amount: bigint;
      readonly reference: string;
    };

/** A node's word that a transaction is final. */
export interface Acknowledgement {
  readonly node: string;
  readonly height: number;
  readonly isSuccess: boolean;
}

/** A transaction that a client sends until it is final. */
export interface Submission {
  readonly id: Hash;
  readonly bytes: Uint8Array;
  readonly intent: Intent;
  readonly expiresAtMs: number;
  /** The first word of an honest node. */
  acknowledged: Acknowledgement | undefined;
}

export interface ClientsOptions {
  readonly genesisHash: Hash;
  readonly referenceWindowMs: number;
  /** On average, between two payments. */
  readonly paymentEveryMs: number;
  /** Chance that something is sent along that must be refused. */
  readonly nonsense: number;
}

export interface ClientsModules {
  readonly settlement: Settlement;
  readonly backend: SignatureBackend;
  readonly nodes: readonly SimulatedNode[];
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: FaultCounts;
}

const RETRY_MS = 2_000;
/** One transaction in so many is urgent. */
const URGENT_EVERY = 8;
const ISSUED = 1_000_000n;
const TODAY = 20_260_105;

/** Banks' systems: they submit to f + 1 nodes, and again, until some node tells them that it is final. */
export class Clients {
  readonly submissions = new Map<Hex, Submission>();
  #isPaying = true;
  #count = 0;

  constructor(
    private readonly options: ClientsOptions,
    private readonly modules: ClientsModules,
  ) {}

  /** Those that no node has called final. */
  get unacknowledged(): readonly Submission[] {
    return [...this.submissions.values()].filter(({ acknowledged }) => acknowledged === undefined);
  }

  start(): void {
    const { central, banks } = this.modules.settlement;
    this.#send(central, { kind: 'openDay' });
    for (const { key } of banks) {
      this.#send(central, {
        kind: 'issue',
        account: key.address,
        amount: ISSUED,
        reference: `R${key.address}`.slice(0, 35),
      });
    }
    this.#payNext();
  }

  /** No new payments; what was sent is seen to its end. */
  stopPaying(): void {
    this.#isPaying = false;
  }

  /** An honest node's word. */
  hear(ids: readonly Hex[], word: (id: Hex) => Acknowledgement): void {
    for (const id of ids) {
      const submission = this.submissions.get(id);
      if (submission !== undefined) submission.acknowledged ??= word(id);
    }
  }

  #payNext(): void {
    const { time, random } = this.modules;
    time.after(random.next() * 2 * this.options.paymentEveryMs, () => {
      if (!this.#isPaying) return;
      const burst = random.chance(0.1) ? random.integer(2, 8) : 1;
      for (let i = 0; i < burst; i++) this.#pay();
      this.#payNext();
    });
  }

  #pay(): void {
    const { random, settlement } = this.modules;
    const debtor = random.pick(settlement.banks);
    const creditor = random.pick(settlement.banks);
    if (debtor === undefined || creditor === undefined) return;
    // Some are more than the account holds, or to itself: they are final, too, as refusals.
    const amount = BigInt(random.chance(0.05) ? 10_000_000 : random.integer(1, 5_000));
    const reference = `P${this.#count}`;
    this.#send(debtor.key, {
      ...{ kind: 'pay', debtor: debtor.key.address, creditor: creditor.key.address, amount },
      // A reference that another payment of the debtor has: only one of them may settle.
      reference: random.chance(0.05) ? `P${Math.max(0, this.#count - 3)}` : reference,
    });
    if (random.chance(this.options.nonsense)) this.#sendNonsense(debtor.key);
  }

  #send(key: SimulatedKey, intent: Intent): void {
    const { genesisHash, referenceWindowMs } = this.options;
    const expiresAtMs = START_MS + Math.floor(this.modules.time.nowMs) + Math.floor(referenceWindowMs / 2);
    const body: TransactionBody = {
      chainId: CHAIN_ID,
      sender: key.address,
      signers: [key.address],
      reference: utf8Encode(`tx-${this.#count++}`),
      expiresAt: expiresAtMs,
      priority: this.#count % URGENT_EVERY === 0 ? 'urgent' : 'normal',
      calls: [callFor(intent)],
    };
    const id = transactionId(body, genesisHash);
    const signature = this.modules.backend.sign(id, key.privateKey);
    const bytes = encodeTransaction({ body, signatures: [{ suite: 1, signature }] });
    const submission: Submission = { id, bytes, intent, expiresAtMs, acknowledged: undefined };
    this.submissions.set(toHex(id), submission);
    this.#submit(submission);
  }

  /** To f + 1 nodes, so that at least one of them is honest; again until it is final. */
  #submit(submission: Submission): void {
    if (submission.acknowledged !== undefined) return;
    const { nodes, random, time } = this.modules;
    const start = random.integer(0, nodes.length - 1);
    for (let i = 0; i <= faultTolerance(nodes.length); i++) {
      this.#admit(nodes[(start + i) % nodes.length], submission.bytes);
    }
    time.after(RETRY_MS * (1 + random.next()), () => this.#submit(submission));
  }

  #admit(node: SimulatedNode | undefined, bytes: Uint8Array): void {
    node?.core?.mempool.admit(bytes.slice()).catch((error: unknown) => {
      if (!isCodedError(error)) throw error;
    });
  }

  /** What no node may ever include: a changed signature, or one under a key that is not the sender's. */
  #sendNonsense(key: SimulatedKey): void {
    const { nodes, random, settlement, backend, faults, time } = this.modules;
    const { genesisHash } = this.options;
    const thief = random.pick(settlement.banks);
    const node = random.pick(nodes);
    if (thief === undefined || thief.key.address === key.address) return;
    const body: TransactionBody = {
      chainId: CHAIN_ID,
      sender: key.address,
      signers: [key.address],
      reference: utf8Encode(`no-${this.#count++}`),
      expiresAt: START_MS + Math.floor(time.nowMs) + 20_000,
      priority: 'normal',
      calls: [callOf(cash.methods.openBusinessDay, { currency: CURRENCY, day: TODAY + 1 })],
    };
    const signature = backend.sign(transactionId(body, genesisHash), thief.key.privateKey);
    faults.count('refused transaction submitted');
    this.#admit(node, encodeTransaction({ body, signatures: [{ suite: 1, signature }] }));
  }
}

function callFor(intent: Intent): Call {
  if (intent.kind === 'openDay') return callOf(cash.methods.openBusinessDay, { currency: CURRENCY, day: TODAY });
  if (intent.kind === 'issue') {
    const { account, amount, reference } = intent;
    return callOf(cash.methods.issue, { currency: CURRENCY, account, amount, reserveReference: reference });
  }
  const { debtor, creditor, amount, reference } = intent;
  return callOf(payments.methods.pay, { debtor, creditor, currency: CURRENCY, amount, reference });
}
