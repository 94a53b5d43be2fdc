/** One measured operation. */
export interface Figure {
  readonly room: string;
  readonly name: string;
  /** Processor time of the whole process for one operation, all threads and the garbage collector included. */
  readonly medianUs: number;
  readonly leastUs: number;
  readonly repeats: number;
  /** What one operation did, where that can be counted: bytes, rows, hashes. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Operation {
  readonly name: string;
  /** How many operations one call of `run` stands for; 1 unless told. */
  readonly operations?: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly run: () => unknown;
}

export interface HarnessOptions {
  readonly repeats: number;
  /** Processor time that one repeat takes at least. */
  readonly repeatMs: number;
}

export const DEFAULT_HARNESS: HarnessOptions = { repeats: 15, repeatMs: 20 };
const MAX_CALLS = 1 << 20;

/**
 * Measures processor time, not time on the clock: another process that takes the processor away does not count. The
 * first repeat finds how many calls fill one and is thrown away with the second: by then the code is compiled.
 */
export async function measure(room: string, operation: Operation, options: HarnessOptions): Promise<Figure> {
  const { name, operations = 1, counts = {}, run } = operation;
  let calls = 1;
  while (calls < MAX_CALLS && (await repeat(run, calls)) < options.repeatMs * 1_000) calls *= 2;
  await repeat(run, calls);
  const times: number[] = [];
  for (let i = 0; i < options.repeats; i++) times.push((await repeat(run, calls)) / (calls * operations));
  times.sort((a, b) => a - b);
  const [leastUs = 0] = times;
  const medianUs = times[times.length >> 1] ?? leastUs;
  return { room, name, medianUs, leastUs, repeats: options.repeats, counts };
}

async function repeat(run: () => unknown, calls: number): Promise<number> {
  const start = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    const result = run();
    // What is not asynchronous pays for no promise.
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** A line for people. */
export function formatFigure({ room, name, medianUs, leastUs, repeats, counts }: Figure): string {
  const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  const figures = `${time(medianUs).padStart(10)}  least ${time(leastUs).padStart(10)}  of ${repeats}`;
  return [`${room.padEnd(11)} ${name.padEnd(46)} ${figures}`, ...told].join('  ');
}

function time(us: number): string {
  return us < 10 ? `${(us * 1_000).toFixed(0)} ns` : `${us.toFixed(1)} µs`;
}
