import type { MetricDefinition } from '../ops/ports.js';

/** Names of what the mempool counts. */
export const METRIC = {
  waiting: 'vostro_mempool_transactions_count',
  waitingBytes: 'vostro_mempool_transactions_bytes',
  admitted: 'vostro_mempool_admitted_total',
  refused: 'vostro_mempool_refused_total',
  dropped: 'vostro_mempool_dropped_total',
  queued: 'vostro_mempool_queued_transactions_count',
  oldest: 'vostro_mempool_oldest_transaction_seconds',
  shareLimits: 'vostro_mempool_share_limits_total',
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
  [METRIC.queued]: {
    kind: 'gauge',
    help: 'Transactions that waited at the last commit, by priority',
    labels: ['priority'],
  },
  [METRIC.oldest]: {
    kind: 'gauge',
    help: 'How long the oldest of them had waited at the last commit, by priority',
    labels: ['priority'],
  },
  [METRIC.shareLimits]: {
    kind: 'counter',
    help: 'Own builds in which shares decided, because not all that waited had room, by resource',
    labels: ['resource'],
  },
  [METRIC.checked]: {
    kind: 'counter',
    help: 'Signatures checked, for admission or a proposed block',
    labels: ['purpose'],
  },
};
