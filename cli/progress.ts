import { Presets, SingleBar } from 'cli-progress';
import type { Streams } from './output.js';

/** Shows how far a long command is. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/** A bar on stderr where that is a terminal, and nothing elsewhere, so that logs stay readable. */
export function startProgress(streams: Streams, total: number, unit: string): Progress {
  const { stderr } = streams;
  if (stderr.isTTY !== true || total === 0) return SILENT;
  const format = ` {bar} {value}/{total} ${unit}, {duration_formatted}`;
  const stream = stderr as NodeJS.WriteStream;
  const bar = new SingleBar({ format, stream, hideCursor: true, clearOnComplete: true }, Presets.shades_classic);
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}
