import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { contract, hash, termsFields } from './declaration.js';
import { allocate, approve, cancel, execute, expire, instruct, withdraw } from './steps.js';
import { views } from './views.js';

const id = t.id;
const onAccount = { id, account: t.address };
const byAccount = { accounts: (args: { readonly account: Address }) => [args.account] };

/** Instructions of several legs, parties and issuers, which settle all together or not at all. */
export const settlement = contract.build({
  /** Proposes what several accounts are to exchange; the hash of its terms is what each of them agrees to. */
  instruct: contract.tx(
    { args: termsFields, returns: t.struct({ terms: hash }), auth: { accounts: (a) => [a.instructor] } },
    instruct,
  ),

  /** Sets aside all that a sender owes; committed, it cannot be taken back before the deadline. */
  allocate: contract.tx({ args: { ...onAccount, terms: hash, isCommitted: t.bool }, auth: byAccount }, allocate),

  /** Accepts what a receiver is to get. */
  approve: contract.tx({ args: { ...onAccount, terms: hash }, auth: byAccount }, approve),

  /**
   * Takes back an allocation that is not committed, and the approval; after the deadline any allocation. Of a suspended account a
   * central bank takes it back.
   */
  withdraw: contract.tx({ args: onAccount, auth: { inMethod: true } }, (ctx, a) => withdraw(ctx, a.id, a.account)),

  /** Settles every leg in one transaction, once nothing is missing: the settler's to do. */
  execute: contract.tx({ args: { id }, auth: { inMethod: true } }, (ctx, a) => execute(ctx, a.id)),

  /** Ends an instruction: its instructor alone while nobody is committed, all parties that are not suspended in any case. */
  cancel: contract.tx({ args: onAccount, auth: byAccount }, (ctx, a) => cancel(ctx, a.id, a.account)),

  /** Ends an instruction whose deadline has come, whoever asks for it. */
  expire: contract.tx({ args: { id }, auth: { sender: true } }, (ctx, a) => expire(ctx, a.id)),

  ...views,
});
