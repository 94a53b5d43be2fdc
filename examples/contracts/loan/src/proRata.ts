/**
 * Divides an amount in proportion to weights, in whole units, by the method of the largest remainder: each share is rounded
 * down, and the units that are left go to the largest remainders, of equal ones to the first. The shares add up to the
 * amount, and none differs from the exact one by a whole unit.
 *
 * @param weights not all of them 0
 */
export function proRata(amount: bigint, weights: readonly bigint[]): readonly bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  const shares = weights.map((weight) => (amount * weight) / total);
  const remainders = weights.map((weight, index) => ({ index, remainder: (amount * weight) % total }));
  let left = amount - shares.reduce((sum, share) => sum + share, 0n);
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of remainders) {
    if (left === 0n) break;
    shares[index] = (shares[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return shares;
}
