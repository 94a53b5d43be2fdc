import { t } from '../api/t.js';
import { allowEarly, close, collect, settle, takeBack } from './closing.js';
import { contract, hash, REVALUATIONS, termsFields } from './declaration.js';
import { fail } from './failing.js';
import { payMargin, revalue } from './margin.js';
import { accept, cancel, offer } from './opening.js';
import { acceptSubstitute, dropSubstitute, offerSubstitute } from './substitution.js';
import { views } from './views.js';

const id = t.id;
const units = { instrument: t.id, units: t.amount };
const bySender = { sender: true } as const;
/** The state names the party that must sign. */
const byParty = { inMethod: true } as const;

/** Units sold by one bank to another, who sells them back: both ways cash against units in one step. */
export const repo = contract.build({
  /** The seller offers units, under the terms whose hash the buyer accepts. */
  offer: contract.tx(
    { args: termsFields, returns: t.struct({ terms: hash }), auth: { accounts: (a) => [a.seller] } },
    offer,
  ),

  /** The buyer accepts: cash against units, at once. */
  accept: contract.tx({ args: { id, buyer: t.address, terms: hash }, auth: { accounts: (a) => [a.buyer] } }, accept),

  /** Ends an offer, and what the members have given back. */
  cancel: contract.tx({ args: { id }, auth: byParty }, (ctx, a) => cancel(ctx, a.id)),

  /** The buyer lets the seller close before the time, or no longer. */
  allowEarly: contract.tx({ args: { id, isEarly: t.bool }, auth: byParty }, (ctx, a) =>
    allowEarly(ctx, a.id, a.isEarly),
  ),

  /** The seller pays what it owes and has its units. */
  close: contract.tx(
    { args: { id }, returns: t.struct({ isClosed: t.bool, obstacle: t.optional(t.text(64)) }), auth: byParty },
    (ctx, a) => close(ctx, a.id),
  ),

  /** Completes a closing whose price was set aside. */
  settle: contract.tx({ args: { id }, auth: bySender }, (ctx, a) => settle(ctx, a.id)),

  /** The seller takes the price back that was set aside. */
  takeBack: contract.tx({ args: { id }, auth: byParty }, (ctx, a) => takeBack(ctx, a.id)),

  /** Gives a buyer what it was paid while it was suspended. */
  collect: contract.tx({ args: { id }, auth: byParty }, (ctx, a) => collect(ctx, a.id)),

  /** Calls for margin, ends a call, or gives margin back, as fresh prices say. */
  revalue: contract.tx(
    {
      args: { id },
      returns: t.struct({ result: t.enum(REVALUATIONS), amount: t.amount, units: t.amount }),
      auth: bySender,
    },
    (ctx, a) => revalue(ctx, a.id),
  ),

  /** The seller pays margin. */
  payMargin: contract.tx({ args: { id, amount: t.amount }, auth: byParty }, (ctx, a) => payMargin(ctx, a.id, a.amount)),

  offerSubstitute: contract.tx({ args: { id, ...units }, auth: byParty }, (ctx, { id: of, ...what }) =>
    offerSubstitute(ctx, of, what),
  ),

  dropSubstitute: contract.tx({ args: { id }, auth: byParty }, (ctx, a) => dropSubstitute(ctx, a.id)),

  /** The buyer takes the units that are offered in the place of its own. */
  acceptSubstitute: contract.tx({ args: { id, ...units }, auth: byParty }, (ctx, { id: of, ...what }) =>
    acceptSubstitute(ctx, of, what),
  ),

  /** The buyer gives notice to a seller that has failed, and by the same call ends the repo once the notice has run, and keeps the units. */
  fail: contract.tx(
    { args: { id }, returns: t.struct({ isFailed: t.bool, until: t.optional(t.uint()) }), auth: byParty },
    (ctx, a) => fail(ctx, a.id),
  ),

  ...views,
});
