/** Labels of a series: few values each, never something a stranger may choose. */
export type MetricLabels = Readonly<Record<string, string>>;

/**
 * What a room needs to count things, so that it does not know where they are shown. Names are
 * `vostro_<room>_<what>_<unit>`.
 */
export interface Metrics {
  /** Adds to something that only grows; by 1 unless told. */
  count(name: string, by?: number, labels?: MetricLabels): void;
  /** Sets a value of this moment. */
  gauge(name: string, value: number, labels?: MetricLabels): void;
}

/** What a room needs to tell an operator something: a stable `event` name and fields, then a sentence. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface LogFields {
  /** `<room>.<what_happened>` */
  readonly event: string;
  readonly [field: string]: unknown;
}

/** How a series is made known to whoever shows it. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
}
