import { expect } from 'chai';
import { callOf, type ExecutableContract, type Json, type MethodRef } from '../../contracts/api/index.js';
import type { Rank } from '../../contracts/gridlock/input.js';
import { cash, payments, queue, standardContract } from '../../contracts/index.js';
import { MemoryLedger, type MemoryReceipt } from '../../contracts/testing/memoryLedger.js';
import type { Address, Call } from '../../primitives/types.js';
import { TODAY, TODAY_MS } from './settlementNetwork.js';

/** Banks by single letters or words, one account each, whose balances are what a test says. */

export const EUR = 'EUR';
export const ISSUER = 'CENBDEFF';
/** The central bank's account by its name. */
export const CENTRAL = 'CB';

/** The same name always has the same account. */
export function addressOf(name: string): Address {
  const hex = [...name].map((letter) => letter.charCodeAt(0).toString(16)).join('');
  return `0x${hex.padStart(40, '0')}` as Address;
}

export function nameOf(address: Address): string {
  const bytes = address.slice(2).replace(/^(00)+/, '');
  return (bytes.match(/../g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join('');
}

interface Submitted {
  readonly priority?: Rank;
  readonly expiresAt?: number;
  readonly reference?: string;
  readonly endToEndId?: string;
}

export class QueueNetwork {
  readonly ledger: MemoryLedger;
  readonly suspended = new Set<string>();
  readonly codesSeen = new Set<string>();
  timestamp = TODAY_MS;
  day = TODAY;
  #references = 0;

  /** @param others contracts beside cash, payments and the queue, or in their place */
  constructor(balances: Readonly<Record<string, number | bigint>>, others: readonly ExecutableContract[] = []) {
    const contracts = new Map([cash, payments, queue, ...others].map((each) => [each.name, each]));
    this.ledger = new MemoryLedger({
      contracts: [...contracts.values()],
      directory: () => ({
        account: (account) => this.#viewOf(account),
        authorises: (account, signers) => signers.includes(account),
        pausedUntil: () => 0,
      }),
    });
    const genesis = callOf(cash.methods.genesisCurrency, { currency: EUR, decimals: 2, issuer: ISSUER });
    expect(this.ledger.run({ calls: [genesis], height: 0 }).failure).to.equal(undefined);
    this.ok(CENTRAL, callOf(cash.methods.openBusinessDay, { currency: EUR, day: this.day }));
    for (const [name, amount] of Object.entries(balances)) this.issue(name, BigInt(amount));
  }

  issue(name: string, amount: bigint): void {
    if (amount === 0n) return;
    const reserveReference = this.#newReference();
    const account = addressOf(name);
    this.ok(CENTRAL, callOf(cash.methods.issue, { currency: EUR, account, amount, reserveReference }));
  }

  closeDay(): void {
    this.ok(CENTRAL, callOf(cash.methods.closeBusinessDay, { currency: EUR }));
  }

  openNextDay(): void {
    this.day += 1;
    this.ok(CENTRAL, callOf(cash.methods.openBusinessDay, { currency: EUR, day: this.day }));
  }

  run(sender: string, call: Call | readonly Call[], signers: readonly string[] = [sender]): MemoryReceipt {
    const { timestamp } = this;
    const calls = Array.isArray(call) ? (call as readonly Call[]) : [call as Call];
    return this.ledger.run({
      ...{ sender: addressOf(sender), signers: signers.map(addressOf), calls, height: 7, timestamp },
    });
  }

  ok(sender: string, call: Call | readonly Call[]): MemoryReceipt {
    const receipt = this.run(sender, call);
    expect(receipt.failure, `${receipt.failure?.failedCall}: ${receipt.failure?.message}`).to.equal(undefined);
    return receipt;
  }

  /** Runs a call that must fail, and sees that nothing of it remains. @returns its code */
  refused(sender: string, call: Call): string {
    const before = this.ledger.snapshot();
    const { failure } = this.run(sender, call);
    expect(failure, 'expected a refusal').not.to.equal(undefined);
    expect(this.ledger.snapshot()).to.deep.equal(before);
    const { code = '', failedCall = '' } = failure ?? {};
    this.codesSeen.add(`${failedCall.split('.')[0]}.${code}`);
    return code;
  }

  /** What a method that writes gives. */
  result<A, T>(sender: string, method: MethodRef<A, T, 'tx'>, args: A): T {
    const { results } = this.ok(sender, callOf(method, args));
    return (method.returns as NonNullable<typeof method.returns>).decode(results[0] ?? new Uint8Array());
  }

  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T {
    const { timestamp } = this;
    const result = this.ledger.view(callOf(method, args), { height: 7, timestamp });
    return (method.returns as NonNullable<typeof method.returns>).decode(result);
  }

  /** `A B 100`, under a new reference unless told. */
  submission(text: string, options: Submitted = {}) {
    const [debtor = '', creditor = '', amount = ''] = text.split(' ');
    const reference = options.reference ?? this.#newReference();
    const parties = { debtor: addressOf(debtor), creditor: addressOf(creditor), currency: EUR };
    return { ...parties, amount: BigInt(amount), ...options, reference };
  }

  /** Submits it. @returns `settled`, or the id under which it waits */
  submit(text: string, options: Submitted = {}): 'settled' | number {
    const sender = text.split(' ')[0] ?? '';
    const { status, id } = this.result(sender, queue.methods.submit, this.submission(text, options));
    return status === 'settled' || id === undefined ? 'settled' : id;
  }

  balance(name: string): bigint {
    return this.view(cash.methods.balance, { currency: EUR, account: addressOf(name) });
  }

  balances(...names: readonly string[]): readonly bigint[] {
    return names.map((name) => this.balance(name));
  }

  position(name: string) {
    return this.view(queue.methods.position, { currency: EUR, account: addressOf(name) });
  }

  statusOf(id: number): string | undefined {
    return this.view(queue.methods.item, { currency: EUR, id })?.status;
  }

  why(id: number) {
    return this.view(queue.methods.why, { currency: EUR, id });
  }

  resolve(
    options: { readonly stages?: 'fifo' | 'all'; readonly maxPayments?: number; readonly searchSteps?: number } = {},
  ) {
    return this.result(CENTRAL, queue.methods.resolve, { currency: EUR, ...options });
  }

  /** Everything that waits, by pages. */
  waiting(limit = 1_000) {
    const list = (after?: { readonly priority: Rank; readonly id: number }) =>
      this.view(queue.methods.list, { currency: EUR, limit, after });
    const pages = [list()];
    for (let next = pages[0]?.next; next !== undefined; ) {
      const page = list(next);
      pages.push(page);
      next = page.next;
    }
    return pages.flatMap((page) => page.payments);
  }

  /** Codes that the contract declares and no refusal has had yet. */
  missingCodes(contract: string): readonly string[] {
    const declared = Object.keys(standardContract(contract).abi().errors);
    return declared.filter((code) => !this.codesSeen.has(`${contract}.${code}`));
  }

  #newReference(): string {
    this.#references += 1;
    return `R-${this.#references}`;
  }

  #viewOf(account: Address) {
    const name = nameOf(account);
    if (name.startsWith('?')) return undefined;
    const [member, roles] =
      name === CENTRAL
        ? [ISSUER, ['centralBank']]
        : [`BANKDE${name.slice(-2).padStart(2, 'X')}`, name.startsWith('OP') ? ['operator'] : ['bank']];
    return { account, member, roles, active: !this.suspended.has(name) };
  }
}

/** Events of the queue by their names, as JSON. */
export function queueEvents(receipt: MemoryReceipt): readonly (readonly [string, Json])[] {
  return receipt.events
    .filter(({ contract }) => contract === 'queue')
    .map(({ name, data }) => [name, queue.codec.decodeEvent(name, data)] as const);
}
