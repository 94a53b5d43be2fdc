import { t } from '../api/t.js';
import { cash } from '../cash/cash.js';
import {
  type CreditContext,
  contract,
  FACILITY,
  type Owner,
  owner,
  requireFacility,
  requireLine,
} from './declaration.js';
import { payOff, requireOpenDay, type Standing, standingOf } from './loans.js';
import { cureIfCovered } from './marginCalls.js';
import { availableIn } from './terms.js';
import { requireValue } from './valuation.js';

/** Fails unless the account may owe so much: by its line, and by the lowest prices of its pool. */
function requireRoom(ctx: CreditContext, of: Owner, owed: bigint): void {
  const { limit } = requireLine(ctx, of);
  ctx.require(owed <= limit, 'LINE_EXCEEDED', { limit, required: owed });
  const value = requireValue(ctx, of);
  ctx.require(owed <= value, 'COVERAGE_INSUFFICIENT', { value, required: owed });
}

/** Pays money of a payer's into the facility. */
export function payBack(ctx: CreditContext, { currency }: Owner, payer: Owner['account'], amount: bigint): void {
  const { funder } = requireFacility(ctx, currency);
  ctx.call(cash.methods.payIn, { currency, lock: FACILITY, debtor: payer, creditor: funder, amount });
}

function requireStanding(ctx: CreditContext, of: Owner): Standing {
  return standingOf(ctx, of) ?? ctx.fail('NOTHING_OWED');
}

const amount = t.amount;

export const drawingMethods = {
  /** Lends money of the facility to an account, as far as its line and its pool go, until the business day ends. */
  draw: contract.tx(
    {
      args: { ...owner, amount },
      returns: t.struct({ owed: t.amount }),
      auth: { accounts: (a) => [a.account] },
    },
    (ctx, { amount: drawn, ...of }) => {
      const { currency, account } = of;
      const { rate } = requireFacility(ctx, currency);
      requireLine(ctx, of);
      const day = requireOpenDay(ctx, currency);
      ctx.require(drawn > 0n, 'AMOUNT_ZERO');
      const standing = standingOf(ctx, of);
      if (standing !== undefined && standing.stage !== 'intraday') ctx.fail('LOAN_OVERNIGHT', { owed: standing.owed });
      const owed = (standing?.owed ?? 0n) + drawn;
      requireRoom(ctx, of, owed);
      const available = availableIn(ctx, currency);
      ctx.require(drawn <= available, 'FACILITY_INSUFFICIENT', { available, required: drawn });
      ctx.call(cash.methods.release, { currency, lock: FACILITY, creditor: account, amount: drawn });
      const terms = { rate, day, isOvernight: false, accruedTo: day };
      ctx.state.loans.set(currency, account, { principal: owed, interest: 0n, ...terms });
      ctx.state.lent.set(currency, ctx.state.lent.get(currency) + drawn);
      ctx.emit('Drawn', { ...of, amount: drawn, day, owed });
      cureIfCovered(ctx, of);
      return { owed };
    },
  ),

  /** Pays a loan back, all or a part, out of anybody's money who signs: interest first. No price has to be fresh. */
  repay: contract.tx(
    {
      args: { ...owner, payer: t.address, amount },
      returns: t.struct({ owed: t.amount }),
      auth: { accounts: (a) => [a.payer] },
    },
    (ctx, { payer, amount: paid, ...of }) => {
      const standing = requireStanding(ctx, of);
      ctx.require(paid > 0n, 'AMOUNT_ZERO');
      ctx.require(paid <= standing.owed, 'OWED_EXCEEDED', { owed: standing.owed, required: paid });
      payBack(ctx, of, payer, paid);
      const { owed, interest } = payOff(ctx, of, standing, paid);
      ctx.emit('Repaid', { ...of, payer, amount: paid, interest, owed });
      cureIfCovered(ctx, of);
      return { owed };
    },
  ),

  /** Notes that a business day has ended with a loan open. It is one overnight from then on, also where nobody notes it. */
  convert: contract.tx({ args: owner, auth: { sender: true } }, (ctx, of) => {
    const { currency, account } = of;
    const { stage } = requireStanding(ctx, of);
    const kept = ctx.state.loans.get(currency, account);
    ctx.require(stage !== 'intraday' && !kept.isOvernight, 'NOTHING_TO_CONVERT');
    ctx.state.loans.set(currency, account, { ...kept, isOvernight: true });
    const { principal, day, rate } = kept;
    ctx.emit('Converted', { ...of, principal, day, rate });
  }),
};
