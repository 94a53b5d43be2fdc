import { LIMITS } from '../../primitives/limits.js';
import { t } from '../api/t.js';

/** What other contracts ask of supervision, without what it asks of them. */

/** Currencies and members that one mandate names. */
export const MAX_MANDATE_CURRENCIES = 16;
export const MAX_MANDATE_MEMBERS = 64;
/** Counterparties that bound one account. */
export const MAX_EXPOSURES = 16;

export const mandateFields = {
  /** None: every currency. */
  currencies: t.list(t.currency, MAX_MANDATE_CURRENCIES),
  /** None: every member. */
  members: t.list(t.bic, MAX_MANDATE_MEMBERS),
  /** Consensus time from which it entitles to nothing. */
  until: t.uint(),
  /** How long a freeze may last at most. */
  maxFreezeMs: t.uint(),
  maySeize: t.bool,
};
export const mandate = t.struct(mandateFields);

/** How the view `supervision.mandate` is declared. */
export const mandateOptions = { args: { member: t.bic }, returns: t.optional(mandate) };

export const mandateMethod = {
  contract: 'supervision',
  method: 'mandate',
  kind: 'view',
  args: t.struct(mandateOptions.args),
  returns: mandateOptions.returns,
} as const;

const owner = { currency: t.currency, account: t.address, day: t.optional(t.day) };

/** How `supervision.count` is declared. */
export const countArgs = {
  ...owner,
  /** Payments and their sum that the account authorises now; none where that was counted before. */
  payments: t.uint(),
  total: t.amount,
  /** What goes to whom. */
  towards: t.list(t.struct({ creditor: t.address, amount: t.amount }), LIMITS.paymentsPerBatch),
  /** Counts towards the counterparties' bounds; false where that was counted before. */
  isOutgoing: t.bool,
  /** The money moves now, so that it lessens what its creditors are exposed to. */
  isPaid: t.bool,
};

export const countMethod = {
  contract: 'supervision',
  method: 'count',
  kind: 'tx',
  args: t.struct(countArgs),
  returns: undefined,
} as const;

const bounded = { limit: t.amount, used: t.amount };

/** How the view `supervision.left` is declared. */
export const leftOptions = {
  args: owner,
  returns: t.struct({
    count: t.optional(t.struct(bounded)),
    sum: t.optional(t.struct(bounded)),
    exposures: t.list(t.struct({ counterparty: t.bic, ...bounded }), MAX_EXPOSURES),
  }),
};

export const leftMethod = {
  contract: 'supervision',
  method: 'left',
  kind: 'view',
  args: t.struct(leftOptions.args),
  returns: leftOptions.returns,
} as const;
