import type { Infer } from '../../contracts/api/schema.js';
import type { queue } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import type { Session } from '../session.js';

type ViewResult<N extends 'why' | 'item' | 'list' | 'position' | 'runs'> = Infer<
  NonNullable<(typeof queue.methods)[N]['returns']>
>;

export type WhyReason = NonNullable<ViewResult<'why'>>;
export type QueuedItem = NonNullable<ViewResult<'item'>>;
export type QueueRow = ViewResult<'list'>['payments'][number];
export type QueuePosition = ViewResult<'position'>;
export type RunRow = ViewResult<'runs'>[number];

/** Amounts and accounts of one currency as people and programs read them. */
export class QueueWords {
  constructor(
    private readonly session: Pick<Session, 'network' | 'accounts'>,
    readonly currency: string,
  ) {}

  /** In the major unit, thousands set apart. */
  amount(minor: bigint): string {
    return formatAmountForPeople(minor, this.#decimals);
  }

  /** In the major unit, as a program reads it. */
  exact(minor: bigint): string {
    return formatMajorAmount(minor, this.#decimals);
  }

  account(account: QueueRow['debtor']): string {
    return this.session.accounts.shown(account);
  }

  /** Why a payment waits, in a sentence. */
  reason(reason: WhyReason): string {
    const amount = (minor: bigint | undefined): string => this.amount(minor ?? 0n);
    switch (reason.code) {
      case 'HELD':
        return 'its bank holds it: vostro queue release';
      case 'SUSPENDED':
        return `${reason.account === undefined ? 'an account' : this.account(reason.account)} is suspended`;
      case 'EXPIRED':
        return 'its time is over: the next run drops it';
      case 'DAY_CLOSED':
        return 'its business day is over: it never settles';
      case 'LIMIT':
        return `bilateral limit ${amount(reason.limit?.amount)}: paid ${amount(reason.limit?.paid)}, received ${amount(reason.limit?.received)}, needs ${amount(reason.needed)}`;
      case 'NOT_FUNDED':
        return `needs ${amount(reason.needed)}, available ${amount(reason.available)}, waiting to come in ${amount(reason.incoming)}`;
      case 'BEHIND':
        return `behind payment ${reason.payment}`;
      case 'NEXT_RUN':
        return 'fits now: the next run takes it';
      case 'FROZEN': {
        const sum = reason.frozen === undefined ? 'everything' : amount(reason.frozen);
        return `orders keep ${sum} in ${reason.account === undefined ? 'its account' : this.account(reason.account)}: vostro order list`;
      }
      case 'BEYOND':
        return 'more waits before it than a run looks at';
    }
  }

  /** A payment for programs. */
  payment(row: Omit<QueueRow, 'id'>): object {
    return {
      debtor: toChecksum(row.debtor),
      creditor: toChecksum(row.creditor),
      currency: this.currency,
      amount: this.exact(row.amount),
      priority: row.priority,
      isHeld: row.isHeld,
      businessDay: row.businessDay,
      expiresAt: timeOf(row.expiresAt),
    };
  }

  get #decimals(): number {
    return this.session.network.decimalsOf(this.currency);
  }
}

/** Consensus time as ISO 8601, null for none. */
export function timeOf(timestamp: number | undefined): string | null {
  return timestamp === undefined ? null : new Date(timestamp).toISOString();
}
