import { ENGINE_METRICS } from './engine/metrics.js';
import { EVIDENCE_METRICS } from './evidenceReporter.js';
import { EXECUTION_METRICS } from './execution/metrics.js';
import { MEMPOOL_METRICS } from './mempool/metrics.js';
import { NETWORK_METRICS } from './network/metrics.js';
import { type MetricsOptions, MetricsRegistry } from './ops/metrics.js';
import { READINESS_METRICS } from './readiness.js';
import { RPC_METRICS } from './rpc/metrics.js';
import { STORAGE_METRICS } from './storage/metrics.js';

/** The registry with the series of every room. */
export function createMetrics(options: MetricsOptions): MetricsRegistry {
  return new MetricsRegistry(options, {
    ...ENGINE_METRICS,
    ...EVIDENCE_METRICS,
    ...EXECUTION_METRICS,
    ...MEMPOOL_METRICS,
    ...NETWORK_METRICS,
    ...READINESS_METRICS,
    ...RPC_METRICS,
    ...STORAGE_METRICS,
  });
}
