import type { Address } from '../../../primitives/types.js';
import type { Intent } from '../world/clients.js';

/**
 * The books of a world, kept by other code than the contracts': what each transaction of the chain, in its order, must
 * have done to the money.
 */
export class Books {
  readonly balances = new Map<Address, bigint>();
  issued = 0n;
  #isOpen = false;
  readonly #used = new Set<string>();

  constructor(accounts: readonly Address[]) {
    for (const account of accounts) this.balances.set(account, 0n);
  }

  /** @returns whether it succeeds */
  settle(intent: Intent): boolean {
    if (intent.kind === 'openDay') {
      const isNew = !this.#isOpen;
      this.#isOpen = true;
      return isNew;
    }
    if (!this.#useOnce(intent)) return false;
    if (intent.kind === 'issue') this.issued += intent.amount;
    else this.#add(intent.debtor, -intent.amount);
    this.#add(intent.kind === 'issue' ? intent.account : intent.creditor, intent.amount);
    return true;
  }

  /** A reference is used up by a success only. */
  #useOnce(intent: Exclude<Intent, { kind: 'openDay' }>): boolean {
    const key = intent.kind === 'issue' ? `issue ${intent.reference}` : `${intent.debtor} ${intent.reference}`;
    if (this.#used.has(key) || !this.#isSettleable(intent)) return false;
    this.#used.add(key);
    return true;
  }

  #isSettleable(intent: Exclude<Intent, { kind: 'openDay' }>): boolean {
    if (intent.kind === 'issue') return intent.amount > 0n && this.balances.has(intent.account);
    const { debtor, creditor, amount } = intent;
    const isPossible = this.#isOpen && amount > 0n && debtor !== creditor && this.balances.has(creditor);
    return isPossible && amount <= (this.balances.get(debtor) ?? 0n);
  }

  #add(account: Address, amount: bigint): void {
    this.balances.set(account, (this.balances.get(account) ?? 0n) + amount);
  }
}
