import type { Address } from '../../primitives/types.js';
import type { QueueView, Waiting } from './declaration.js';
import { QUEUE_LIMITS } from './records.js';

/** A payment for which there may be room at the end, and the normal payment that stood before it. */
interface Deferred {
  readonly waiting: Waiting;
  readonly behind: number | undefined;
}

/** What a window has no room for. */
export interface LeftOut {
  readonly any: boolean;
  /** The normal payment behind which the first normal one stands for which a later window may have room. */
  readonly normalBehind: number | undefined;
}

/**
 * The room of a window. No debtor takes more than a share of it, nor brings in more than a share of its accounts, before every
 * other has had its turn: what is over goes to the payments that were put off. Of a debtor nothing is taken behind a payment
 * that was not.
 */
export class Room {
  readonly payments: Waiting[] = [];
  readonly stale: Waiting[] = [];
  readonly #ctx: QueueView;
  readonly #maxPayments: number;
  readonly #share: number;
  readonly #deferred: Deferred[] = [];
  readonly #deferredDebtors = new Set<Address>();
  readonly #accounts = new Set<Address>();
  readonly #isActive = new Map<Address, boolean>();
  /** Of each debtor, above normal and normal apart: a bank's urgent payments do not use up the turn of its normal ones. */
  readonly #taken = { above: new Map<Address, number>(), normal: new Map<Address, number>() };
  readonly #broughtIn = new Map<Address, number>();

  constructor(ctx: QueueView, maxPayments: number) {
    this.#ctx = ctx;
    this.#maxPayments = maxPayments;
    const { least, part } = QUEUE_LIMITS.windowShare;
    this.#share = Math.max(least, Math.floor(maxPayments / part));
  }

  get left(): number {
    return this.#maxPayments - this.payments.length - this.stale.length;
  }

  /** Offers the next payment in the order of the queue. One that is held, or of a suspended account, takes up no room. */
  offer(waiting: Waiting, behind: number | undefined, isStale: boolean): void {
    const { debtor, creditor, isHeld } = waiting;
    if (isStale) this.stale.push(waiting);
    else if (isHeld || !this.#mayTakePart(debtor) || !this.#mayTakePart(creditor)) return;
    else if (!this.#deferredDebtors.has(debtor) && this.#isWithinShares(waiting)) this.#take(waiting);
    else {
      this.#deferredDebtors.add(debtor);
      this.#deferred.push({ waiting, behind });
    }
  }

  /** Takes what there is room for of what was put off. */
  takeDeferred(): LeftOut {
    const shut = new Set<Address>();
    const shutAbove = new Set<Address>();
    const behinds: (number | undefined)[] = [];
    for (const { waiting, behind } of this.#deferred) {
      const { debtor, priority } = waiting;
      if (!shut.has(debtor) && this.left > 0 && this.#fits(waiting)) {
        this.#take(waiting);
        continue;
      }
      shut.add(debtor);
      if (priority !== 'normal') shutAbove.add(debtor);
      else if (!shutAbove.has(debtor)) behinds.push(behind);
    }
    return { any: shut.size > 0, normalBehind: behinds[0] };
  }

  #mayTakePart(account: Address): boolean {
    const known = this.#isActive.get(account);
    if (known !== undefined) return known;
    const isActive = this.#ctx.account(account)?.active === true;
    this.#isActive.set(account, isActive);
    return isActive;
  }

  #isWithinShares(waiting: Waiting): boolean {
    const { debtor } = waiting;
    if ((this.#takenOf(waiting).get(debtor) ?? 0) >= this.#share) return false;
    const brought = (this.#broughtIn.get(debtor) ?? 0) + this.#newAccounts(waiting);
    return this.#fits(waiting) && brought <= QUEUE_LIMITS.accountsOfDebtor;
  }

  #takenOf({ priority }: Waiting): Map<Address, number> {
    return priority === 'normal' ? this.#taken.normal : this.#taken.above;
  }

  #newAccounts({ debtor, creditor }: Waiting): number {
    return (this.#accounts.has(debtor) ? 0 : 1) + (this.#accounts.has(creditor) ? 0 : 1);
  }

  #fits(waiting: Waiting): boolean {
    return this.#accounts.size + this.#newAccounts(waiting) <= QUEUE_LIMITS.accounts;
  }

  #take(waiting: Waiting): void {
    const { debtor, creditor } = waiting;
    const taken = this.#takenOf(waiting);
    taken.set(debtor, (taken.get(debtor) ?? 0) + 1);
    this.#broughtIn.set(debtor, (this.#broughtIn.get(debtor) ?? 0) + this.#newAccounts(waiting));
    this.#accounts.add(debtor);
    this.#accounts.add(creditor);
    this.payments.push(waiting);
  }
}
