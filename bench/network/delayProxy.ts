import { connect, createServer, type Server, type Socket } from 'node:net';

/** Bytes that may be on their way in one direction; a sender that is faster waits, as on a long line. */
const MAX_IN_FLIGHT_BYTES = 16_777_216;
const MAX_CONNECTIONS = 64;

interface Parcel {
  readonly dueMs: number;
  /** Undefined for the end of what is sent. */
  readonly bytes: Uint8Array | undefined;
}

/** One direction of a line: what goes in comes out in order, so much later, however much of it there is. */
class DelayedDirection {
  readonly #parcels: Parcel[] = [];
  #inFlightBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly delayMs: number,
  ) {
    from.on('data', (bytes: Uint8Array) => this.#put(bytes));
    from.on('end', () => this.#put(undefined));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#parcels.length = 0;
  }

  #put(bytes: Uint8Array | undefined): void {
    this.#inFlightBytes += bytes?.length ?? 0;
    if (this.#inFlightBytes > MAX_IN_FLIGHT_BYTES) this.from.pause();
    this.#parcels.push({ dueMs: performance.now() + this.delayMs, bytes });
    if (this.#parcels.length === 1) this.#schedule();
  }

  #schedule(): void {
    const [next] = this.#parcels;
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#deliver(), Math.max(0, next.dueMs - performance.now()));
  }

  #deliver(): void {
    const nowMs = performance.now();
    const later = this.#parcels.findIndex(({ dueMs }) => dueMs > nowMs);
    for (const { bytes } of this.#parcels.splice(0, later < 0 ? this.#parcels.length : later)) {
      if (bytes === undefined) this.to.end();
      else this.to.write(bytes);
      this.#inFlightBytes -= bytes?.length ?? 0;
    }
    if (this.#inFlightBytes <= MAX_IN_FLIGHT_BYTES) this.from.resume();
    this.#schedule();
  }
}

/** A line to a port of this machine on which everything takes so long in each direction: the kernel here delays nothing. */
export class DelayProxy {
  readonly #lines = new Set<readonly [Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    /** Where the line begins. */
    readonly port: number,
  ) {}

  /** @param delayMs of each direction, at least; timers of this process are about a millisecond late */
  static async open(targetPort: number, delayMs: number): Promise<DelayProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const proxy = new DelayProxy(server, typeof address === 'object' && address !== null ? address.port : 0);
    server.on('connection', (near) => proxy.#join(near, targetPort, delayMs));
    return proxy;
  }

  /** Cuts every line. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const line of this.#lines) for (const socket of line) socket.destroy();
    await closed;
  }

  #join(near: Socket, targetPort: number, delayMs: number): void {
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const line = [near, far] as const;
    this.#lines.add(line);
    const directions = [new DelayedDirection(near, far, delayMs), new DelayedDirection(far, near, delayMs)];
    const cut = (): void => {
      for (const direction of directions) direction.stop();
      for (const socket of line) socket.destroy();
      this.#lines.delete(line);
    };
    for (const socket of line) {
      socket.on('error', cut);
      // One that ended in good order leaves what is still on its way to arrive.
      socket.on('close', () => {
        if (near.closed && far.closed) cut();
      });
    }
  }
}
