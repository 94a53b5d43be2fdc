import { CodedError } from '../primitives/errors.js';

export type GenesisErrorCode =
  /** Not the shape of a genesis file: a field is missing, unknown or of another form. */
  | 'GENESIS_MALFORMED'
  /** A parameter outside its range, or two that contradict each other. */
  | 'GENESIS_PARAMETER'
  /** Members, keys, accounts, nodes, validators or currencies that do not fit each other. */
  | 'GENESIS_INCONSISTENT'
  /** A public key that is none, or whose address is another. */
  | 'GENESIS_KEY'
  /** A proof of possession that the key did not sign for this chain and member. */
  | 'GENESIS_POSSESSION';

/** What is wrong with a genesis file: `details.path` says where, `expected` and `actual` what. */
export class GenesisError extends CodedError<GenesisErrorCode> {}

export function genesisError(
  code: GenesisErrorCode,
  path: string,
  expected: string,
  actual: string,
  hint?: string,
): GenesisError {
  return new GenesisError(code, `${path}: expected ${expected}, found ${actual}`, {
    path,
    expected,
    actual,
    ...(hint === undefined ? {} : { hint }),
  });
}
