import type { AddressInfo } from 'node:net';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** `forward` is from whoever dialled to whoever was dialled. */
export type Direction = 'forward' | 'backward';

/** How much may wait in one direction before its sender is no longer read. */
const HIGH_WATER_BYTES = 1_048_576;

/** What happens to everything that goes one way. */
interface Weather {
  readonly delayMs: number;
  readonly isStalled: boolean;
}

/** One way of one connection: bytes arrive in their order, late where they are delayed, not at all where it is stalled. */
class Pipe {
  private readonly queue: { readonly data: Buffer; readonly dueMs: number }[] = [];
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly weather: () => Weather,
  ) {
    from.on('data', (data: Buffer) => {
      this.queue.push({ data, dueMs: performance.now() + weather().delayMs });
      this.bytes += data.length;
      if (this.bytes >= HIGH_WATER_BYTES) from.pause();
      this.pump();
    });
  }

  /** Lets arrive what is due. */
  pump(): void {
    clearTimeout(this.timer);
    const { isStalled, delayMs } = this.weather();
    if (isStalled) return;
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      const waitMs = delayMs === 0 ? 0 : next.dueMs - performance.now();
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      this.queue.shift();
      this.bytes -= next.data.length;
      if (!this.to.destroyed) this.to.write(next.data);
    }
    if (this.from.isPaused()) this.from.resume();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.queue.length = 0;
  }
}

interface Link {
  readonly dialler: Socket;
  readonly target: Socket;
  readonly pipes: readonly Pipe[];
}

/** One address on loopback behind which stands another, with a hand on the cable between. */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private readonly stalled = new Set<Direction>();
  private delayMs = 0;
  private isCut = false;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', (dialler) => this.connect(dialler));
  }

  static async to(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new TcpProxy(server, targetPort);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends every connection and lets none come until it is mended. */
  cut(): void {
    this.isCut = true;
    for (const { dialler, target } of this.links) {
      dialler.destroy();
      target.destroy();
    }
  }

  /** Everything arrives in both directions again, what was held back first. */
  mend(): void {
    this.isCut = false;
    this.delayMs = 0;
    this.stalled.clear();
    for (const { pipes } of this.links) for (const pipe of pipes) pipe.pump();
  }

  /** Nothing arrives in this direction any more, and nobody is told. */
  stall(direction: Direction): void {
    this.stalled.add(direction);
  }

  /** Everything arrives so much later. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private connect(dialler: Socket): void {
    if (this.isCut) {
      dialler.destroy();
      return;
    }
    const target = createConnection({ host: '127.0.0.1', port: this.targetPort });
    const way = (direction: Direction) => (): Weather => ({
      delayMs: this.delayMs,
      isStalled: this.stalled.has(direction),
    });
    const pipes = [new Pipe(dialler, target, way('forward')), new Pipe(target, dialler, way('backward'))];
    const link: Link = { dialler, target, pipes };
    this.links.add(link);
    for (const [one, other] of [
      [dialler, target],
      [target, dialler],
    ] as const) {
      one.setNoDelay(true);
      // The end of one side is the end of the other, which says so itself.
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.links.delete(link);
        for (const pipe of pipes) pipe.stop();
        other.destroy();
      });
    }
  }
}
