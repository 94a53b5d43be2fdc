import type { MetricDefinition } from '../ops/ports.js';

/** Names of what is counted of the executor. */
export const METRIC = {
  restarts: 'vostro_execution_restarts_total',
  waited: 'vostro_execution_waiting_seconds_total',
  refused: 'vostro_execution_refused_requests_total',
  sandboxLoads: 'vostro_execution_sandbox_loads_total',
  sandboxPrograms: 'vostro_execution_sandbox_programs_total',
  sandboxCalls: 'vostro_execution_sandbox_calls_total',
  sandboxFaults: 'vostro_execution_sandbox_faults_total',
  sandboxFuel: 'vostro_execution_sandbox_fuel_total',
} as const;

export type ExecutionMetric = (typeof METRIC)[keyof typeof METRIC];

/** For whoever shows them. */
export const EXECUTION_METRICS: Readonly<Record<ExecutionMetric, MetricDefinition>> = {
  [METRIC.restarts]: {
    kind: 'counter',
    help: 'Times that something broke the executor and it began anew at the last commit',
    labels: [],
  },
  [METRIC.waited]: {
    kind: 'counter',
    help: 'Time that views and simulations waited for their turn, by work (view, simulation)',
    labels: ['work'],
  },
  [METRIC.refused]: {
    kind: 'counter',
    help: 'Views and simulations refused because too many waited, by work (view, simulation)',
    labels: ['work'],
  },
  [METRIC.sandboxLoads]: {
    kind: 'counter',
    help: 'Programs of bank contracts that the sandbox was given to load, by result (loaded, refused)',
    labels: ['result'],
  },
  [METRIC.sandboxPrograms]: {
    kind: 'counter',
    help: 'Times that a program was looked for among the loaded ones, by result (hit, miss)',
    labels: ['result'],
  },
  [METRIC.sandboxCalls]: {
    kind: 'counter',
    help: 'Calls of bank contracts, in blocks, views and simulations',
    labels: [],
  },
  [METRIC.sandboxFaults]: {
    kind: 'counter',
    help: 'Of those, that ended because the program was at fault, by reason',
    labels: ['reason'],
  },
  [METRIC.sandboxFuel]: {
    kind: 'counter',
    help: 'Fuel that calls of bank contracts used, that of what they called included',
    labels: [],
  },
};
