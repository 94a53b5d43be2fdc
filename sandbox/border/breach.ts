import { CodedError } from '../../primitives/errors.js';

/**
 * A guest that broke the rules of the border: it ends there, and its call fails with `CONTRACT_FAULT`. The runtime never
 * does so; a program that reached past it might. It is no ContractFailure, so that the guest cannot catch it.
 */
export class BorderBreach extends CodedError<'BORDER_BREACH'> {
  constructor(expected: string, actual: string) {
    super('BORDER_BREACH', `expected ${expected}, found ${actual}`, { expected, actual });
  }
}
