import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { InvariantError } from '../../primitives/errors.js';
import type { MetricDefinition, MetricLabels, Metrics } from './ports.js';

/** Seconds; from a local commit to a round that timed out a few times. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  /** Stands on every series: which node speaks. */
  readonly node: string;
  /** Also memory, CPU, event loop and garbage collection of the process. */
  readonly processMetrics: boolean;
}

/**
 * The node's metrics, named `vostro_<room>_<what>_<unit>`. Rooms define their series beside the code that counts them;
 * a name that no room defined, or with other labels, is a programmer's error.
 */
export class MetricsRegistry implements Metrics {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();

  constructor(options: MetricsOptions, definitions: Readonly<Record<string, MetricDefinition>>) {
    this.registry.setDefaultLabels({ node: options.node });
    if (options.processMetrics) collectDefaultMetrics({ register: this.registry });
    for (const [name, { kind, help, labels }] of Object.entries(definitions)) {
      const configuration = { name, help, labelNames: [...labels], registers: [this.registry] };
      if (kind === 'counter') this.counters.set(name, new Counter(configuration));
      else this.gauges.set(name, new Gauge(configuration));
    }
  }

  count(name: string, by = 1, labels: MetricLabels = {}): void {
    const counter = this.counters.get(name);
    if (counter === undefined) throw new InvariantError(`no room defines the counter ${name}`);
    counter.inc(labels, by);
  }

  gauge(name: string, value: number, labels: MetricLabels = {}): void {
    const gauge = this.gauges.get(name);
    if (gauge === undefined) throw new InvariantError(`no room defines the gauge ${name}`);
    gauge.set(labels, value);
  }

  /** A gauge that is read when somebody scrapes. */
  observe(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Durations, observed in seconds. */
  duration(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: DURATION_BUCKETS_SECONDS, registers: [this.registry] });
  }

  /** The text that Prometheus scrapes. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}
