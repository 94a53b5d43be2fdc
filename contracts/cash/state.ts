import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { controls, NO_CONTROLS } from './controls.js';
import { counterpartyLimit } from './limitBook.js';

/** Under which the contract stands. */
export const CASH = 'cash';

/** A block, and what had been issued and redeemed by then. */
export const moment = t.struct({ height: t.uint(), timestamp: t.uint(), issued: t.amount, redeemed: t.amount });

/** How the state is laid out, for those who prove it. */
export const cashState = {
  currencies: map([t.currency], t.struct({ decimals: t.uint(6), issuer: t.bic })),
  supply: map([t.currency], t.struct({ issued: t.amount, redeemed: t.amount })),
  /** The newest business day, whether it is open, and from when on it takes no new payments, in consensus time. */
  days: map([t.currency], t.struct({ day: t.optional(t.day), isOpen: t.bool, cutOffAt: t.optional(t.uint()) })),
  /** What each of the newest business days began and ended with. */
  figures: map(
    [t.currency, t.day],
    t.struct({ number: t.uint(), opened: moment, closed: t.optional(moment), cutOffAt: t.optional(t.uint()) }),
  ),
  /** What each account may spend. */
  balances: map([t.currency, t.address], t.amount, 0n),
  /** Currency, contract, lock → for whom the contract holds how much; no entry for nothing. */
  locks: map([t.currency, t.id, t.id], t.struct({ debtor: t.address, amount: t.amount })),
  /** The sum of an account's locks; no entry for none. */
  locked: map([t.currency, t.address], t.amount, 0n),
  /** What a debit of the account looks at; no entry for nothing. */
  controls: map([t.currency, t.address], controls, NO_CONTROLS),
  /** Currency, account, creditor → what the account may authorise towards it on a business day. */
  counterparties: map([t.currency, t.address, t.address], counterpartyLimit),
};
