import { DEFAULT_NETWORK_LIMITS } from '../../../node/network/limits.js';
import { PeerScores } from '../../../node/network/peerScores.js';
import type { NetworkHandlers } from '../../../node/network/types.js';
import { Endpoint, type Mesh, type NetworkObserver } from './endpoint.js';
import type { FaultCounts } from './faults.js';
import type { Life } from './life.js';
import { type LinkState, Links } from './links.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtualTime.js';

const DETECT_MS = { least: 1, most: 400 } as const;
const RECONNECT_MS = { least: 5, most: 600 } as const;

/**
 * The mesh of a world: connections that open and end as nodes live, links and lists allow, and packets that are late,
 * lost, doubled or overtaken on their way.
 */
export class SimulatedNetwork implements Mesh {
  readonly links: Links;
  readonly #endpoints = new Map<string, Endpoint>();
  /** Connections that stand, by both ends; the number tells one from the next. */
  readonly #connections = new Map<string, number>();
  readonly #pending = new Set<string>();
  #epoch = 0;

  constructor(
    readonly time: VirtualTime,
    readonly random: Random,
    readonly faults: FaultCounts,
    readonly observer: NetworkObserver,
  ) {
    this.links = new Links(random);
  }

  endpoint(life: Life, peerId: string, handlers: NetworkHandlers): Endpoint {
    const scores = new PeerScores(DEFAULT_NETWORK_LIMITS, () => this.time.nowMs);
    return new Endpoint({ life, peerId, handlers, scores }, this);
  }

  join(endpoint: Endpoint): void {
    const { peerId } = endpoint;
    this.#endpoints.set(peerId, endpoint);
    // What an earlier process had open ends at the other end at the latest when its successor is there.
    for (const other of [...this.#connections.keys()].flatMap(ends)) this.disconnect(peerId, other);
    this.review();
  }

  leave(endpoint: Endpoint): void {
    if (this.#endpoints.get(endpoint.peerId) === endpoint) this.#endpoints.delete(endpoint.peerId);
    this.review();
  }

  /** The endpoint to which a connection stands, of that epoch where one is told. */
  peer(from: string, to: string, epoch?: number): Endpoint | undefined {
    const standing = this.#connections.get(pair(from, to));
    if (standing === undefined || (epoch !== undefined && epoch !== standing)) return undefined;
    const endpoint = this.#endpoints.get(to);
    return endpoint?.life.isAlive ? endpoint : undefined;
  }

  epoch(from: string, to: string): number | undefined {
    return this.#connections.get(pair(from, to));
  }

  /** Ends a connection at once; it is opened again when it may be. */
  disconnect(a: string, b: string): void {
    if (!this.#connections.delete(pair(a, b))) return;
    this.#endpoints.get(a)?.onClosed(b);
    this.#endpoints.get(b)?.onClosed(a);
    this.review();
  }

  /** Opens and ends connections as things stand now, each after a while. */
  review(): void {
    const names = [...new Set([...this.#endpoints.keys(), ...[...this.#connections.keys()].flatMap(ends)])];
    for (const [index, a] of names.entries()) {
      for (const b of names.slice(index + 1)) this.#reviewPair(a, b);
    }
  }

  #reviewPair(a: string, b: string): void {
    const key = pair(a, b);
    if (this.#pending.has(key) || this.#isWanted(a, b) === this.#connections.has(key)) return;
    this.#pending.add(key);
    const { least, most } = this.#connections.has(key) ? DETECT_MS : RECONNECT_MS;
    this.time.after(this.random.integer(least, most), () => {
      this.#pending.delete(key);
      if (this.#isWanted(a, b) === this.#connections.has(key)) return;
      if (this.#connections.delete(key)) {
        this.#endpoints.get(a)?.onClosed(b);
        this.#endpoints.get(b)?.onClosed(a);
        this.review();
        return;
      }
      this.#connections.set(key, ++this.#epoch);
      this.#endpoints.get(a)?.onOpened(b);
      this.#endpoints.get(b)?.onOpened(a);
    });
  }

  /** Both live, list each other and hear each other. */
  #isWanted(a: string, b: string): boolean {
    const first = this.#endpoints.get(a);
    const second = this.#endpoints.get(b);
    if (first?.allows(b) !== true || second?.allows(a) !== true) return false;
    return !this.links.between(a, b).isCut || !this.links.between(b, a).isCut;
  }

  /** Brings something from one end of a standing connection to the other, or not. */
  carry(from: string, to: string, sizeBytes: number, arrive: (at: Endpoint) => void): void {
    const epoch = this.epoch(from, to);
    if (epoch === undefined) return;
    const link = this.links.between(from, to);
    if (link.isCut || this.random.chance(link.loss)) {
      this.faults.count('message lost');
      return;
    }
    const copies = this.random.chance(link.duplicate) ? 2 : 1;
    if (copies > 1) this.faults.count('message duplicated');
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = this.#delayMs(link, sizeBytes);
      this.time.after(delayMs, () => {
        const endpoint = this.peer(from, to, epoch);
        if (endpoint !== undefined) arrive(endpoint);
      });
    }
  }

  #delayMs(link: LinkState, sizeBytes: number): number {
    const { nowMs } = this.time;
    link.busyUntilMs = Math.max(nowMs, link.busyUntilMs) + sizeBytes / link.bytesPerMs;
    let delayMs = link.busyUntilMs - nowMs + link.baseMs + this.random.next() * link.jitterMs;
    if (this.random.chance(link.reorder)) {
      this.faults.count('message reordered');
      delayMs += this.random.next() * 200;
    }
    if (delayMs > 100) this.faults.count('message late');
    return delayMs;
  }
}

function pair(a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}

function ends(key: string): readonly string[] {
  return key.split('|');
}
