import type { MetricDefinition } from '../ops/ports.js';

/** Names of what is counted of the executor. */
export const METRIC = { restarts: 'vostro_execution_restarts_total' } as const;

export type ExecutionMetric = (typeof METRIC)[keyof typeof METRIC];

/** For whoever shows them. */
export const EXECUTION_METRICS: Readonly<Record<ExecutionMetric, MetricDefinition>> = {
  [METRIC.restarts]: {
    kind: 'counter',
    help: 'Times that something broke the executor and it began anew at the last commit',
    labels: [],
  },
};
