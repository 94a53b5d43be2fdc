// The contract cash, version 1: made from its ABI by `vostro contract bindings cash`, never edited.
import { type Call, callOf, type Infer, type MethodRef, t } from 'vostro/contract';

export const CONTRACT = 'cash';
export const VERSION = 1;

const args = {
  balance: t.struct({ currency: t.currency, account: t.address }),
  balances: t.struct({ account: t.address }),
  businessDay: t.struct({ currency: t.currency }),
  closeBusinessDay: t.struct({ currency: t.currency }),
  currencies: t.struct({}),
  genesisCurrency: t.struct({ currency: t.currency, decimals: t.uint(6), issuer: t.bic }),
  issue: t.struct({ currency: t.currency, account: t.address, amount: t.amount, reserveReference: t.text(35) }),
  lock: t.struct({ currency: t.currency, lock: t.id, debtor: t.address, amount: t.amount }),
  lockOf: t.struct({ currency: t.currency, contract: t.id, lock: t.id }),
  locked: t.struct({ currency: t.currency, account: t.address }),
  locks: t.struct({ currency: t.currency, contract: t.id, limit: t.uint(1000), after: t.optional(t.id) }),
  openBusinessDay: t.struct({ currency: t.currency, day: t.day }),
  position: t.struct({ currency: t.currency, account: t.address }),
  redeem: t.struct({ currency: t.currency, account: t.address, amount: t.amount, reserveReference: t.text(35) }),
  release: t.struct({ currency: t.currency, lock: t.id, creditor: t.address, amount: t.amount }),
  returnLock: t.struct({ currency: t.currency, contract: t.id, lock: t.id }),
  supply: t.struct({ currency: t.currency }),
  transfer: t.struct({ currency: t.currency, debtor: t.address, creditor: t.address, amount: t.amount }),
  transferMany: t.struct({
    currency: t.currency,
    debtor: t.address,
    credits: t.list(t.struct({ creditor: t.address, amount: t.amount }), 5000, 1),
  }),
};

const results = {
  balance: t.amount,
  balances: t.list(t.struct({ currency: t.currency, balance: t.amount }), 100),
  businessDay: t.struct({ day: t.optional(t.day), isOpen: t.bool }),
  currencies: t.list(t.struct({ currency: t.currency, decimals: t.uint(6), issuer: t.bic }), 100),
  lockOf: t.optional(t.struct({ debtor: t.address, amount: t.amount })),
  locked: t.amount,
  locks: t.list(t.struct({ lock: t.id, debtor: t.address, amount: t.amount }), 1000),
  position: t.struct({ openDay: t.optional(t.day), available: t.amount }),
  supply: t.struct({ issued: t.amount, redeemed: t.amount }),
};

/** What each method takes. */
export type Arguments = { readonly [N in keyof typeof args]: Infer<(typeof args)[N]> };

/** The methods, for `ctx.call`, `ctx.view` and whoever reads. */
export interface Methods {
  /** A view. */
  readonly balance: MethodRef<Arguments['balance'], Infer<typeof results.balance>, 'view'>;
  /** A view. */
  readonly balances: MethodRef<Arguments['balances'], Infer<typeof results.balances>, 'view'>;
  /** A view. */
  readonly businessDay: MethodRef<Arguments['businessDay'], Infer<typeof results.businessDay>, 'view'>;
  /** By role centralBank. */
  readonly closeBusinessDay: MethodRef<Arguments['closeBusinessDay'], void, 'tx'>;
  /** A view. */
  readonly currencies: MethodRef<Arguments['currencies'], Infer<typeof results.currencies>, 'view'>;
  /** By genesis. */
  readonly genesisCurrency: MethodRef<Arguments['genesisCurrency'], void, 'tx'>;
  /** By role centralBank. */
  readonly issue: MethodRef<Arguments['issue'], void, 'tx'>;
  /** By a contract, accounts. */
  readonly lock: MethodRef<Arguments['lock'], void, 'tx'>;
  /** A view. */
  readonly lockOf: MethodRef<Arguments['lockOf'], Infer<typeof results.lockOf>, 'view'>;
  /** A view. */
  readonly locked: MethodRef<Arguments['locked'], Infer<typeof results.locked>, 'view'>;
  /** A view. */
  readonly locks: MethodRef<Arguments['locks'], Infer<typeof results.locks>, 'view'>;
  /** By role centralBank. */
  readonly openBusinessDay: MethodRef<Arguments['openBusinessDay'], void, 'tx'>;
  /** A view. */
  readonly position: MethodRef<Arguments['position'], Infer<typeof results.position>, 'view'>;
  /** By role centralBank, accounts. */
  readonly redeem: MethodRef<Arguments['redeem'], void, 'tx'>;
  /** By a contract. */
  readonly release: MethodRef<Arguments['release'], void, 'tx'>;
  /** By contract governance. */
  readonly returnLock: MethodRef<Arguments['returnLock'], void, 'tx'>;
  /** A view. */
  readonly supply: MethodRef<Arguments['supply'], Infer<typeof results.supply>, 'view'>;
  /** By accounts. */
  readonly transfer: MethodRef<Arguments['transfer'], void, 'tx'>;
  /** By contract payments, accounts. */
  readonly transferMany: MethodRef<Arguments['transferMany'], void, 'tx'>;
}

