import type { Logger, Metrics } from '../ops/ports.js';
import { describeFailure } from './errors.js';
import { METRIC } from './metrics.js';
import type { PeerEntry } from './types.js';

interface Target {
  readonly entry: PeerEntry;
  /** Dials since the last connection that held. */
  attempts: number;
  connected: boolean;
  timer: NodeJS.Timeout | undefined;
  abort: AbortController | undefined;
}

/** See NetworkLimits for the meaning and unit of each. */
export interface DialerLimits {
  readonly higherDialDelayMs: number;
  readonly reconnectBaseMs: number;
  readonly reconnectCapMs: number;
  readonly stableConnectionMs: number;
}

/**
 * Decides when which peer is dialled. Of two peers the one with the lower id dials, so that they do not meet in the
 * middle; the other waits a little and then dials as well, in case only one of them can reach the other. It never gives
 * up: a bank's node may be away for a week.
 */
export class Dialer {
  private readonly targets = new Map<string, Target>();
  private stopped = false;

  constructor(
    private readonly options: { readonly ownPeerId: string; readonly limits: DialerLimits },
    private readonly modules: {
      readonly dial: (entry: PeerEntry, signal: AbortSignal) => Promise<void>;
      /** From 0 inclusive to 1 exclusive; spreads reconnects so that they do not come in step. */
      readonly random: () => number;
      /** Told why a dial failed. */
      readonly onFailed: (peerId: string, failure: string) => void;
      readonly metrics: Metrics;
      readonly logger: Logger;
    },
  ) {}

  /** Replaces whom to dial: begins with new ones, leaves alone those that stay as they are. */
  setTargets(entries: readonly PeerEntry[], isConnected: (peerId: string) => boolean): void {
    const wanted = new Map(entries.filter(({ addresses }) => addresses.length > 0).map((e) => [e.peerId, e]));
    for (const [peerId, target] of this.targets) {
      const entry = wanted.get(peerId);
      if (entry !== undefined && sameAddresses(entry, target.entry)) continue;
      this.forget(peerId, target);
    }
    for (const [peerId, entry] of wanted) {
      if (this.targets.has(peerId)) continue;
      const connected = isConnected(peerId);
      const target: Target = { entry, attempts: 0, connected, timer: undefined, abort: undefined };
      this.targets.set(peerId, target);
      if (!connected) this.schedule(target, this.firstDelayMs(peerId));
    }
  }

  /** A usable connection to the peer stands. */
  onConnected(peerId: string): void {
    const target = this.targets.get(peerId);
    if (target === undefined) return;
    target.connected = true;
    clearTimeout(target.timer);
  }

  /** The connection to the peer is gone after it held for so long. */
  onDisconnected(peerId: string, heldMs: number): void {
    const target = this.targets.get(peerId);
    if (target === undefined) return;
    target.connected = false;
    if (heldMs >= this.options.limits.stableConnectionMs) target.attempts = 0;
    if (target.abort === undefined) this.scheduleRetry(target);
  }

  stop(): void {
    this.stopped = true;
    for (const [peerId, target] of this.targets) this.forget(peerId, target);
  }

  private forget(peerId: string, target: Target): void {
    clearTimeout(target.timer);
    target.abort?.abort();
    this.targets.delete(peerId);
  }

  private firstDelayMs(peerId: string): number {
    return this.options.ownPeerId < peerId ? 0 : this.options.limits.higherDialDelayMs;
  }

  private scheduleRetry(target: Target): void {
    const { reconnectBaseMs, reconnectCapMs } = this.options.limits;
    const backoffMs = Math.min(reconnectBaseMs * 2 ** Math.min(target.attempts, 30), reconnectCapMs);
    const jitteredMs = backoffMs * (0.5 + this.modules.random() / 2);
    this.schedule(target, jitteredMs + this.firstDelayMs(target.entry.peerId));
  }

  private schedule(target: Target, delayMs: number): void {
    if (this.stopped) return;
    clearTimeout(target.timer);
    target.timer = setTimeout(() => {
      void this.dial(target);
    }, delayMs);
  }

  private async dial(target: Target): Promise<void> {
    const abort = new AbortController();
    target.abort = abort;
    target.attempts++;
    const { peerId, addresses } = target.entry;
    const { metrics, logger } = this.modules;
    try {
      await this.modules.dial(target.entry, abort.signal);
      metrics.count(METRIC.dials, 1, { result: 'connected' });
    } catch (cause) {
      metrics.count(METRIC.dials, 1, { result: 'failed' });
      const failure = describeFailure(cause);
      const fields = { event: 'network.dial_failed', peer: peerId, addresses, attempt: target.attempts, failure };
      logger.debug(fields, 'a peer could not be reached; it is dialled again');
      if (!abort.signal.aborted) this.modules.onFailed(peerId, failure);
    } finally {
      target.abort = undefined;
    }
    // Where the dial brought a connection that is not usable yet, its end asks for the next dial.
    if (this.targets.get(peerId) === target && !target.connected) this.scheduleRetry(target);
  }
}

function sameAddresses(a: PeerEntry, b: PeerEntry): boolean {
  return a.addresses.length === b.addresses.length && a.addresses.every((address, i) => address === b.addresses[i]);
}
