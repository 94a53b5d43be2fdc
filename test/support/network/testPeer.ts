import { peerIdOf } from '../../../node/network/identity.js';
import { DEFAULT_NETWORK_LIMITS, type NetworkLimits } from '../../../node/network/limits.js';
import { Libp2pNetwork } from '../../../node/network/network.js';
import type { NetworkHandlers, PeerEntry } from '../../../node/network/types.js';
import type { Logger, MetricLabels, Metrics } from '../../../node/ops/ports.js';
import type { CodedError } from '../../../primitives/errors.js';

/** Limits whose times suit a test; those that end connections are set where a test is about them. */
export const FAST: NetworkLimits = {
  ...DEFAULT_NETWORK_LIMITS,
  heartbeatMs: 100,
  silenceMs: 60_000,
  stallMs: 60_000,
  higherDialDelayMs: 150,
  reconnectBaseMs: 20,
  reconnectCapMs: 100,
};

/** Adds up what is counted, by name and labels. */
export class CountingMetrics implements Metrics {
  private readonly values = new Map<string, number>();

  count(name: string, by = 1, labels: MetricLabels = {}): void {
    const key = seriesKey(name, labels);
    this.values.set(key, (this.values.get(key) ?? 0) + by);
  }

  gauge(name: string, value: number, labels: MetricLabels = {}): void {
    this.values.set(seriesKey(name, labels), value);
  }

  value(name: string, labels: MetricLabels = {}): number {
    return this.values.get(seriesKey(name, labels)) ?? 0;
  }
}

function seriesKey(name: string, labels: MetricLabels): string {
  return `${name}${JSON.stringify(Object.entries(labels).sort())}`;
}

export const QUIET: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A raw private key that is the same in every run. */
export function testKey(number: number): Uint8Array {
  const key = new Uint8Array(32).fill(0x11);
  key[31] = number;
  return key;
}

/** One node's network on loopback, which records what it is handed. */
export class TestPeer {
  readonly peerId: string;
  readonly metrics = new CountingMetrics();
  readonly consensus: { readonly from: string; readonly message: Uint8Array }[] = [];
  readonly transactions: { readonly from: string; readonly transaction: Uint8Array }[] = [];
  readonly events: string[] = [];
  /** Added to the clock by which it measures silence, stalls and bans. */
  skewMs = 0;
  answer: (peerId: string, request: Uint8Array) => Promise<Uint8Array> = (_, request) => Promise.resolve(request);
  network: Libp2pNetwork;

  constructor(
    readonly number: number,
    readonly role: PeerEntry['role'] = 'validator',
    private readonly limits: Partial<NetworkLimits> = FAST,
    private address = '/ip4/127.0.0.1/tcp/0',
  ) {
    this.peerId = peerIdOf(testKey(number));
    this.network = this.create();
  }

  get entry(): PeerEntry {
    return { peerId: this.peerId, member: `MEMBER${this.number}`, role: this.role, addresses: [this.address] };
  }

  async start(): Promise<void> {
    await this.network.start();
    this.address = (this.network.listenAddresses()[0] ?? this.address).replace(/\/p2p\/.*$/, '');
  }

  stop(): Promise<void> {
    return this.network.stop();
  }

  /** Comes back under the same address and key, as after a crash. */
  async restart(peers: readonly PeerEntry[]): Promise<void> {
    await this.network.stop();
    this.network = this.create();
    await this.start();
    this.network.setPeers(peers);
  }

  isConnectedTo(peer: { readonly peerId: string }): boolean {
    return this.network.connectedPeers().includes(peer.peerId);
  }

  private create(): Libp2pNetwork {
    const handlers: NetworkHandlers = {
      onConsensus: (from, message) => this.consensus.push({ from, message }),
      onTransactions: (from, transactions) => {
        for (const transaction of transactions) this.transactions.push({ from, transaction });
      },
      onRequest: (peerId, request) => this.answer(peerId, request),
      onConnected: (peerId) => this.events.push(`+${peerId}`),
      onDisconnected: (peerId) => this.events.push(`-${peerId}`),
    };
    return new Libp2pNetwork(
      { privateKey: testKey(this.number), listen: [this.address], peers: [], limits: this.limits },
      { handlers, metrics: this.metrics, logger: QUIET, clock: () => performance.now() + this.skewMs },
    );
  }
}

/** Starts peers, gives each the list of all, and waits until each has a connection to each. */
export async function startMesh(peers: readonly TestPeer[]): Promise<void> {
  for (const peer of peers) await peer.start();
  const entries = peers.map(({ entry }) => entry);
  for (const peer of peers) peer.network.setPeers(entries);
  await until(() => isMesh(peers), 'a full mesh');
}

export function isMesh(peers: readonly TestPeer[]): boolean {
  return peers.every((a) => peers.every((b) => a === b || a.isConnectedTo(b)));
}

/** Generous: it ends a test that would hang, and says nothing of how long anything may take. */
const WAIT_LIMIT_MS = 25_000;

/** Waits for a condition that must come true. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + WAIT_LIMIT_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new TypeError(`waited ${WAIT_LIMIT_MS} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Gives whatever should not happen the time to happen. */
export function settle(ms = 300): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The code that a promise is rejected with, or undefined where it is not. */
export async function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return (error as CodedError).code;
  }
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
