import { t } from '../api/t.js';
import { contract, declarationFields, id, MAX_PAGES, rate } from './declaration.js';
import { cancel, declare, fix, fund } from './declaring.js';
import { claimFor, proceed } from './running.js';
import { views } from './views.js';

/** What is due to holders goes to them, whoever sets the next step going. */
const bySender = { sender: true } as const;
const inMethod = { inMethod: true } as const;
const progress = t.struct({ isOpen: t.bool, goesOn: t.bool });

/** What issuers owe to those who hold their instruments: interest, distributions, redemptions. */
export const actions = contract.build({
  /** Announces an action on an instrument of the issuer's, and sets its money aside for it. */
  declare: contract.tx({ args: { id, ...declarationFields }, auth: { accounts: (a) => [a.issuer] } }, declare),

  /** The issuer sets more aside in all, before anything is paid. */
  fund: contract.tx({ args: { id, declared: t.amount }, auth: inMethod }, (ctx, a) => fund(ctx, a.id, a.declared)),

  /** Publishes the rate of a floating coupon, by the account that its terms name; with the issuer it may put it right before anything is worked out. */
  fix: contract.tx({ args: { id, rate }, auth: inMethod }, (ctx, a) => fix(ctx, a.id, a.rate)),

  /** Takes it back before its record; of a suspended issuer the central bank of the currency does, at any time. */
  cancel: contract.tx({ args: { id }, auth: inMethod }, (ctx, a) => cancel(ctx, a.id)),

  /** Goes on by so many pages: works out what holders are entitled to, pays them, or ends what is over. Anybody may. */
  proceed: contract.tx({ args: { id, pages: t.uint(MAX_PAGES) }, returns: progress, auth: bySender }, (ctx, a) =>
    proceed(ctx, a.id, a.pages),
  ),

  /** Pays an account what could not be paid to it with the others. */
  claim: contract.tx({ args: { id, account: t.address }, returns: progress, auth: bySender }, (ctx, a) =>
    claimFor(ctx, a.id, a.account),
  ),

  ...views,
});
