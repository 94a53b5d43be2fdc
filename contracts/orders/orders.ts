import { t } from '../api/t.js';
import { contract, defaultFields, freezeFields, hash, liftFields, seizeFields } from './declaration.js';
import { confirm, propose, withdraw } from './proposals.js';
import { views } from './views.js';

const byAuthority = { roles: ['supervisor', 'centralBank'] } as const;
const returns = t.struct({ terms: hash, confirmBefore: t.uint(), isCarriedOut: t.bool });
/** An account of the same member whose keys sign as well: the order is carried out at once, and nobody reads it before. */
const together = { second: t.optional(t.address) };

/** Freezes, seizures and defaults that an authority orders: one person proposes, another of the same member confirms. */
export const orders = contract.build({
  /** Proposes to keep an amount, or everything, in an account. */
  proposeFreeze: contract.tx(
    { args: { ...freezeFields, ...together }, returns, auth: byAuthority },
    (ctx, { second, ...a }) => propose(ctx, { ...a, kind: 'freeze' }, second),
  ),

  /** Proposes to pay or deliver out of what an account has free, frozen or not, to a named account. */
  proposeSeizure: contract.tx(
    { args: { ...seizeFields, ...together }, returns, auth: byAuthority },
    (ctx, { second, ...a }) => propose(ctx, { ...a, kind: 'seize' }, second),
  ),

  /** Proposes to lift a freeze of the same member, or an orphaned one in the sender's own currency, whole or in part. */
  proposeLift: contract.tx(
    { args: { ...liftFields, ...together }, returns, auth: byAuthority },
    (ctx, { second, ...a }) => propose(ctx, { ...a, kind: 'lift' }, second),
  ),

  /** Proposes to declare a member in default: confirmed, the member is suspended. */
  declareDefault: contract.tx(
    { args: { ...defaultFields, ...together }, returns, auth: { roles: ['centralBank'] } },
    (ctx, { second, ...a }) => propose(ctx, { ...a, kind: 'default' }, second),
  ),

  /** Carries a proposal out, under signatures of which none stands under the proposal. */
  confirm: contract.tx({ args: { id: t.id, terms: hash }, auth: byAuthority }, (ctx, a) => confirm(ctx, a.id, a.terms)),

  /** Takes a proposal back that nobody has confirmed. */
  withdraw: contract.tx({ args: { id: t.id }, auth: byAuthority }, (ctx, a) => withdraw(ctx, a.id)),

  ...views,
});
