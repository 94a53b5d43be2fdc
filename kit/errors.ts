import { CodedError } from '../primitives/errors.js';

export type KitErrorCode = 'SOURCE_INVALID' | 'BUILD_FAILED' | 'LINT_FAILED' | 'SOURCE_MISMATCH';

/** What is wrong with the source of a contract, or with what was built from it; `details` name file, line and column. */
export class KitError extends CodedError<KitErrorCode> {}
