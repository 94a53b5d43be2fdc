/**
 * Loaded into the runs that have to catch a bug: the report of a failed expectation holds its values, and JSON has no
 * bigints. Without this, whoever finds a bug about money is taken for a run that broke.
 */
Object.defineProperty(BigInt.prototype, 'toJSON', {
  value(this: bigint): string {
    return `${this}`;
  },
});
