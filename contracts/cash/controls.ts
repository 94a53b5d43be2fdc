import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { freezes } from '../freezes/freezeBook.js';
import { accountLimits, isNothing } from './limitBook.js';

/** What a debit of an account looks at beside its balance. */
export const controls = t.struct({
  freezes,
  limits: t.optional(accountLimits),
  /** Rules of an authority look at it: `supervision` counts what it authorises and pays. */
  isRuled: t.bool,
});
export type Controls = Infer<typeof controls>;

/** Of an account that nothing binds. */
export const NO_CONTROLS: Controls = { freezes: [], limits: undefined, isRuled: false };

interface ControlsMap {
  set(currency: string, account: Address, row: Controls): void;
  delete(currency: string, account: Address): void;
}

/** Writes what binds an account; where nothing does, no entry stays. */
export function putControls(rows: ControlsMap, currency: string, account: Address, row: Controls): void {
  const limits = row.limits === undefined || isNothing(row.limits) ? undefined : row.limits;
  if (row.freezes.length === 0 && limits === undefined && !row.isRuled) rows.delete(currency, account);
  else rows.set(currency, account, { ...row, limits });
}
