import type { Address } from '../../primitives/types.js';
import type { LimitCode, LimitRefusal } from '../cash/allowance.js';
import type { Payment, QueueContext } from './declaration.js';
import { MAX_QUEUED_AMOUNT, QUEUE_LIMITS } from './records.js';

export type RefusalCode =
  | 'AMOUNT_ZERO'
  | 'AMOUNT_TOO_LARGE'
  | 'SAME_ACCOUNT'
  | 'ACCOUNT_UNKNOWN'
  | 'SUSPENDED'
  | 'EXPIRED'
  | 'PRIORITY_RESERVED'
  | 'QUEUE_FULL'
  | 'QUEUE_SHARE_FULL'
  | 'BUSINESS_REFERENCE_USED';

/** What became of one payment: it settled, it waits under an id, or it was refused. */
export type Decision = { readonly kind: 'settled' } | { readonly kind: 'queued'; readonly id: number } | Refused;

/** Why a payment was refused; a limit of the debtor tells its figures with it. */
export type Refused =
  | { readonly kind: 'refused'; readonly code: RefusalCode }
  | { readonly kind: 'refused'; readonly code: LimitCode; readonly limit: LimitRefusal['data'] };

/** A refusal as a decision. */
export function refusedWith(fault: RefusalCode | LimitRefusal): Refused {
  if (typeof fault === 'string') return { kind: 'refused', code: fault };
  return { kind: 'refused', code: fault.code, limit: fault.data };
}

/** Ends the call with the refusal of one payment. */
export function refuse(ctx: QueueContext, refused: Refused, debtor: Address, payment: Payment): never {
  if ('limit' in refused) return ctx.fail(refused.code, refused.limit);
  const { code } = refused;
  const { reference, creditor, expiresAt = 0, priority = 'normal' } = payment;
  switch (code) {
    case 'AMOUNT_ZERO':
    case 'BUSINESS_REFERENCE_USED':
      return ctx.fail(code, { reference });
    case 'AMOUNT_TOO_LARGE':
      return ctx.fail(code, { reference, limit: MAX_QUEUED_AMOUNT });
    case 'EXPIRED':
      return ctx.fail(code, { reference, expiresAt });
    case 'PRIORITY_RESERVED':
      return ctx.fail(code, { priority });
    case 'QUEUE_FULL':
      return ctx.fail(code, { limit: QUEUE_LIMITS.waiting });
    case 'QUEUE_SHARE_FULL':
      return ctx.fail(code, { account: debtor, limit: QUEUE_LIMITS.waitingPerMember });
    default:
      return ctx.fail(code, { account: code === 'SAME_ACCOUNT' ? debtor : creditor });
  }
}
