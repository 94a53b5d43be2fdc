import { t } from '../api/t.js';

const args = { currency: t.currency };
const returns = t.optional(t.struct({ decimals: t.uint(6), issuer: t.bic }));

/** How the view `cash.currency` is declared. */
export const currencyOptions = { args, returns };

/** The same view, for contracts that need nothing else of the money. */
export const currencyMethod = {
  contract: 'cash',
  method: 'currency',
  kind: 'view',
  args: t.struct(args),
  returns,
} as const;
