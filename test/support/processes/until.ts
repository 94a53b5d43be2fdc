import { CodedError } from '../../../primitives/errors.js';

/** Generous: it ends a test that would hang, and says nothing of how long anything may take. */
const LIMIT_MS = 90_000;
const PAUSE_MS = 50;

/** Asks until the answer is neither undefined nor false. @throws CodedError `WAITED_IN_VAIN` */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (performance.now() < deadlineMs) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await pause(PAUSE_MS);
  }
  throw new CodedError('WAITED_IN_VAIN', `expected ${what} within ${LIMIT_MS} ms`, { expected: what });
}

/** Gives what should not happen the time to happen. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
