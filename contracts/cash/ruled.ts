import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { countMethod } from '../supervision/methods.js';
import type { Controls } from './controls.js';
import { putControls } from './controls.js';
import { type CashContext, contract, limitOwner, requireCurrency } from './declaration.js';

/** Accounts that rules of an authority look at: what they authorise and pay is counted by `supervision`, of no other anything. */

interface Owner {
  readonly currency: string;
  readonly account: Address;
}

interface Payment {
  readonly amount: bigint;
  readonly creditor?: Address;
}

/** What of payments is counted. */
interface Counts {
  /** They are authorised now. */
  readonly isNew: boolean;
  /** They go to their creditors, now or later without being counted again. */
  readonly isOutgoing: boolean;
  /** The money moves now. */
  readonly isPaid: boolean;
}

/** @throws ContractFailure `RULE_COUNT`, `RULE_SUM`, `RULE_EXPOSURE` of `supervision` */
export function countRuled(
  ctx: CashContext,
  { currency, account }: Owner,
  { isRuled }: Pick<Controls, 'isRuled'>,
  payments: readonly Payment[],
  { isNew, isOutgoing, isPaid }: Counts,
): void {
  if (!isRuled) return;
  const { day } = ctx.state.days.get(currency);
  const total = isNew ? payments.reduce((sum, { amount }) => sum + amount, 0n) : 0n;
  const towards = payments.flatMap(({ amount, creditor }) => (creditor === undefined ? [] : [{ creditor, amount }]));
  const counted = { payments: isNew ? payments.length : 0, total, towards };
  ctx.call(countMethod, { currency, account, day, ...counted, isOutgoing, isPaid });
}

export const ruledMethods = {
  /** Has rules look at an account, or no more. */
  setRuled: contract.tx(
    { args: { ...limitOwner, isRuled: t.bool }, auth: { contracts: ['supervision'] } },
    (ctx, { currency, account, isRuled }) => {
      requireCurrency(ctx, currency);
      putControls(ctx.state.controls, currency, account, { ...ctx.state.controls.get(currency, account), isRuled });
    },
  ),
};
