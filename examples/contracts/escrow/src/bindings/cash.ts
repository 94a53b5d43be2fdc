// The contract cash, version 1: made from its ABI by `vostro contract bindings cash --methods lock,release`, never edited.
import { type Infer, type MethodRef, t } from 'vostro/contract';

export const CONTRACT = 'cash';
export const VERSION = 1;

const args = {
  lock: t.struct({ currency: t.currency, lock: t.id, debtor: t.address, amount: t.amount }),
  release: t.struct({ currency: t.currency, lock: t.id, creditor: t.address, amount: t.amount }),
};

/** What each method takes. */
export type Arguments = { readonly [N in keyof typeof args]: Infer<(typeof args)[N]> };

/** The methods, for `ctx.call`, `ctx.view` and whoever reads. */
export interface Methods {
  /** By a contract, accounts. */
  readonly lock: MethodRef<Arguments['lock'], void, 'tx'>;
  /** By a contract. */
  readonly release: MethodRef<Arguments['release'], void, 'tx'>;
}

export const methods: Methods = {
  lock: { contract: CONTRACT, method: 'lock', kind: 'tx', args: args.lock, returns: undefined },
  release: { contract: CONTRACT, method: 'release', kind: 'tx', args: args.release, returns: undefined },
};
