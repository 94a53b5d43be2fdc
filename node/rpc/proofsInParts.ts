import { fromHex, type Hex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { BlockProofs } from '../../primitives/types.js';
import type { Executor } from '../execution/types.js';

type ProofSource = Pick<Executor, 'proofs'>;

/**
 * Proofs of as many of the transactions, from the first on, as the executor gives in one answer: receipts of batches may
 * be large. One alone always fits.
 */
export async function fittingProofs(
  executor: ProofSource,
  ids: readonly Hex[],
): Promise<{ readonly proofs: readonly BlockProofs[]; readonly covered: readonly Hex[] }> {
  for (let covered = ids; ; covered = covered.slice(0, Math.ceil(covered.length / 2))) {
    try {
      return { proofs: await executor.proofs(covered.map((id) => fromHex(id, 32))), covered };
    } catch (error) {
      const isTooLarge = isCodedError(error) && error.code === 'QUERY_TOO_LARGE';
      if (!isTooLarge || covered.length <= 1) throw error;
    }
  }
}

/** Proofs of all of the transactions, in as many answers as it takes. */
export async function* proofsInParts(executor: ProofSource, ids: readonly Hex[]): AsyncGenerator<BlockProofs> {
  for (let rest = ids; rest.length > 0; ) {
    const { proofs, covered } = await fittingProofs(executor, rest);
    yield* proofs;
    rest = rest.slice(covered.length);
  }
}
