import type { Stream } from '@libp2p/interface';
import { NetworkError } from './errors.js';

/** Closes our end for writing; the other end stays open. */
export async function closeQuietly(stream: Stream): Promise<void> {
  try {
    await stream.close();
  } catch {
    // It ended by itself, which whoever reads it learns in its own way.
  }
}

/** Lets a stream that has done its work end by itself, or ends it after a while. */
export function abandon(stream: Stream, graceMs: number): void {
  if (stream.status !== 'open' && stream.status !== 'closing') return;
  const timer = setTimeout(() => {
    stream.abort(new NetworkError('REQUEST_TIMEOUT', `expected the stream to end within ${graceMs} ms, found it open`));
  }, graceMs);
  stream.addEventListener('close', () => {
    clearTimeout(timer);
  });
}
