import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { InvariantError } from '../../primitives/errors.js';
import type { MetricDefinition, MetricLabels, Metrics } from './ports.js';
import { Series } from './series.js';

/** Seconds; from a local commit to a round that timed out a few times. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const NO_LABELS: MetricLabels = {};

export interface MetricsOptions {
  /** Stands on every series: which node speaks. */
  readonly node: string;
  /** Also memory, CPU, event loop and garbage collection of the process. */
  readonly processMetrics: boolean;
}

/**
 * The node's metrics, named `vostro_<room>_<what>_<unit>`. Rooms define their series beside the code that counts them;
 * a name that no room defined, or with other labels, is a programmer's error. The registry is told when somebody scrapes:
 * it hashes the labels of each call, and rooms count in their hot paths.
 */
export class MetricsRegistry implements Metrics {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Series>();
  private readonly gauges = new Map<string, Series>();

  constructor(options: MetricsOptions, definitions: Readonly<Record<string, MetricDefinition>>) {
    this.registry.setDefaultLabels({ node: options.node });
    if (options.processMetrics) collectDefaultMetrics({ register: this.registry });
    for (const [name, definition] of Object.entries(definitions)) {
      if (definition.kind === 'counter') this.counters.set(name, this.counter(name, definition));
      else this.gauges.set(name, this.gaugeOf(name, definition));
    }
  }

  count(name: string, by = 1, labels: MetricLabels = NO_LABELS): void {
    const series = this.counters.get(name);
    if (series === undefined) throw new InvariantError(`no room defines the counter ${name}`);
    if (!(by >= 0)) throw new InvariantError(`the counter ${name} only grows`, { actual: `${by}` });
    series.at(labels).value += by;
  }

  gauge(name: string, value: number, labels: MetricLabels = NO_LABELS): void {
    const series = this.gauges.get(name);
    if (series === undefined) throw new InvariantError(`no room defines the gauge ${name}`);
    series.at(labels).value = value;
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

  private counter(name: string, { help, labels }: MetricDefinition): Series {
    const series = new Series(name, labels);
    const collect = function (this: Counter): void {
      this.reset();
      for (const { labels: at, value } of series.all()) this.inc(at, value);
    };
    new Counter({ name, help, labelNames: [...labels], registers: [this.registry], collect });
    return series;
  }

  private gaugeOf(name: string, { help, labels }: MetricDefinition): Series {
    const series = new Series(name, labels);
    const collect = function (this: Gauge): void {
      for (const { labels: at, value } of series.all()) this.set(at, value);
    };
    new Gauge({ name, help, labelNames: [...labels], registers: [this.registry], collect });
    return series;
  }
}
