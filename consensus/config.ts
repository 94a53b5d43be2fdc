import { ConsensusError } from './errors.js';
import type { ConsensusConfig } from './types.js';

/** A year: no delay of the protocol is longer. */
const MAX_DELAY_MS = 31_536_000_000;

/**
 * Refuses constants with which the protocol could stand still.
 *
 * @throws ConsensusError `CONSENSUS_CONFIG_INVALID`
 */
export function requireConfig(config: ConsensusConfig): ConsensusConfig {
  requireDelay(config, 'timeoutBaseMs', 1);
  requireDelay(config, 'timeoutCapMs', config.timeoutBaseMs);
  requireDelay(config, 'maxClockDriftMs', 0);
  requireDelay(config, 'minBlockIntervalMs', 0);
  requireDelay(config, 'heartbeatMs', Math.max(1, config.minBlockIntervalMs));
  return config;
}

type DelayName = 'timeoutBaseMs' | 'timeoutCapMs' | 'maxClockDriftMs' | 'minBlockIntervalMs' | 'heartbeatMs';

function requireDelay(config: ConsensusConfig, name: DelayName, least: number): void {
  const value = config[name];
  if (Number.isSafeInteger(value) && value >= least && value <= MAX_DELAY_MS) return;
  const expected = `an integer from ${least} to ${MAX_DELAY_MS}`;
  throw new ConsensusError('CONSENSUS_CONFIG_INVALID', `${name}: expected ${expected}, found ${value}`, {
    field: name,
    expected,
    actual: String(value),
    hint: 'these constants stand in the genesis file; every validator has the same',
  });
}
