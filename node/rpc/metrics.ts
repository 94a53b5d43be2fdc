import type { MetricDefinition } from '../ops/ports.js';

/** Names of what the RPC counts. */
export const METRIC = {
  requests: 'vostro_rpc_requests_total',
  refused: 'vostro_rpc_refused_total',
  waits: 'vostro_rpc_waits_count',
  waitedIds: 'vostro_rpc_waited_ids_count',
  proofs: 'vostro_rpc_proofs_total',
} as const;

export type RpcMetric = (typeof METRIC)[keyof typeof METRIC];

/** For whoever shows them. */
export const RPC_METRICS: Readonly<Record<RpcMetric, MetricDefinition>> = {
  [METRIC.requests]: { kind: 'counter', help: 'Requests, by method and HTTP status', labels: ['method', 'status'] },
  [METRIC.refused]: {
    kind: 'counter',
    help: 'Requests refused before any method ran, by reason',
    labels: ['reason'],
  },
  [METRIC.waits]: { kind: 'gauge', help: 'Waits for finality that are open', labels: [] },
  [METRIC.proofs]: {
    kind: 'counter',
    help: 'Receipts proven at the settlement door, by where they were read: memory or executor',
    labels: ['source'],
  },
  [METRIC.waitedIds]: { kind: 'gauge', help: 'Transactions that open waits ask for', labels: [] },
};
