import type { CalendarDay } from '../api/calendar.js';
import { cash } from '../cash/cash.js';
import { yearFraction } from '../daycount/dayCount.js';
import { interestOf } from '../daycount/interest.js';
import type { CreditContext, CreditView, Loan, Owner } from './declaration.js';

/** The newest business day of a currency. */
export interface BusinessDay {
  readonly day?: CalendarDay | undefined;
  readonly isOpen: boolean;
}

export const STAGES = ['intraday', 'overnight', 'overdue'] as const;

/** A loan as it stands on the newest business day. */
export interface Standing {
  readonly loan: Loan;
  /** Principal and interest. */
  readonly owed: bigint;
  readonly interest: bigint;
  readonly stage: (typeof STAGES)[number];
  /** The business day by the end of which a loan overnight must be paid back; none before it is opened. */
  readonly due?: CalendarDay | undefined;
}

export function businessDayOf(ctx: CreditView, currency: string): BusinessDay {
  return ctx.view(cash.methods.businessDay, { currency });
}

/** The day itself, when it is open. */
export function requireOpenDay(ctx: CreditView, currency: string): CalendarDay {
  const { day, isOpen } = businessDayOf(ctx, currency);
  return isOpen && day !== undefined ? day : ctx.fail('BUSINESS_DAY_CLOSED', { currency });
}

/**
 * What the business day makes of a loan: one that is open when its day closes is a loan overnight from then on, whether somebody
 * has noted it or not. Interest counts from the day of the loan to the newest business day, rounded down.
 */
export function standingOf(ctx: CreditView, { currency, account }: Owner): Standing | undefined {
  const kept = ctx.state.loans.find(currency, account);
  if (kept === undefined) return undefined;
  const today = businessDayOf(ctx, currency);
  const isOver = today.day !== kept.day || !today.isOpen;
  if (!kept.isOvernight && !isOver) {
    return { loan: kept, owed: kept.principal, interest: 0n, stage: 'intraday' };
  }
  const loan = accrued({ ...kept, isOvernight: true }, today.day ?? kept.accruedTo);
  const due = dueDayOf(ctx, currency, kept.day);
  const isOverdue = due !== undefined && (today.day !== due || !today.isOpen);
  const owed = loan.principal + loan.interest;
  return { loan, owed, interest: loan.interest, stage: isOverdue ? 'overdue' : 'overnight', due };
}

function accrued(loan: Loan, to: CalendarDay): Loan {
  const { principal, rate, accruedTo, interest } = loan;
  if (to <= accruedTo) return loan;
  const part = yearFraction('ACT/360', { from: accruedTo, to });
  return { ...loan, interest: interest + interestOf(principal, rate, part), accruedTo: to };
}

/** The first business day after the one of the loan, once it is opened. */
function dueDayOf(ctx: CreditView, currency: string, after: CalendarDay): CalendarDay | undefined {
  return ctx.view(cash.methods.figures, { currency, limit: 1, after })[0]?.day;
}

/** Takes an amount off what is owed, interest first. @returns what is still owed */
export function payOff(
  ctx: CreditContext,
  { currency, account }: Owner,
  { loan, owed }: Standing,
  amount: bigint,
): { readonly owed: bigint; readonly interest: bigint } {
  const interest = amount < loan.interest ? amount : loan.interest;
  const principal = amount - interest;
  ctx.state.lent.set(currency, ctx.state.lent.get(currency) - principal);
  if (amount === owed) ctx.state.loans.delete(currency, account);
  else {
    const left = { principal: loan.principal - principal, interest: loan.interest - interest };
    ctx.state.loans.set(currency, account, { ...loan, ...left });
  }
  return { owed: owed - amount, interest };
}
