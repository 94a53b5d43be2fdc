import type { MetricDefinition } from '../ops/ports.js';

/** Names of what storage counts. */
export const METRIC = {
  syncs: 'vostro_storage_syncs_total',
} as const;

/** For whoever shows them. */
export const STORAGE_METRICS: Readonly<Record<(typeof METRIC)['syncs'], MetricDefinition>> = {
  [METRIC.syncs]: {
    kind: 'counter',
    help: 'Times that the disk was waited for until it had everything, by file: a directory for the names in it, the chain for a batch',
    labels: ['file'],
  },
};
