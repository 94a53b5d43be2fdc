import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { cancel, lapse, openCycle, setOperator, submit, withdraw } from './cycles.js';
import {
  contract,
  cycleTerms,
  id,
  MAX_PARTICIPANTS,
  MAX_SUBMITTED,
  netFields,
  obligationFields,
  round,
} from './declaration.js';
import { confirm, endRound, freeze, object } from './rounds.js';
import { views } from './views.js';

const byCentralBank = { roles: ['centralBank'] } as const;
const byAccount = { accounts: (a: { readonly account: Address }) => [a.account] };
const bySender = { sender: true } as const;
const operator = { currency: t.currency, member: t.bic };
const answer = { id, account: t.address, round };

/** Cycles in which what banks owe each other is paid by what each of them owes all others on balance. */
export const netting = contract.build({
  /** Lets a member open cycles in a currency, beside its central bank. */
  appointOperator: contract.tx({ args: operator, auth: byCentralBank }, (ctx, a) => setOperator(ctx, a, true)),

  /** Ends that; the cycles that it has opened go on. */
  dismissOperator: contract.tx({ args: operator, auth: byCentralBank }, (ctx, a) => setOperator(ctx, a, false)),

  /** Opens a cycle on the open business day of its currency: one account of each bank, and a cut-off. */
  open: contract.tx({ args: cycleTerms, auth: { accounts: (a) => [a.operator] } }, openCycle),

  /** Adds what a participant owes others to the set, until the cut-off. */
  submit: contract.tx(
    {
      args: { id, debtor: t.address, obligations: t.list(t.struct(obligationFields), MAX_SUBMITTED, 1) },
      auth: { accounts: (a) => [a.debtor] },
    },
    submit,
  ),

  /** Says for the debtor or the creditor of an obligation that it is to leave the set, until the cut-off: once both have, it does. */
  withdraw: contract.tx(
    { args: { id, debtor: t.address, reference: t.id, account: t.address }, auth: byAccount },
    withdraw,
  ),

  /** Ends a cycle while its set is open. */
  cancel: contract.tx({ args: { id }, auth: bySender }, (ctx, a) => cancel(ctx, a.id)),

  /** From the cut-off on: fixes the set, works out the nets, and begins the first round. */
  freeze: contract.tx({ args: { id }, auth: bySender }, (ctx, a) => freeze(ctx, a.id)),

  /** Agrees to the account's net of a round; what it owes on balance is set aside. With the last answer the cycle settles. */
  confirm: contract.tx(
    {
      args: { ...answer, net: t.struct(netFields) },
      returns: t.struct({ isSettled: t.bool, obstacle: t.optional(t.text(64)) }),
      auth: byAccount,
    },
    confirm,
  ),

  /** Does not agree: the account leaves the cycle as the round ends, and its obligations stay owed. */
  object: contract.tx({ args: answer, auth: byAccount }, object),

  /** Ends a round that everybody has answered, or whose time is over: it settles, or excludes who has failed, and goes on. */
  endRound: contract.tx(
    {
      args: { id },
      returns: t.struct({ isSettled: t.bool, excluded: t.uint(MAX_PARTICIPANTS) }),
      auth: bySender,
    },
    (ctx, a) => endRound(ctx, a.id),
  ),

  /** Ends a cycle whose business day is over: what was set aside goes back, and every obligation stays owed. */
  lapse: contract.tx({ args: { id }, auth: bySender }, (ctx, a) => lapse(ctx, a.id)),

  ...views,
});