export const methods: Methods = {
  balance: { contract: CONTRACT, method: 'balance', kind: 'view', args: args.balance, returns: results.balance },
  balances: { contract: CONTRACT, method: 'balances', kind: 'view', args: args.balances, returns: results.balances },
  businessDay: {
    contract: CONTRACT,
    method: 'businessDay',
    kind: 'view',
    args: args.businessDay,
    returns: results.businessDay,
  },
  closeBusinessDay: {
    contract: CONTRACT,
    method: 'closeBusinessDay',
    kind: 'tx',
    args: args.closeBusinessDay,
    returns: undefined,
  },
  currencies: {
    contract: CONTRACT,
    method: 'currencies',
    kind: 'view',
    args: args.currencies,
    returns: results.currencies,
  },
  genesisCurrency: {
    contract: CONTRACT,
    method: 'genesisCurrency',
    kind: 'tx',
    args: args.genesisCurrency,
    returns: undefined,
  },
  issue: { contract: CONTRACT, method: 'issue', kind: 'tx', args: args.issue, returns: undefined },
  lock: { contract: CONTRACT, method: 'lock', kind: 'tx', args: args.lock, returns: undefined },
  lockOf: { contract: CONTRACT, method: 'lockOf', kind: 'view', args: args.lockOf, returns: results.lockOf },
  locked: { contract: CONTRACT, method: 'locked', kind: 'view', args: args.locked, returns: results.locked },
  locks: { contract: CONTRACT, method: 'locks', kind: 'view', args: args.locks, returns: results.locks },
  openBusinessDay: {
    contract: CONTRACT,
    method: 'openBusinessDay',
    kind: 'tx',
    args: args.openBusinessDay,
    returns: undefined,
  },
  position: { contract: CONTRACT, method: 'position', kind: 'view', args: args.position, returns: results.position },
  redeem: { contract: CONTRACT, method: 'redeem', kind: 'tx', args: args.redeem, returns: undefined },
  release: { contract: CONTRACT, method: 'release', kind: 'tx', args: args.release, returns: undefined },
  returnLock: { contract: CONTRACT, method: 'returnLock', kind: 'tx', args: args.returnLock, returns: undefined },
  supply: { contract: CONTRACT, method: 'supply', kind: 'view', args: args.supply, returns: results.supply },
  transfer: { contract: CONTRACT, method: 'transfer', kind: 'tx', args: args.transfer, returns: undefined },
  transferMany: { contract: CONTRACT, method: 'transferMany', kind: 'tx', args: args.transferMany, returns: undefined },
};

/** Calls of a transaction. */
export const calls = {
  closeBusinessDay: (values: Arguments['closeBusinessDay']): Call => callOf(methods.closeBusinessDay, values),
  issue: (values: Arguments['issue']): Call => callOf(methods.issue, values),
  openBusinessDay: (values: Arguments['openBusinessDay']): Call => callOf(methods.openBusinessDay, values),
  redeem: (values: Arguments['redeem']): Call => callOf(methods.redeem, values),
  transfer: (values: Arguments['transfer']): Call => callOf(methods.transfer, values),
};

/** What it tells: the data of its events. */
export const events = {
  BusinessDayClosed: t.struct({ currency: t.currency, day: t.day }),
  BusinessDayOpened: t.struct({ currency: t.currency, day: t.day }),
  Issued: t.struct({ currency: t.currency, account: t.address, amount: t.amount, reserveReference: t.text(35) }),
  LockReturned: t.struct({ currency: t.currency, contract: t.id, lock: t.id, debtor: t.address, amount: t.amount }),
  Locked: t.struct({ currency: t.currency, contract: t.id, lock: t.id, debtor: t.address, amount: t.amount }),
  Redeemed: t.struct({ currency: t.currency, account: t.address, amount: t.amount, reserveReference: t.text(35) }),
  Released: t.struct({
    currency: t.currency,
    contract: t.id,
    lock: t.id,
    debtor: t.address,
    creditor: t.address,
    amount: t.amount,
    remaining: t.amount,
  }),
  Transferred: t.struct({ currency: t.currency, debtor: t.address, creditor: t.address, amount: t.amount }),
};

export type Events = { readonly [N in keyof typeof events]: Infer<(typeof events)[N]> };

/** Codes with which it refuses, and their data. */
export const errors = {
  AMOUNT_ZERO: t.struct({}),
  BUSINESS_DAY_CLOSED: t.struct({ currency: t.currency }),
  BUSINESS_DAY_INVALID: t.struct({ day: t.day, after: t.optional(t.day) }),
  BUSINESS_DAY_OPEN: t.struct({ currency: t.currency, day: t.day }),
  CURRENCY_EXISTS: t.struct({ currency: t.currency }),
  CURRENCY_UNKNOWN: t.struct({ currency: t.currency }),
  INSUFFICIENT_FUNDS: t.struct({ available: t.amount, required: t.amount }),
  LOCK_EXISTS: t.struct({ currency: t.currency, contract: t.id, lock: t.id }),
  LOCK_INSUFFICIENT: t.struct({ locked: t.amount, required: t.amount }),
  LOCK_UNKNOWN: t.struct({ currency: t.currency, contract: t.id, lock: t.id }),
  NOT_ISSUER: t.struct({ currency: t.currency, issuer: t.bic }),
  RESERVE_REFERENCE_USED: t.struct({ reserveReference: t.text(35) }),
  SAME_ACCOUNT: t.struct({ account: t.address }),
};

export type Errors = { readonly [N in keyof typeof errors]: Infer<(typeof errors)[N]> };
