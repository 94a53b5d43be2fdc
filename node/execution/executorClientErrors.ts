import { ExecutionError } from './errors.js';
import type { RestartLimits } from './restartBudget.js';

/** What the executor's client refuses by itself. */

/** The executor's thread is gone for good. */
export function workerDied(actual: string): ExecutionError {
  return new ExecutionError('WORKER_DIED', `expected the executor's thread to run, found it ended: ${actual}`, {
    expected: 'a running thread',
    actual,
    hint: 'start the node again: it goes on from the last committed block',
  });
}

/** More requests wait for a new thread than may. */
export function tooManyWaiting(limit: number): ExecutionError {
  return new ExecutionError(
    'EXECUTOR_BUSY',
    `expected at most ${limit} requests to wait for the executor, found one more`,
    {
      expected: `at most ${limit}`,
      actual: `${limit + 1}`,
      hint: 'try again later, or ask another node',
    },
  );
}

/** Simulations ended the thread too often. */
export function suspended({ count, windowMs }: RestartLimits): ExecutionError {
  return new ExecutionError(
    'SIMULATIONS_SUSPENDED',
    `simulations ended the executor's thread ${count} times in ${windowMs} ms: none is run for a while`,
    {
      expected: `at most ${count} in ${windowMs} ms`,
      actual: 'more',
      hint: 'ask another node, or try again later; executor.restarted in the log names the transactions',
    },
  );
}

/** Undecided work and queries ended the thread too often. */
export function tooOften({ count, windowMs }: RestartLimits, cause: string): ExecutionError {
  return new ExecutionError(
    'EXECUTOR_UNSTABLE',
    `expected the executor to begin anew at most ${count} times in ${windowMs} ms, found once more: ${cause}`,
    {
      expected: `at most ${count} in ${windowMs} ms`,
      actual: cause,
      hint: 'look at executor.restarted in the log for the transactions that break it, and report them',
    },
  );
}
