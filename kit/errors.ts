import { CodedError } from '../primitives/errors.js';

export type KitErrorCode =
  /** The directory or archive is no project of a contract. */
  | 'SOURCE_INVALID'
  /** The project was made for other tools than those that are installed. */
  | 'TOOLCHAIN_MISMATCH'
  /** The sources have findings of the type check or of the rules of determinism. */
  | 'LINT_FAILED'
  /** The bundle cannot be made, or what was made is refused by the sandbox. */
  | 'BUILD_FAILED'
  /** The bundle is not what the sources give. */
  | 'SOURCE_MISMATCH'
  /** Tests of the project have failed. */
  | 'TESTS_FAILED'
  /** A test asks the network in memory for something that it does not have. */
  | 'HARNESS_INVALID'
  /** The contract does one thing in the sandbox and another one natively. */
  | 'EXECUTORS_DIFFER'
  /** A test expected something else of a call. */
  | 'EXPECTATION_FAILED';

/** What is wrong with the source of a contract, or with what was built from it; `details` name file, line and column. */
export class KitError extends CodedError<KitErrorCode> {}

/** The project is not of the shape that the kit reads; `file` is relative to the project. */
export function invalidSource(file: string, expected: string, actual: string, hint?: string): KitError {
  const details = { expected, actual, file, ...(hint === undefined ? {} : { hint }) };
  return new KitError('SOURCE_INVALID', `${file}: expected ${expected}, found ${actual}`, details);
}
