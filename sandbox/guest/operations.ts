/**
 * What a guest may ask of its host, by number: the one table that both sides of the border share (PROTOCOL §Sandbox). An
 * operation takes two texts and gives one. Those on a map, an event or a code carry its number above their own, counted
 * from 0 in the order of the names; the maps that migrations read come after the contract's own, version by version.
 */
export const OPERATION = {
  /** What the call is made under: the number above names the fact. */
  context: 0,
  /** What each function of accounts gave. Comes before everything else in a method that has any. */
  authorise: 1,
  /** Key → value, a failure where nothing is stored. */
  get: 2,
  /** Key → value, nothing where nothing is stored. */
  find: 3,
  /** Key → yes or no. */
  has: 4,
  /** Key, value. */
  set: 5,
  /** Key. */
  delete: 6,
  /** Count of parts, parts; limit and, to begin after a key, the count of its parts and those → JSON list of [key, value]. */
  range: 7,
  /** Data. */
  emit: 8,
  /** Data; fails with a code that the contract declares. */
  fail: 9,
  /** Code, JSON of its data; fails with a code of the API. */
  failApi: 10,
  /** Scope, reference, day → yes when it had not been used. */
  once: 11,
  /** The same → yes when it had been used. */
  used: 12,
  /** Reference, code or nothing. */
  outcome: 13,
  beginAttempt: 14,
  keepAttempt: 15,
  takeBackAttempt: 16,
  /** Contract, method, limit of fuel or nothing; arguments → result. */
  call: 17,
  /** The same for a view. */
  view: 18,
  /** Contract, method; arguments → their canonical bytes. */
  encodeArgs: 19,
  /** Number of a failure → JSON [failedCall, data]. */
  failure: 20,
  /** Number of a failure: the call ends with it. */
  endWith: 21,
  /** Address → JSON of the account, or nothing. */
  account: 22,
  /** The same; a failure where it may not take part. */
  requireAccount: 23,
  /** Address → yes or no. */
  authorises: 24,
  /** Address → JSON of the account; a failure where it does not authorise. */
  requireAuthorised: 25,
  /** Count, addresses; a failure where none authorises. */
  requireAnyAuthorised: 26,
  /** Height → bytes, or nothing. */
  stateRoot: 27,
  /** Units. */
  useFuel: 28,
} as const;

/** The number of a map, event, code or fact counts in steps of so many. */
export const OPERATION_STEP = 32;

/** The facts of a call, by number. */
export const FACT = {
  chainId: 0,
  genesisHash: 1,
  height: 2,
  timestamp: 3,
  /** Nothing where there is none. */
  sender: 4,
  /** Count, addresses. */
  signers: 5,
  /** Nothing where a transaction called. */
  callerContract: 6,
} as const;

/** What stands for yes; no is nothing. */
export const YES = '1';

/** Between the parts of what a guest writes. No text of any schema holds one. */
export const SEPARATOR = '\n';

/** What the entry's input begins with is a method's number, as the character that is so far behind the space. */
export const METHOD_BASE = 32;

/** What an answer begins with that is a failure: then its number in this call, a space, its code. No other answer does. */
export const FAILURE_MARK = '\n';

/** The character behind it. */
export const AFTER_FAILURE_MARK = '\v';
