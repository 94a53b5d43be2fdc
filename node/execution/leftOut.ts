import type { Hash } from '../../primitives/bytes.js';
import type { BuildResult } from './types.js';

/** A candidate that has no place in a block, and why. */
export type LeftOut = BuildResult['leftOut'][number];

/** Ids of candidates that broke the executor. */
export function poisonousAmong(leftOut: readonly LeftOut[]): Hash[] {
  return leftOut.filter(({ code }) => code === 'HOST_EXCEPTION').map(({ id }) => id);
}
