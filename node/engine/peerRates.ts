import type { Timers } from './timers.js';

/** How often each peer may be served: so many times a window, then not until the next one. */
export class PeerRates {
  private readonly windows = new Map<string, { startMs: number; served: number }>();

  constructor(
    private readonly options: { readonly perWindow: number; readonly windowMs: number },
    private readonly timers: Pick<Timers, 'monotonic'>,
  ) {}

  /** Counts so many services, 1 unless told. @returns false when the peer has had its share */
  take(peerId: string, count = 1): boolean {
    const nowMs = this.timers.monotonic();
    const window = this.windows.get(peerId);
    if (window === undefined || nowMs - window.startMs >= this.options.windowMs) {
      this.windows.set(peerId, { startMs: nowMs, served: count });
      return true;
    }
    if (window.served + count > this.options.perWindow) return false;
    window.served += count;
    return true;
  }

  /** Lets go of a peer that left: the map is no longer than the list of connected peers. */
  forget(peerId: string): void {
    this.windows.delete(peerId);
  }
}
