import { InvariantError } from '../../primitives/errors.js';
import type { MetricLabels } from './ports.js';

/** A value and the labels that it stands under. */
export interface LabelledValue {
  readonly labels: MetricLabels;
  value: number;
}

/** What stands under the values of the labels so far: one more map for each label, then the value. */
interface Branch {
  readonly next: Map<string, Branch>;
  leaf: LabelledValue | undefined;
}

/** The values of one metric, one for each combination of labels: found by a look into a map for each label. */
export class Series {
  private readonly root: Branch = { next: new Map(), leaf: undefined };
  private readonly values: LabelledValue[] = [];

  constructor(
    private readonly name: string,
    private readonly labelNames: readonly string[],
  ) {}

  /** The value under these labels, 0 at first. @throws InvariantError for a label that the metric does not have */
  at(labels: MetricLabels): LabelledValue {
    // Each time, not only where a value is made: a surplus label would not tell two values apart.
    for (const label in labels) if (!this.labelNames.includes(label)) throw this.unknown(label);
    let branch = this.root;
    for (const name of this.labelNames) {
      const value = labels[name] ?? '';
      let next = branch.next.get(value);
      if (next === undefined) {
        next = { next: new Map(), leaf: undefined };
        branch.next.set(value, next);
      }
      branch = next;
    }
    branch.leaf ??= this.create(labels);
    return branch.leaf;
  }

  /** Every value that was touched. */
  all(): readonly LabelledValue[] {
    return this.values;
  }

  private create(labels: MetricLabels): LabelledValue {
    const value = { labels: { ...labels }, value: 0 };
    this.values.push(value);
    return value;
  }

  private unknown(label: string): InvariantError {
    return new InvariantError(`no room defines the label ${label} of ${this.name}`);
  }
}
