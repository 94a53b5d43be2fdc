/** `vostro/contract/testing`: a network in memory for the tests of a contract, under any test framework. */
export type { BuiltContract } from '../../contracts/api/index.js';
export { KitError, type KitErrorCode } from '../errors.js';
export { Actor, type Advance, type NetworkOptions, TestNetwork } from './network.js';
export { type PreparedContract, type PrepareOptions, prepare } from './prepare.js';
export type { Receipt, Refused, Settled, TestEvent } from './receipts.js';
