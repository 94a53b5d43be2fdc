import type { MetricDefinition } from '../ops/ports.js';

/** Names of what the mempool counts. */
export const METRIC = {
  waiting: 'vostro_mempool_transactions_count',
  waitingBytes: 'vostro_mempool_transactions_bytes',
  admitted: 'vostro_mempool_admitted_total',
  refused: 'vostro_mempool_refused_total',
  dropped: 'vostro_mempool_dropped_total',
  checked: 'vostro_mempool_checked_signatures_total',
} as const;

export type MempoolMetric = (typeof METRIC)[keyof typeof METRIC];

/** For whoever shows them. */
export const MEMPOOL_METRICS: Readonly<Record<MempoolMetric, MetricDefinition>> = {
  [METRIC.waiting]: { kind: 'gauge', help: 'Transactions that wait', labels: [] },
  [METRIC.waitingBytes]: { kind: 'gauge', help: 'Bytes of the transactions that wait', labels: [] },
  [METRIC.admitted]: {
    kind: 'counter',
    help: 'Transactions taken in or known already, by source (submitted, relayed) and status',
    labels: ['source', 'status'],
  },
  [METRIC.refused]: {
    kind: 'counter',
    help: 'Transactions not taken in, by source and code',
    labels: ['source', 'code'],
  },
  [METRIC.dropped]: {
    kind: 'counter',
    help: 'Transactions that waited and no longer do, by reason',
    labels: ['reason'],
  },
  [METRIC.checked]: {
    kind: 'counter',
    help: 'Signatures checked, for admission or a proposed block',
    labels: ['purpose'],
  },
};
