import { t } from '../api/t.js';
import { type CreditContext, contract, LIQUIDATION_MS, type Owner, owner, requireFacility } from './declaration.js';
import { standingOf } from './loans.js';
import { poolOf } from './valuation.js';

/** Ends a margin call once the newest prices cover the loan: nothing of it is left for later. */
export function cureIfCovered(ctx: CreditContext, of: Owner): boolean {
  const { currency, account } = of;
  if (!ctx.state.calls.has(currency, account)) return false;
  const owed = standingOf(ctx, of)?.owed ?? 0n;
  const { value } = poolOf(ctx, of, 'price');
  if (owed > value) return false;
  ctx.state.calls.delete(currency, account);
  ctx.emit('MarginCured', of);
  return true;
}

export const callMethods = {
  /** Calls for collateral where the newest prices leave a loan short, stale ones among them: anybody may. */
  callMargin: contract.tx(
    { args: owner, returns: t.struct({ shortfall: t.amount, deadline: t.uint() }), auth: { sender: true } },
    (ctx, of) => {
      const { currency, account } = of;
      const { marginMs } = requireFacility(ctx, currency);
      const open = ctx.state.calls.find(currency, account);
      const isOpen = open !== undefined && ctx.timestamp < open.deadline + LIQUIDATION_MS;
      if (isOpen) ctx.fail('CALLED_ALREADY', { deadline: open.deadline });
      const { owed } = standingOf(ctx, of) ?? ctx.fail('NOTHING_OWED');
      const { value } = poolOf(ctx, of, 'price');
      ctx.require(owed > value, 'NOT_SHORT', { value, owed });
      const call = { shortfall: owed - value, calledAt: ctx.timestamp, deadline: ctx.timestamp + marginMs };
      ctx.state.calls.set(currency, account, call);
      ctx.emit('MarginCalled', { ...of, ...call });
      return { shortfall: call.shortfall, deadline: call.deadline };
    },
  ),

  /** Ends a call that rising prices have cured; collateral and repayments end it by themselves. */
  cureMargin: contract.tx({ args: owner, auth: { sender: true } }, (ctx, of) => {
    const { currency, account } = of;
    ctx.require(ctx.state.calls.has(currency, account), 'NOT_CALLED');
    if (cureIfCovered(ctx, of)) return;
    const owed = standingOf(ctx, of)?.owed ?? 0n;
    const { value } = poolOf(ctx, of, 'price');
    ctx.fail('COVERAGE_INSUFFICIENT', { value, required: owed });
  }),
};
