import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import type { MethodKind, MethodRef } from '../api/method.js';
import { leftMethod } from '../supervision/methods.js';
import { Allowance } from './allowance.js';
import { cash } from './cash.js';

interface Caller {
  call<A, T>(method: MethodRef<A, T, MethodKind>, args: A): T;
  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T;
  account(account: Address): { readonly member: string } | undefined;
}

interface Payer {
  readonly currency: string;
  readonly debtor: Address;
  readonly day: CalendarDay;
}

/** What an account's own limits and the rules of authorities leave it, for contracts that decide payment by payment. */
export function allowanceOf(
  ctx: Caller,
  { currency, debtor, day }: Payer,
  { isLimited, isRuled }: { readonly isLimited: boolean; readonly isRuled: boolean },
): Allowance {
  const own = isLimited ? ctx.call(cash.methods.allowance, { currency, debtor }) : undefined;
  if (!isRuled) return new Allowance(own);
  const left = ctx.view(leftMethod, { currency, account: debtor, day });
  return new Allowance(own, { left, memberOf: (account) => ctx.account(account)?.member });
}
