/** A cheap deterministic generator (xorshift32): the same load in every run. @returns an integer from 0 to below - 1 */
export function randomIndices(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
