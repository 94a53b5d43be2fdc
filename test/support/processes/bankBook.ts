import type { VostroClient } from '../../../client/client.js';
import type { FinalTransaction } from '../../../client/outcomes.js';
import type { SignedTransaction } from '../../../client/transactions.js';
import { callOf } from '../../../contracts/api/method.js';
import { cash } from '../../../contracts/cash/cash.js';
import { payments } from '../../../contracts/payments/payments.js';
import type { LocalSigner } from '../../../node/keys/localSigner.js';
import { invariant } from '../../../primitives/errors.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import type { Member, ProcessNetwork } from './processNetwork.js';

const CURRENCY = 'EUR';
const CENTRAL_BANK = 'CBVODEFF';
export const OPENING_BALANCE = 1_000_000n;

/** The keys of all banks, and what each must own by the payments that were final. */
export class BankBook {
  readonly expected = new Map<Address, bigint>();
  /** Of every payment that was submitted and became final. */
  readonly final = new Map<string, FinalTransaction>();

  private constructor(
    readonly client: VostroClient,
    private readonly signers: ReadonlyMap<string, LocalSigner>,
  ) {}

  /** Opens the business day and gives every bank its opening balance. */
  static async open(network: ProcessNetwork): Promise<BankBook> {
    const bics = network.members.map(({ node }) => node.member.bic);
    const signers = await Promise.all(bics.map(async (bic) => [bic, await network.signer(bic)] as const));
    const book = new BankBook(network.client(network.validators), new Map(signers));
    await book.mustSettle(callOf(cash.methods.openBusinessDay, { currency: CURRENCY, day: today() }));
    for (const bic of book.banks) {
      const account = book.account(bic);
      const movement = { currency: CURRENCY, account, amount: OPENING_BALANCE, reserveReference: `OPEN-${bic}` };
      await book.mustSettle(callOf(cash.methods.issue, movement));
      book.expected.set(account, OPENING_BALANCE);
    }
    return book;
  }

  get banks(): readonly string[] {
    return [...this.signers.keys()].filter((bic) => bic !== CENTRAL_BANK);
  }

  account(bic: string): Address {
    return this.signer(bic).address;
  }

  signer(bic: string): LocalSigner {
    const signer = this.signers.get(bic);
    invariant(signer !== undefined, 'the book has this bank', { expected: bic });
    return signer;
  }

  /** A signed payment; its business reference is its transaction's reference, too. */
  sign(from: string, to: string, amount: bigint, reference: string): Promise<SignedTransaction> {
    const payment = { debtor: this.account(from), creditor: this.account(to), amount, reference };
    return this.signCall(from, callOf(payments.methods.pay, { currency: CURRENCY, ...payment }), reference);
  }

  /** Submits until it is final, which must be a success, and books it. */
  async pay(from: string, to: string, amount: bigint, reference: string): Promise<FinalTransaction> {
    const final = await this.client.submitAndWait(await this.sign(from, to, amount, reference));
    this.book(from, to, amount, final);
    return final;
  }

  /** Notes a payment that became final. */
  book(from: string, to: string, amount: bigint, final: FinalTransaction): void {
    invariant(final.success && !this.final.has(final.id), 'a payment succeeds, once', { actual: final.code });
    this.final.set(final.id, final);
    this.expected.set(this.account(from), (this.expected.get(this.account(from)) ?? 0n) - amount);
    this.expected.set(this.account(to), (this.expected.get(this.account(to)) ?? 0n) + amount);
  }

  /** What a node says that each account owns. */
  async balances(client: VostroClient): Promise<ReadonlyMap<Address, bigint>> {
    const found = new Map<Address, bigint>();
    for (const bic of this.banks) {
      const account = this.account(bic);
      found.set(account, await client.read(cash.methods.balance, { currency: CURRENCY, account }));
    }
    return found;
  }

  /** What a node says that the central bank has outstanding. */
  async outstanding(client: VostroClient): Promise<bigint> {
    const { issued, redeemed } = await client.read(cash.methods.supply, { currency: CURRENCY });
    return issued - redeemed;
  }

  /** Settles any call for a member's settlement account, which must succeed. */
  async settle(sender: string, call: Call): Promise<FinalTransaction> {
    const final = await this.client.submitAndWait(await this.signCall(sender, call));
    invariant(final.success, 'the call succeeds', { actual: final.code });
    return final;
  }

  private async mustSettle(call: Call): Promise<void> {
    await this.settle(CENTRAL_BANK, call);
  }

  private signCall(sender: string, call: Call, reference?: string): Promise<SignedTransaction> {
    const signer = this.signer(sender);
    const { address } = signer;
    const named = reference === undefined ? {} : { reference: utf8Encode(reference) };
    const body = this.client.buildTransaction({ sender: address, signers: [address], calls: [call], ...named });
    return this.client.sign(body, [signer]);
  }
}

/** Pays round and round among the banks, so many at once, until it is told to stop. */
export class PaymentFlow {
  private readonly runners: Promise<void>[];
  private sent = 0;
  private stopped = false;

  constructor(
    private readonly book: BankBook,
    private readonly name: string,
    concurrency = 4,
  ) {
    this.runners = Array.from({ length: concurrency }, () => this.run());
    // A failure while nobody waits yet is not lost: `stop` throws it.
    for (const runner of this.runners) runner.catch(() => undefined);
  }

  /** Payments that were final so far. */
  get settled(): number {
    return this.book.final.size;
  }

  /** Lets what is under way become final. @throws what any payment failed with */
  async stop(): Promise<number> {
    this.stopped = true;
    const results = await Promise.allSettled(this.runners);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return this.sent;
  }

  private async run(): Promise<void> {
    const { banks } = this.book;
    while (!this.stopped) {
      const number = this.sent++;
      const from = banks[number % banks.length] as string;
      const to = banks[(number + 1 + (number % (banks.length - 1))) % banks.length] as string;
      await this.book.pay(from, to, BigInt(1 + (number % 7)), `${this.name}-${number}`);
    }
  }
}

/** Ids of every transaction on a node's chain, in their order, a transaction twice where it stands twice. */
export async function idsOnChain(client: VostroClient, height: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let at = 1; at <= height; at++) {
    let cursor: string | undefined;
    do {
      const page = await client.call(
        'blockTransactions',
        cursor === undefined ? { height: at } : { height: at, cursor },
      );
      ids.push(...page.ids);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
  return ids;
}

/** Where a node stands. */
export async function heightOf(client: VostroClient): Promise<number> {
  return (await client.call('status', {})).height;
}

/** A client that believes this member alone, to see what it alone says. */
export function onlyOf(network: ProcessNetwork, member: Member): VostroClient {
  return network.client([member]);
}

function today(): number {
  return Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''));
}
