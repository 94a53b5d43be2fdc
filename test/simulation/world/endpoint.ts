import { NetworkError } from '../../../node/network/errors.js';
import { DEFAULT_NETWORK_LIMITS } from '../../../node/network/limits.js';
import type { PeerScores } from '../../../node/network/peerScores.js';
import type { Network, NetworkHandlers, PeerEntry } from '../../../node/network/types.js';
import { type CodedError, isCodedError } from '../../../primitives/errors.js';
import type { Life } from './life.js';
import type { VirtualTime } from './virtualTime.js';

/** What may be seen of a network from outside. */
export interface NetworkObserver {
  /** A consensus message leaves a node, whether or not it arrives anywhere. */
  released(peerId: string, message: Uint8Array): void;
  /** A node finds fault with a peer. */
  penalised(peerId: string, accused: string, reason: CodedError): void;
}

/** What endpoints hang on. */
export interface Mesh {
  readonly time: VirtualTime;
  readonly observer: NetworkObserver;
  join(endpoint: Endpoint): void;
  leave(endpoint: Endpoint): void;
  /** Opens and ends connections as things stand now, each after a while. */
  review(): void;
  /** Ends a connection at once; it is opened again when it may be. */
  disconnect(a: string, b: string): void;
  /** Brings something from one end of a standing connection to the other, or not. */
  carry(from: string, to: string, sizeBytes: number, arrive: (at: Endpoint) => void): void;
}

export interface EndpointOptions {
  readonly life: Life;
  readonly peerId: string;
  readonly handlers: NetworkHandlers;
  readonly scores: PeerScores;
}

interface Asked {
  readonly peerId: string;
  readonly fail: (error: NetworkError) => void;
}

/** The mesh as one process sees it. */
export class Endpoint implements Network {
  readonly peerId: string;
  readonly life: Life;
  readonly #handlers: NetworkHandlers;
  readonly #scores: PeerScores;
  #peers: ReadonlyMap<string, PeerEntry> = new Map();
  readonly #connected = new Set<string>();
  readonly #asked = new Set<Asked>();
  #isRunning = false;

  constructor(
    { life, peerId, handlers, scores }: EndpointOptions,
    private readonly mesh: Mesh,
  ) {
    this.life = life;
    this.peerId = peerId;
    this.#handlers = handlers;
    this.#scores = scores;
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    this.mesh.join(this);
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.mesh.leave(this);
  }

  setPeers(peers: readonly PeerEntry[]): void {
    this.#peers = new Map(peers.map((peer) => [peer.peerId, peer]));
    this.mesh.review();
  }

  allows(peerId: string): boolean {
    return this.#isRunning && this.life.isAlive && this.#peers.has(peerId) && !this.#scores.isBanned(peerId);
  }

  connectedPeers(): readonly string[] {
    return [...this.#connected];
  }

  broadcastConsensus(_key: string, message: Uint8Array): void {
    if (!this.life.isAlive) return;
    this.mesh.observer.released(this.peerId, message);
    for (const peerId of this.#validators()) this.#sendConsensus(peerId, message);
  }

  sendConsensus(peerId: string, _key: string, message: Uint8Array): void {
    if (!this.life.isAlive) return;
    this.mesh.observer.released(this.peerId, message);
    this.#sendConsensus(peerId, message);
  }

  #sendConsensus(peerId: string, message: Uint8Array): void {
    if (!this.life.passes('send') || !this.#connected.has(peerId)) return;
    this.mesh.carry(this.peerId, peerId, message.length, (at) => at.#handlers.onConsensus(this.peerId, message));
    this.life.passes('send');
  }

  broadcastTransactions(transactions: readonly Uint8Array[]): void {
    for (const peerId of this.#validators()) {
      if (!this.life.passes('send')) return;
      const sizeBytes = transactions.reduce((sum, { length }) => sum + length, 0);
      this.mesh.carry(this.peerId, peerId, sizeBytes, (at) => {
        const copies = transactions.map((bytes) => bytes.slice());
        at.#handlers.onTransactions(this.peerId, copies);
      });
    }
  }

  #validators(): readonly string[] {
    return [...this.#connected].filter((peerId) => this.#peers.get(peerId)?.role === 'validator');
  }

  async request(peerId: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (!this.#connected.has(peerId)) throw notConnected(peerId);
    const open = [...this.#asked].filter((asked) => asked.peerId === peerId).length;
    if (open >= DEFAULT_NETWORK_LIMITS.openRequestsPerPeer) {
      throw new NetworkError('REQUEST_LIMIT', `expected fewer open requests to ${peerId}`);
    }
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#asked.delete(asked);
        timer.isCancelled = true;
      };
      const fail = (error: NetworkError): void => {
        end();
        if (this.life.isAlive) reject(error);
      };
      const asked: Asked = { peerId, fail };
      const timer = this.mesh.time.after(timeoutMs, () => fail(timedOut(peerId, timeoutMs)));
      this.#asked.add(asked);
      const bytes = request.slice();
      this.mesh.carry(this.peerId, peerId, bytes.length, (at) => {
        at.#answer(this.peerId, bytes, (answer) => {
          if (!this.#asked.has(asked)) return;
          end();
          if (!this.life.isAlive) return;
          if (answer instanceof Uint8Array) resolve(answer);
          else reject(refused(answer));
        });
      });
    });
  }

  /** Answers with bytes, or with the code of why there are none. */
  #answer(peerId: string, request: Uint8Array, answered: (answer: Uint8Array | string) => void): void {
    const send = (answer: Uint8Array | string): void => {
      if (!this.life.passes('send')) return;
      this.mesh.carry(this.peerId, peerId, answer.length, () => answered(answer));
    };
    this.#handlers.onRequest(peerId, request).then(
      (answer) => send(answer.slice()),
      (error: unknown) => send(isCodedError(error) ? error.code : 'FAILED'),
    );
  }

  penalise(peerId: string, reason: CodedError): void {
    if (!this.life.isAlive) return;
    this.mesh.observer.penalised(this.peerId, peerId, reason);
    if (!this.#peers.has(peerId)) return;
    const banMs = this.#scores.fault(peerId, reason.code);
    if (banMs === 0) return;
    this.mesh.disconnect(this.peerId, peerId);
    this.mesh.time.after(banMs + 1, () => this.mesh.review());
  }

  onOpened(peerId: string): void {
    if (!this.life.isAlive || this.#connected.has(peerId)) return;
    this.#connected.add(peerId);
    this.#handlers.onConnected(peerId);
  }

  onClosed(peerId: string): void {
    if (!this.life.isAlive || !this.#connected.delete(peerId)) return;
    for (const asked of [...this.#asked]) if (asked.peerId === peerId) asked.fail(disconnected(peerId));
    this.#handlers.onDisconnected(peerId);
  }
}

function notConnected(peerId: string): NetworkError {
  return new NetworkError('PEER_NOT_CONNECTED', `expected a connection to ${peerId}, found none`);
}

function timedOut(peerId: string, timeoutMs: number): NetworkError {
  return new NetworkError('REQUEST_TIMEOUT', `${peerId} did not answer in ${timeoutMs} ms`);
}

function disconnected(peerId: string): NetworkError {
  return new NetworkError('PEER_DISCONNECTED', `the connection to ${peerId} ended`);
}

function refused(answerCode: string): NetworkError {
  return new NetworkError('REQUEST_REFUSED', `expected an answer, found the peer's refusal ${answerCode}`, {
    answerCode,
  });
}
