import { expect } from 'chai';
import { CodedError } from '../../primitives/errors.js';

/** The coded error that a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<CodedError> {
  let found: unknown;
  await promise.catch((error: unknown) => {
    found = error;
  });
  expect(found).to.be.instanceOf(CodedError);
  return found as CodedError;
}

/** The coded error that a call throws. */
export function errorOf(call: () => unknown): CodedError {
  let found: unknown;
  try {
    call();
  } catch (error) {
    found = error;
  }
  expect(found).to.be.instanceOf(CodedError);
  return found as CodedError;
}
