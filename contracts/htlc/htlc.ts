import { t } from '../api/t.js';
import { contract, id, key, termsFields } from './declaration.js';
import { claim, lock, pay, reclaim, refund } from './steps.js';
import { views } from './views.js';

/** The money goes where the lock says, whoever brings the key or tells that time is up. */
const bySender = { sender: true } as const;

/** Locks that a key or time opens: one side of an exchange whose other side stands on another ledger. */
export const htlc = contract.build({
  /** Sets an amount aside for a recipient, until the key of its hash is shown, or time, or the key of failure, gives it back. */
  lock: contract.tx({ args: { id, ...termsFields }, auth: { accounts: (a) => [a.sender] } }, lock),

  /** Shows the key of the hash before the deadline: the recipient is paid, now or as soon as nothing stands in the way. */
  claim: contract.tx(
    { args: { id, key }, returns: t.struct({ isPaid: t.bool, obstacle: t.optional(t.text(64)) }), auth: bySender },
    (ctx, a) => claim(ctx, a.id, a.key),
  ),

  /** Pays what was claimed and could not be paid then. */
  pay: contract.tx({ args: { id }, auth: bySender }, (ctx, a) => pay(ctx, a.id)),

  /** Shows the key of failure: the sender has it back. */
  refund: contract.tx({ args: { id, key }, auth: bySender }, (ctx, a) => refund(ctx, a.id, a.key)),

  /** From the deadline on: the sender has back what nobody has claimed. */
  reclaim: contract.tx({ args: { id }, auth: bySender }, (ctx, a) => reclaim(ctx, a.id)),

  ...views,
});
