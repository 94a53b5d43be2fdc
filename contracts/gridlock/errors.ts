import { CodedError } from '../../primitives/errors.js';

export type GridlockErrorCode =
  /** More banks, payments or limits than a run takes, or none of them. */
  | 'COUNT_OUT_OF_RANGE'
  /** A name is empty or too long. */
  | 'NAME_INVALID'
  /** The same bank, payment or limit stands there twice. */
  | 'REPEATED'
  /** A payment or limit names a bank that has no balance. */
  | 'BANK_UNKNOWN'
  /** A payment or limit of a bank with itself. */
  | 'SAME_BANK'
  /** A balance, amount or limit outside its range. */
  | 'AMOUNT_OUT_OF_RANGE'
  /** The steps that were given do not carry the run through stage one. */
  | 'STEPS_EXHAUSTED';

/** An input that no run can take, or a run that had too few steps. `details.path` names the place. */
export class GridlockError extends CodedError<GridlockErrorCode> {}

/** The error of one place of the input. */
export function inputError(code: GridlockErrorCode, path: string, expected: string, actual: string): GridlockError {
  return new GridlockError(code, `${path}: expected ${expected}, found ${actual}`, { path, expected, actual });
}
