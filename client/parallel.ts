/** Requests under way at once: enough to fill blocks without holding a node up. */
const REQUESTS_AT_ONCE = 8;

/** The items in parts of at most so many. */
export function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Runs the work for each item, so many at once, and keeps the order. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const runners = Array.from({ length: Math.min(REQUESTS_AT_ONCE, queue.length) }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  });
  await Promise.all(runners);
  return results;
}
