import { callOf } from '../../contracts/api/method.js';
import { assets } from '../../contracts/assets/assets.js';
import { cash } from '../../contracts/cash/cash.js';
import { toChecksum } from '../../primitives/address.js';
import { isCodedError } from '../../primitives/errors.js';
import type { Address, Call, TransactionBody } from '../../primitives/types.js';
import { formatMajorAmount } from '../amounts.js';
import { CliError } from '../errors.js';

/** Delivery versus payment between two accounts: units one way, money the other, both or neither. */
export interface DvpTerms {
  readonly seller: Address;
  readonly buyer: Address;
  readonly instrument: string;
  readonly units: bigint;
  readonly currency: string;
  /** Minor units of the currency. */
  readonly price: bigint;
}

/** What a transaction does, in words and figures that people check before they sign. */
export interface DvpSummary {
  readonly seller: string;
  readonly buyer: string;
  readonly instrument: string;
  readonly units: string;
  readonly currency: string;
  /** In the currency's major unit. */
  readonly price: string;
  readonly sender: string;
  readonly signers: readonly string[];
  readonly expiresAt: string;
}

/** The two calls of the one transaction: the securities leg, then the cash leg. */
export function dvpCalls({ seller, buyer, instrument, units, currency, price }: DvpTerms): readonly Call[] {
  return [
    callOf(assets.methods.transfer, { instrument, from: seller, to: buyer, amount: units }),
    callOf(cash.methods.transfer, { currency, debtor: buyer, creditor: seller, amount: price }),
  ];
}

/**
 * Reads the terms back out of a transaction's calls.
 *
 * @throws CliError `PROPOSAL_INVALID` unless the calls are exactly a delivery versus payment between two accounts
 */
export function readDvpTerms(calls: readonly Call[]): DvpTerms {
  const [delivery, payment, ...rest] = calls;
  const isDvp =
    rest.length === 0 &&
    delivery?.contract === 'assets' &&
    delivery.method === 'transfer' &&
    payment?.contract === 'cash' &&
    payment.method === 'transfer';
  if (!isDvp) {
    const actual = calls.map((call) => `${call.contract}.${call.method}`).join(', ');
    throw notDvp('the calls assets.transfer, cash.transfer', actual);
  }
  const units = decodeArgs(() => assets.methods.transfer.args.decode(delivery.args));
  const money = decodeArgs(() => cash.methods.transfer.args.decode(payment.args));
  if (units.from !== money.creditor || units.to !== money.debtor) {
    throw notDvp('the payer to receive the units and the seller the money', 'other accounts');
  }
  return {
    seller: units.from,
    buyer: units.to,
    instrument: units.instrument,
    units: units.amount,
    currency: money.currency,
    price: money.amount,
  };
}

/** The summary of a body, derived from its bytes alone. @throws CliError `PROPOSAL_INVALID` */
export function summariseDvp(body: TransactionBody, decimalsOf: (currency: string) => number): DvpSummary {
  const terms = readDvpTerms(body.calls);
  return {
    seller: toChecksum(terms.seller),
    buyer: toChecksum(terms.buyer),
    instrument: terms.instrument,
    units: terms.units.toString(),
    currency: terms.currency,
    price: formatMajorAmount(terms.price, decimalsOf(terms.currency)),
    sender: toChecksum(body.sender),
    signers: body.signers.map(toChecksum),
    expiresAt: new Date(body.expiresAt).toISOString(),
  };
}

function decodeArgs<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw notDvp('arguments by the ABI', error.message);
  }
}

function notDvp(expected: string, actual: string): CliError {
  return new CliError('PROPOSAL_INVALID', `this is no delivery versus payment: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'sign nothing that you did not agree to; ask the other bank for a new proposal',
  });
}
