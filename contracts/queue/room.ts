import type { Address } from '../../primitives/types.js';
import type { QueueView, Waiting } from './declaration.js';
import type { Positions } from './positions.js';
import { QUEUE_LIMITS } from './records.js';

/** A payment for which there may be room at the end, and the normal payment that stood before it. */
interface Deferred {
  readonly waiting: Waiting;
  /** The debtor's. */
  readonly member: string;
  readonly behind: number | undefined;
}

/** What a window has no room for. */
export interface LeftOut {
  readonly any: boolean;
  /** The normal payment behind which the first normal one stands for which a later window may have room. */
  readonly normalBehind: number | undefined;
}

/**
 * The room of a window. No member takes more than a share of it, nor brings in more than a share of its accounts, before every
 * other has had its turn, however many accounts it has: what is over goes to the payments that were put off. Of a debtor nothing is
 * taken behind a payment that was not.
 */
export class Room {
  readonly payments: Waiting[] = [];
  readonly stale: Waiting[] = [];
  readonly #ctx: QueueView;
  readonly #positions: Positions;
  readonly #maxPayments: number;
  readonly #share: number;
  readonly #deferred: Deferred[] = [];
  readonly #deferredDebtors = new Set<Address>();
  readonly #accounts = new Set<Address>();
  /** Members of the accounts that may take part; none for those that may not. */
  readonly #memberOf = new Map<Address, string | undefined>();
  /** Of each member, above normal and normal apart: a bank's urgent payments do not use up the turn of its normal ones. */
  readonly #taken = { above: new Map<string, number>(), normal: new Map<string, number>() };
  readonly #broughtIn = new Map<string, number>();

  constructor(ctx: QueueView, positions: Positions, maxPayments: number) {
    this.#ctx = ctx;
    this.#positions = positions;
    this.#maxPayments = maxPayments;
    const { least, part } = QUEUE_LIMITS.windowShare;
    this.#share = Math.max(least, Math.floor(maxPayments / part));
  }

  get left(): number {
    return this.#maxPayments - this.payments.length - this.stale.length;
  }

  /**
   * Offers the next payment in the order of the queue. One that is held, of a suspended account, or of a debtor of whose money orders
   * keep more than it has, takes up no room: what would come in for such a debtor must not leave by the same run.
   */
  offer(waiting: Waiting, behind: number | undefined, isStale: boolean): void {
    const { debtor, creditor, isHeld } = waiting;
    if (isStale) {
      this.stale.push(waiting);
      return;
    }
    if (isHeld) return;
    const member = this.#memberThatTakesPart(debtor);
    if (member === undefined || this.#memberThatTakesPart(creditor) === undefined) return;
    if (this.#positions.of(debtor).isBlocked) return;
    if (!this.#deferredDebtors.has(debtor) && this.#isWithinShares(waiting, member)) this.#take(waiting, member);
    else {
      this.#deferredDebtors.add(debtor);
      this.#deferred.push({ waiting, member, behind });
    }
  }

  /** Takes what there is room for of what was put off. */
  takeDeferred(): LeftOut {
    const shut = new Set<Address>();
    const shutAbove = new Set<Address>();
    const behinds: (number | undefined)[] = [];
    for (const { waiting, member, behind } of this.#deferred) {
      const { debtor, priority } = waiting;
      if (!shut.has(debtor) && this.left > 0 && this.#fits(waiting)) {
        this.#take(waiting, member);
        continue;
      }
      shut.add(debtor);
      if (priority !== 'normal') shutAbove.add(debtor);
      else if (!shutAbove.has(debtor)) behinds.push(behind);
    }
    return { any: shut.size > 0, normalBehind: behinds[0] };
  }

  /** The account's member; undefined while the account is suspended. */
  #memberThatTakesPart(account: Address): string | undefined {
    if (this.#memberOf.has(account)) return this.#memberOf.get(account);
    const view = this.#ctx.account(account);
    const member = view?.active === true ? view.member : undefined;
    this.#memberOf.set(account, member);
    return member;
  }

  #isWithinShares(waiting: Waiting, member: string): boolean {
    if ((this.#takenOf(waiting).get(member) ?? 0) >= this.#share) return false;
    const brought = (this.#broughtIn.get(member) ?? 0) + this.#newAccounts(waiting);
    return this.#fits(waiting) && brought <= QUEUE_LIMITS.accountsOfMember;
  }

  #takenOf({ priority }: Waiting): Map<string, number> {
    return priority === 'normal' ? this.#taken.normal : this.#taken.above;
  }

  #newAccounts({ debtor, creditor }: Waiting): number {
    return (this.#accounts.has(debtor) ? 0 : 1) + (this.#accounts.has(creditor) ? 0 : 1);
  }

  #fits(waiting: Waiting): boolean {
    return this.#accounts.size + this.#newAccounts(waiting) <= QUEUE_LIMITS.accounts;
  }

  #take(waiting: Waiting, member: string): void {
    const { debtor, creditor } = waiting;
    const taken = this.#takenOf(waiting);
    taken.set(member, (taken.get(member) ?? 0) + 1);
    this.#broughtIn.set(member, (this.#broughtIn.get(member) ?? 0) + this.#newAccounts(waiting));
    this.#accounts.add(debtor);
    this.#accounts.add(creditor);
    this.payments.push(waiting);
  }
}
