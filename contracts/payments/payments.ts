import { LIMITS } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import type { TxContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { type Allowance, allowanceErrors, type LimitCode, type LimitRefusal } from '../cash/allowance.js';
import { cash } from '../cash/cash.js';
import { allowanceOf } from '../cash/left.js';
import { frozenFields } from '../freezes/freezeBook.js';

/** Business references and end-to-end ids, ISO 20022 Max35Text. */
const MAX_REFERENCE = 35;

/** About what one payment takes beyond the host's operations, in nanoseconds. */
const PAYMENT_FUEL = 1_500;

const reference = t.text(MAX_REFERENCE);

const paymentFields = {
  creditor: t.address,
  amount: t.amount,
  /** Used once for each debtor and business day, whatever transaction brings it. */
  reference,
  endToEndId: t.optional(t.text(MAX_REFERENCE)),
};
const payment = t.struct(paymentFields);

/** `all`: every payment settles or none does. `each`: each settles or fails on its own. */
const mode = t.enum(['all', 'each']);

const header = {
  debtor: t.address,
  currency: t.currency,
  /** Refuses to settle on any other business day than this one. */
  businessDay: t.optional(t.day),
};

const state = {};

const events = {
  Paid: { ...header, businessDay: t.day, ...paymentFields },
  BatchPaid: { ...header, businessDay: t.day, mode, settled: t.uint(), refused: t.uint(), total: t.amount },
};

const errors = {
  BUSINESS_DAY_CLOSED: { currency: t.currency },
  BUSINESS_DAY_MISMATCH: { expected: t.day, open: t.day },
  /** The currency takes no new payments on this business day any more. */
  CUT_OFF_PASSED: { cutOffAt: t.uint() },
  BUSINESS_REFERENCE_USED: { reference },
  AMOUNT_ZERO: { reference },
  SAME_ACCOUNT: { account: t.address },
  INSUFFICIENT_FUNDS: { available: t.amount, required: t.amount },
  /** The debtor has it, and orders keep it there. */
  FROZEN: frozenFields,
  ...allowanceErrors,
};

const contract = defineContract({ name: 'payments', version: 1, state, events, errors });

type PaymentsContext = TxContext<typeof state, typeof events, typeof errors>;
type Payment = Infer<typeof payment>;

interface Batch {
  readonly debtor: Address;
  readonly currency: string;
  readonly businessDay?: CalendarDay | undefined;
}

/** The debtor's open business day and funds, once the whole batch may be settled on that day. */
interface Position {
  readonly day: CalendarDay;
  readonly balance: bigint;
  /** What of the balance no order keeps. */
  readonly available: bigint;
  /** None: everything. */
  readonly frozen?: bigint | undefined;
  /** What the debtor's own limits leave; none: it has none. */
  readonly allowance?: Allowance | undefined;
}

function openPosition(ctx: PaymentsContext, { debtor, currency, businessDay }: Batch): Position {
  const position = ctx.view(cash.methods.position, { currency, account: debtor });
  const { openDay, passedCutOffAt, isLimited, isRuled, ...funds } = position;
  if (openDay === undefined) return ctx.fail('BUSINESS_DAY_CLOSED', { currency });
  if (businessDay !== undefined && businessDay !== openDay) {
    return ctx.fail('BUSINESS_DAY_MISMATCH', { expected: businessDay, open: openDay });
  }
  if (passedCutOffAt !== undefined) return ctx.fail('CUT_OFF_PASSED', { cutOffAt: passedCutOffAt });
  const allowance = isLimited || isRuled ? allowanceOf(ctx, { currency, debtor, day: openDay }, position) : undefined;
  return { day: openDay, ...funds, allowance };
}

/** What is left once an amount of it has settled. */
function without(position: Position, amount: bigint): Position {
  const { day, balance, available, frozen, allowance } = position;
  return { day, balance: balance - amount, available: available - amount, frozen, allowance };
}

type RefusalCode =
  | 'AMOUNT_ZERO'
  | 'SAME_ACCOUNT'
  | 'ACCOUNT_UNKNOWN'
  | 'SUSPENDED'
  | 'INSUFFICIENT_FUNDS'
  | 'FROZEN'
  | 'BUSINESS_REFERENCE_USED';

/** Why a payment may not settle; a limit tells its figures with it. */
type Refusal = RefusalCode | LimitRefusal;

function codeOf(refusal: Refusal): RefusalCode | LimitCode {
  return typeof refusal === 'string' ? refusal : refusal.code;
}

/** Why a payment may not settle, its reference and funds aside. */
function partyFault(ctx: PaymentsContext, debtor: Address, { creditor, amount }: Payment): RefusalCode | undefined {
  if (amount === 0n) return 'AMOUNT_ZERO';
  if (creditor === debtor) return 'SAME_ACCOUNT';
  const account = ctx.account(creditor);
  if (account === undefined) return 'ACCOUNT_UNKNOWN';
  return account.active ? undefined : 'SUSPENDED';
}

function fundsFault({ amount }: Payment, { balance, available }: Position): RefusalCode | undefined {
  if (amount <= available) return undefined;
  return amount <= balance ? 'FROZEN' : 'INSUFFICIENT_FUNDS';
}

/**
 * Decides one payment and uses up its reference only when it settles. A reference that was used before is told first:
 * whoever runs a file again must learn that a row was paid, not that it could not be paid now.
 */
function decide(ctx: PaymentsContext, debtor: Address, payment: Payment, position: Position): Refusal | undefined {
  const { allowance } = position;
  const { amount, creditor } = payment;
  const fault =
    partyFault(ctx, debtor, payment) ?? allowance?.refusalOf(amount, creditor) ?? fundsFault(payment, position);
  if (fault === undefined) {
    if (!ctx.once(debtor, payment.reference, position.day)) return 'BUSINESS_REFERENCE_USED';
    allowance?.take(amount, creditor);
    return undefined;
  }
  return ctx.used(debtor, payment.reference, position.day) ? 'BUSINESS_REFERENCE_USED' : fault;
}

/** Ends the call with the refusal of one payment. */
function refuse(
  ctx: PaymentsContext,
  code: Refusal,
  debtor: Address,
  { creditor, amount: required, reference: used }: Payment,
  { available, frozen }: Position,
): never {
  if (typeof code !== 'string') return ctx.fail(code.code, code.data);
  if (code === 'AMOUNT_ZERO' || code === 'BUSINESS_REFERENCE_USED') return ctx.fail(code, { reference: used });
  if (code === 'INSUFFICIENT_FUNDS') return ctx.fail(code, { available, required });
  if (code === 'FROZEN') return ctx.fail(code, { account: debtor, available, frozen, required });
  return ctx.fail(code, { account: code === 'SAME_ACCOUNT' ? debtor : creditor });
}

interface Settled {
  readonly credits: readonly { readonly creditor: Address; readonly amount: bigint }[];
  readonly total: bigint;
}

/** Every payment, or the failure of the first that may not settle. */
function selectAll(ctx: PaymentsContext, debtor: Address, payments: readonly Payment[], position: Position): Settled {
  let total = 0n;
  for (const payment of payments) {
    const left = without(position, total);
    const refusal = decide(ctx, debtor, payment, left);
    if (refusal !== undefined) refuse(ctx, refusal, debtor, payment, left);
    total += payment.amount;
    ctx.outcome(payment.reference, '');
  }
  return { credits: payments, total };
}

/** The payments that may settle, in their order; every one's outcome is noted. */
function selectEach(ctx: PaymentsContext, debtor: Address, payments: readonly Payment[], position: Position): Settled {
  const credits: Payment[] = [];
  let total = 0n;
  for (const payment of payments) {
    const refusal = decide(ctx, debtor, payment, without(position, total));
    ctx.outcome(payment.reference, refusal === undefined ? '' : codeOf(refusal));
    if (refusal !== undefined) continue;
    credits.push(payment);
    total += payment.amount;
  }
  return { credits, total };
}

const byDebtor = { accounts: (args: { readonly debtor: Address }) => [args.debtor] };

export const payments = contract.build({
  /** Settles one payment at once and for good, or not at all. */
  pay: contract.tx(
    { args: { ...header, ...paymentFields }, returns: t.struct({ businessDay: t.day }), auth: byDebtor },
    (ctx, a) => {
      const position = openPosition(ctx, a);
      const refusal = decide(ctx, a.debtor, a, position);
      if (refusal !== undefined) refuse(ctx, refusal, a.debtor, a, position);
      const { debtor, currency } = a;
      ctx.call(cash.methods.transferMany, { currency, debtor, credits: [a] });
      ctx.emit('Paid', { ...a, businessDay: position.day });
      return { businessDay: position.day };
    },
  ),

  /** Settles up to 5,000 payments of one debtor under one authorisation. */
  payBatch: contract.tx(
    {
      args: { ...header, mode, payments: t.list(payment, LIMITS.paymentsPerBatch, 1) },
      returns: t.struct({ businessDay: t.day, settled: t.uint(), refused: t.uint(), total: t.amount }),
      auth: byDebtor,
    },
    (ctx, a) => {
      const { debtor, currency } = a;
      ctx.useFuel(a.payments.length * PAYMENT_FUEL);
      const position = openPosition(ctx, a);
      const select = a.mode === 'all' ? selectAll : selectEach;
      const { credits, total } = select(ctx, debtor, a.payments, position);
      if (credits.length > 0) ctx.call(cash.methods.transferMany, { currency, debtor, credits });
      const counts = { settled: credits.length, refused: a.payments.length - credits.length, total };
      ctx.emit('BatchPaid', { debtor, currency, businessDay: position.day, mode: a.mode, ...counts });
      return { businessDay: position.day, ...counts };
    },
  ),

  /**
   * For payments that the queue takes: a debtor uses a reference once on a business day, whichever way it pays. False when it
   * had been used.
   */
  useReference: contract.tx(
    {
      args: { debtor: t.address, reference, businessDay: t.day },
      returns: t.bool,
      auth: { contracts: ['queue'], ...byDebtor },
    },
    (ctx, a) => ctx.once(a.debtor, a.reference, a.businessDay),
  ),

  /** True when the debtor has used the reference on that business day: the payment was made, or went through the queue. */
  isReferenceUsed: contract.view(
    { args: { debtor: t.address, reference, businessDay: t.day }, returns: t.bool },
    (ctx, a) => ctx.used(a.debtor, a.reference, a.businessDay),
  ),
});
