import { notAskedInMethod } from '../../contracts/api/authorise.js';
import { asFailure } from '../../contracts/api/context.js';
import { apiFailure, ContractFailure } from '../../contracts/api/failure.js';
import { FAILURE_MARK, OPERATION, OPERATION_STEP } from '../guest/operations.js';
import { BorderBreach } from './breach.js';
import type { CallState } from './callState.js';
import { BORDER_LIMITS } from './limits.js';
import { OPERATIONS } from './operations.js';

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** What a guest may ask before its accounts have authorised. */
const EARLY: ReadonlySet<number> = new Set([OPERATION.authorise, OPERATION.failApi, OPERATION.endWith]);

/**
 * PROTOCOL §Sandbox Z3–Z5. Answers one operation of a guest's call: what fails is kept here, and the guest gets its number.
 *
 * @throws what ends the guest: BorderBreach, used-up fuel, whatever broke the executor
 */
export function answer(call: CallState, operation: number, first: string, second: string): string {
  const code = operation % OPERATION_STEP;
  const run = OPERATIONS[code];
  if (run === undefined) throw new BorderBreach('an operation', `${operation}`);
  if (!call.isAuthorised && !EARLY.has(code)) throw new BorderBreach('the accounts of the method first', `${code}`);
  try {
    requireShort(call, first);
    requireShort(call, second);
    return run(call, (operation - code) / OPERATION_STEP, first, second);
  } catch (error) {
    const failure = asFailure(error, call.call);
    if (!(failure instanceof ContractFailure)) throw failure;
    return `${FAILURE_MARK}${call.record(failure)} ${failure.code}`;
  }
}

/** PROTOCOL §Sandbox Z10. @throws ContractFailure `LIMIT_EXCEEDED` */
function requireShort({ call }: CallState, text: string): void {
  const limit = BORDER_LIMITS.textCharacters;
  if (text.length > limit) throw apiFailure(call, 'LIMIT_EXCEEDED', { limit });
}

/**
 * The result of what the guest's entry gave. PROTOCOL §Sandbox Z7
 *
 * @throws ContractFailure, SchemaError, BorderBreach
 */
export function resultOf(call: CallState, text: string): Uint8Array {
  if (call.ending !== undefined) throw call.ending;
  if (!call.isAuthorised) throw new BorderBreach('the accounts of the method', 'a result without');
  const { returns, mustAsk } = call.method;
  if (mustAsk && !call.hasAsked) throw notAskedInMethod(call.call);
  requireShort(call, text);
  if (returns !== undefined) return call.encoded(returns, text);
  if (text !== '') throw new BorderBreach('no result', 'one');
  return NO_BYTES;
}
