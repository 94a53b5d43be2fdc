import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a local commit to a round that timed out a few times. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The node's metrics. Names are `vostro_<room>_<what>_<unit>`; a series is made when it is first asked for and the same
 * name always gives the same series.
 */
export class MetricsRegistry {
  readonly registry = new Registry();

  constructor(options: { readonly node: string; readonly processMetrics: boolean }) {
    this.registry.setDefaultLabels({ node: options.node });
    if (options.processMetrics) collectDefaultMetrics({ register: this.registry });
  }

  /** Something that only grows. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const existing = this.registry.getSingleMetric(name);
    if (existing instanceof Counter) return existing;
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  /** A value of this moment; `collect` reads it when somebody scrapes. */
  gauge(name: string, help: string, collect?: () => number): Gauge {
    const existing = this.registry.getSingleMetric(name);
    if (existing instanceof Gauge) return existing;
    return new Gauge({
      name,
      help,
      registers: [this.registry],
      ...(collect === undefined
        ? {}
        : {
            collect() {
              this.set(collect());
            },
          }),
    });
  }

  /** Durations, observed in seconds. */
  duration(name: string, help: string): Histogram {
    const existing = this.registry.getSingleMetric(name);
    if (existing instanceof Histogram) return existing;
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
