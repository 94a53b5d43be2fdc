/** Most entries that one range may give. */
export const RANGE_LIMIT = 1_000;
