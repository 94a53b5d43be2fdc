import type { ConsensusConfig } from './types.js';

/** (3/2)^100 is above 4 · 10^17: no cap that a clock can hold is larger. */
const ROUND_AT_CAP = 100;

/** min(base · 3^r / 2^r, cap), in integers, rounded down. PROTOCOL §Consensus rule 5. */
export function roundTimeoutMs(
  { timeoutBaseMs, timeoutCapMs }: Pick<ConsensusConfig, 'timeoutBaseMs' | 'timeoutCapMs'>,
  round: number,
): number {
  if (round >= ROUND_AT_CAP) return timeoutCapMs;
  const grown = (BigInt(timeoutBaseMs) * 3n ** BigInt(round)) >> BigInt(round);
  return grown < BigInt(timeoutCapMs) ? Number(grown) : timeoutCapMs;
}
