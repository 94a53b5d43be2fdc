import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { DelayProxy } from '../../../bench/network/delayProxy.js';

const DELAY_MS = 30;

/** Sends everything back that comes in. */
async function echoServer(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}

async function received(socket: Socket, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of socket) {
    pieces.push(piece as Buffer);
    length += (piece as Buffer).length;
    if (length >= bytes) break;
  }
  return Buffer.concat(pieces);
}

describe('a delayed line', () => {
  let echo: { server: Server; port: number };
  let proxy: DelayProxy;

  beforeEach(async () => {
    echo = await echoServer();
    proxy = await DelayProxy.open(echo.port, DELAY_MS);
  });

  afterEach(async () => {
    await proxy.close();
    await new Promise<void>((resolve) => echo.server.close(() => resolve()));
  });

  it('brings everything in order, no earlier than after its delay in each direction', async () => {
    const sent = Buffer.alloc(1_000_000, 'abcdefg');
    const socket = connect(proxy.port, '127.0.0.1');
    const startMs = performance.now();
    socket.write(sent);
    const back = await received(socket, sent.length);
    expect(performance.now() - startMs).to.be.at.least(2 * DELAY_MS);
    expect(back.equals(sent)).to.equal(true);
    socket.destroy();
  });

  it('hands on the end of what is sent after everything before it', async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.end('the last words');
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).toString()).to.equal('the last words');
  });

  it('cuts both ends when one of them is gone', async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    const accepted = new Promise<Socket>((resolve) => echo.server.once('connection', resolve));
    const far = await accepted;
    const closed = new Promise<void>((resolve) => far.once('close', () => resolve()));
    socket.destroy();
    await closed;
  });
});
