import type { Logger, Metrics } from '../../../../node/ops/ports.js';

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
export const silentMetrics: Metrics = { count() {}, gauge() {} };
