import { type Address, t } from 'vostro/contract';
import { methods as cash } from './bindings/cash.js';
import {
  declaration,
  type Facility,
  INTEREST_DIVISOR,
  MAX_FACILITY_ID,
  MAX_LENDERS,
  type Pending,
  schemas,
  type Tx,
  type View,
} from './declaration.js';
import { proRata } from './proRata.js';

const MS_PER_DAY = 86_400_000;

function requireFacility(ctx: View, id: string): Facility {
  return ctx.state.facilities.find(id) ?? ctx.fail('FACILITY_UNKNOWN', { facility: id });
}

function requirePending(ctx: View, id: string): Pending {
  return ctx.state.pending.find(id) ?? ctx.fail('NOTHING_PENDING', { facility: id });
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function outstandingOf({ lenders }: Facility): bigint {
  return sum(lenders.map(({ outstanding }) => outstanding));
}

/** The facility with interest counted up to today. */
function counted(ctx: View, found: Facility): Facility {
  const today = Math.floor(ctx.timestamp / MS_PER_DAY);
  const days = BigInt(today - found.countedTo);
  const interest = found.interest + outstandingOf(found) * BigInt(found.rateBps) * days;
  return { ...found, countedTo: today, interest };
}

/** Each lender's share of a drawing is locked under a name of its own. */
function lockOf(facility: string, number: number, lender: number): string {
  return `${facility}.${number}.${lender}`;
}

/** All lenders have funded: the borrower has the money, and owes it from today. */
function payOut(ctx: Tx, id: string, drawing: Pending): void {
  const found = counted(ctx, requireFacility(ctx, id));
  const { currency, borrower } = found;
  for (const [index, { amount }] of drawing.shares.entries()) {
    if (amount === 0n) continue;
    ctx.call(cash.release, { currency, lock: lockOf(id, drawing.number, index), creditor: borrower, amount });
  }
  const lenders = found.lenders.map((one, index) => ({
    ...one,
    outstanding: one.outstanding + (drawing.shares[index]?.amount ?? 0n),
  }));
  ctx.state.facilities.set(id, { ...found, lenders });
  ctx.state.pending.delete(id);
  ctx.emit('Drawn', { facility: id, number: drawing.number, amount: drawing.amount });
}

interface Distribution {
  /** What each lender is paid, in their order. */
  readonly payments: readonly bigint[];
  readonly lenders: Facility['lenders'];
}

/** Interest and principal go to the lenders in proportion to what they have lent. */
function distribute({ lenders }: Facility, interest: bigint, principal: bigint): Distribution {
  const lent = lenders.map(({ outstanding }) => outstanding);
  // Interest that was counted before everything was repaid goes by commitments.
  const weights = sum(lent) > 0n ? lent : lenders.map(({ commitment }) => commitment);
  const interests = proRata(interest, weights);
  const principals = proRata(principal, weights);
  return {
    payments: interests.map((part, index) => part + (principals[index] ?? 0n)),
    lenders: lenders.map((one, index) => ({ ...one, outstanding: one.outstanding - (principals[index] ?? 0n) })),
  };
}

const lenderTerms = t.list(t.struct({ account: t.address, commitment: t.amount }), MAX_LENDERS, 1);
const arrangeArgs = {
  facility: t.id,
  agent: t.address,
  borrower: t.address,
  currency: t.currency,
  rateBps: t.uint(10_000),
  lenders: lenderTerms,
};

function requireTerms(ctx: Tx, facility: string, lenders: readonly { account: Address; commitment: bigint }[]): void {
  ctx.require(!ctx.state.facilities.has(facility), 'FACILITY_EXISTS', { facility });
  ctx.require(facility.length <= MAX_FACILITY_ID, 'FACILITY_ID_TOO_LONG', { limit: MAX_FACILITY_ID });
  const seen = new Set<Address>();
  for (const { account, commitment } of lenders) {
    ctx.require(commitment > 0n, 'COMMITMENT_ZERO', { lender: account });
    ctx.require(!seen.has(account), 'LENDERS_REPEATED', { lender: account });
    seen.add(account);
  }
}

/**
 * A syndicated loan. The lenders commit amounts; the borrower draws, and each lender funds its share by its own signature,
 * locked until the last one has; repayments go interest first, to each lender in proportion. Shares are whole minor units by
 * the largest remainder, interest is ACT/360 in integers.
 */
export const contract = declaration.build({
  /** Agent, borrower and every lender authorise the terms, in one transaction. */
  arrange: declaration.tx(
    {
      args: arrangeArgs,
      auth: { accounts: (a) => [a.agent, a.borrower, ...a.lenders.map(({ account }) => account)] },
    },
    (ctx, { facility, lenders, ...terms }) => {
      requireTerms(ctx, facility, lenders);
      const countedTo = Math.floor(ctx.timestamp / MS_PER_DAY);
      const committed = lenders.map((one) => ({ ...one, outstanding: 0n }));
      ctx.state.facilities.set(facility, { ...terms, lenders: committed, countedTo, interest: 0n, drawings: 0 });
      const { agent, borrower, currency } = terms;
      const total = sum(lenders.map(({ commitment }) => commitment));
      ctx.emit('Arranged', { facility, agent, borrower, currency, total });
    },
  ),

  /** The borrower asks for a drawing; its lenders fund it next. One is pending at a time. */
  request: declaration.tx(
    { args: { facility: t.id, amount: t.amount }, returns: t.uint(), auth: { inMethod: true } },
    (ctx, { facility, amount }) => {
      const found = requireFacility(ctx, facility);
      ctx.requireAuthorised(found.borrower);
      ctx.require(amount > 0n, 'AMOUNT_ZERO');
      const waiting = ctx.state.pending.find(facility);
      if (waiting !== undefined) ctx.fail('DRAWING_PENDING', { number: waiting.number });
      // In proportion to what each lender has not lent yet, so that none is asked for more than its commitment.
      const available = found.lenders.map(({ commitment, outstanding }) => commitment - outstanding);
      const free = sum(available);
      ctx.require(amount <= free, 'COMMITMENT_EXCEEDED', { available: free, required: amount });
      const shares = proRata(amount, available);
      const number = found.drawings + 1;
      ctx.state.facilities.set(facility, { ...found, drawings: number });
      ctx.state.pending.set(facility, {
        number,
        amount,
        shares: shares.map((share) => ({ amount: share, funded: share === 0n })),
      });
      ctx.emit('Requested', { facility, number, amount });
      return number;
    },
  ),

  /** A lender funds its share. With the last one, the borrower has the money. */
  fund: declaration.tx(
    { args: { facility: t.id, lender: t.address }, returns: t.bool, auth: { accounts: (a) => [a.lender] } },
    (ctx, { facility, lender }) => {
      const { lenders, currency } = requireFacility(ctx, facility);
      const drawing = requirePending(ctx, facility);
      const index = lenders.findIndex(({ account }) => account === lender);
      const share = drawing.shares[index];
      if (share === undefined) return ctx.fail('NOT_A_LENDER', { lender });
      ctx.require(!share.funded, 'FUNDED_ALREADY', { lender });
      const lock = lockOf(facility, drawing.number, index);
      ctx.call(cash.lock, { currency, lock, debtor: lender, amount: share.amount });
      ctx.emit('Funded', { facility, number: drawing.number, lender, amount: share.amount });
      const shares = drawing.shares.map((one, each) => (each === index ? { ...one, funded: true } : one));
      const isFunded = shares.every(({ funded }) => funded);
      if (isFunded) payOut(ctx, facility, { ...drawing, shares });
      else ctx.state.pending.set(facility, { ...drawing, shares });
      return isFunded;
    },
  ),

  /** The borrower or the agent gives a drawing up; who has funded has the money back. */
  cancel: declaration.tx({ args: { facility: t.id }, auth: { inMethod: true } }, (ctx, { facility }) => {
    const { borrower, agent, lenders, currency } = requireFacility(ctx, facility);
    ctx.requireAnyAuthorised([borrower, agent]);
    const { number, amount: total, shares } = requirePending(ctx, facility);
    for (const [index, { amount, funded }] of shares.entries()) {
      const account = lenders[index]?.account;
      if (account === undefined || !funded || amount === 0n) continue;
      ctx.call(cash.release, { currency, lock: lockOf(facility, number, index), creditor: account, amount });
    }
    ctx.state.pending.delete(facility);
    ctx.emit('Cancelled', { facility, number, amount: total });
  }),

  /** The borrower pays interest that is due, then principal. */
  repay: declaration.tx(
    {
      args: { facility: t.id, borrower: t.address, amount: t.amount },
      returns: t.struct({ interest: t.amount, principal: t.amount }),
      auth: { accounts: (a) => [a.borrower] },
    },
    (ctx, { facility, borrower, amount }) => {
      const found = counted(ctx, requireFacility(ctx, facility));
      ctx.require(borrower === found.borrower, 'NOT_THE_BORROWER', { borrower: found.borrower });
      ctx.require(amount > 0n, 'AMOUNT_ZERO');
      const due = found.interest / INTEREST_DIVISOR;
      const owed = due + outstandingOf(found);
      ctx.require(amount <= owed, 'OVERPAID', { owed, paid: amount });
      const interest = amount < due ? amount : due;
      const principal = amount - interest;
      const { payments, lenders } = distribute(found, interest, principal);
      for (const [index, { account }] of lenders.entries()) {
        const payment = payments[index] ?? 0n;
        if (payment === 0n) continue;
        ctx.call(cash.transfer, { currency: found.currency, debtor: borrower, creditor: account, amount: payment });
      }
      const after = { ...found, lenders, interest: found.interest - interest * INTEREST_DIVISOR };
      ctx.state.facilities.set(facility, after);
      ctx.emit('Repaid', { facility, interest, principal, outstanding: outstandingOf(after) });
      return { interest, principal };
    },
  ),

  facility: declaration.view({ args: { facility: t.id }, returns: t.optional(schemas.facility) }, (ctx, a) =>
    ctx.state.facilities.find(a.facility),
  ),

  pending: declaration.view({ args: { facility: t.id }, returns: t.optional(schemas.pending) }, (ctx, a) =>
    ctx.state.pending.find(a.facility),
  ),

  /** What the borrower would have to pay today to owe nothing. */
  owed: declaration.view(
    { args: { facility: t.id }, returns: t.struct({ interest: t.amount, principal: t.amount }) },
    (ctx, a) => {
      const found = counted(ctx, requireFacility(ctx, a.facility));
      return { interest: found.interest / INTEREST_DIVISOR, principal: outstandingOf(found) };
    },
  ),
});
