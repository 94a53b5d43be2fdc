import { CodedError } from '../primitives/errors.js';

export type CliErrorCode =
  /** An argument is missing, unknown or of another shape. */
  | 'USAGE_INVALID'
  /** No amount in the currency's major unit. */
  | 'AMOUNT_MALFORMED'
  /** A file that was named on the command line cannot be read. */
  | 'FILE_UNREADABLE'
  /** A file that is to be written exists, or its directory cannot be written to. */
  | 'FILE_UNWRITABLE'
  /** A file is none of the kind that the command reads. */
  | 'FILE_MALFORMED'
  /** A setting is unknown, of another shape, or its file is no TOML. */
  | 'CONFIG_INVALID'
  /** The address book of the wallet is malformed. */
  | 'WALLET_INVALID'
  /** No account of that name, neither in the wallet nor on the network. */
  | 'ACCOUNT_UNKNOWN'
  /** Several accounts fit. */
  | 'ACCOUNT_AMBIGUOUS'
  /** No currency or instrument of that code on the network. */
  | 'CURRENCY_UNKNOWN'
  /** The currency has no open business day. */
  | 'BUSINESS_DAY_CLOSED'
  /** Some rows of a payment file were refused. */
  | 'ROWS_REFUSED'
  /** What the file says and what its bytes mean differ, or a signature in it does not fit. */
  | 'PROPOSAL_INVALID'
  /** The transaction of the file lacks signatures. */
  | 'SIGNATURES_MISSING'
  /** The genesis file is another network's. */
  | 'GENESIS_REFUSED'
  /** The proof does not prove what it claims. */
  | 'PROOF_REFUSED'
  /** Bytes that a node gave have another hash than the chain names. */
  | 'ARTEFACT_INVALID'
  /** A bundle is registered with other sources, or for another engine, than was proposed. */
  | 'CANDIDATE_CHANGED'
  /** The network runs contracts on another engine than this version of Vostro. */
  | 'ENGINE_UNKNOWN'
  /** What was asked for is not on the chain. */
  | 'NOT_FOUND'
  /** A holding would leave a rest. */
  | 'SPLIT_REFUSED'
  /** What a node has on its disk of the chain is not what was written. */
  | 'DATABASE_DAMAGED'
  /** The doctor found something that needs a look. */
  | 'NOT_WELL'
  /** None of the nodes that were asked gave an answer. */
  | 'NODE_UNREACHABLE';

/** Raised by the command line itself; what rooms below raise keeps its own code. */
export class CliError extends CodedError<CliErrorCode> {}

/** An argument that the command cannot use. */
export function usageError(what: string, expected: string, actual: string, hint?: string): CliError {
  return new CliError('USAGE_INVALID', `${what}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    ...(hint === undefined ? {} : { hint }),
  });
}
