import type { AddressInfo } from 'node:net';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { pause, until } from '../../support/processes/until.js';
import { TcpProxy } from './tcpProxy.js';

describe('the proxy between two nodes', () => {
  let server: Server;
  let proxy: TcpProxy;
  let dialler: Socket;
  let heard = '';
  let answered = '';
  let target: Socket | undefined;

  beforeEach(async () => {
    heard = answered = '';
    server = createServer((socket) => {
      target = socket;
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        heard += data.toString();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.to((server.address() as AddressInfo).port);
    dialler = dial();
    await until('the connection', () => target !== undefined);
  });

  afterEach(async () => {
    dialler.destroy();
    await proxy.close();
    server.close();
    target = undefined;
  });

  function dial(): Socket {
    const socket = createConnection({ host: '127.0.0.1', port: proxy.port });
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      answered += data.toString();
    });
    return socket;
  }

  it('lets everything through both ways', async () => {
    dialler.write('question');
    target?.write('answer');
    await until('both', () => heard === 'question' && answered === 'answer');
  });

  it('holds one way back while the other goes on, and gives what it held in its order', async () => {
    proxy.stall('forward');
    for (const letter of 'abc') dialler.write(letter);
    target?.write('answer');
    await until('the answer', () => answered === 'answer');
    await pause(50);
    expect(heard).to.equal('');
    proxy.mend();
    dialler.write('d');
    await until('everything', () => heard === 'abcd');
  });

  it('keeps the order of bytes while it delays them, and when it delays less', async () => {
    proxy.delay(80);
    dialler.write('a');
    await pause(20);
    proxy.delay(1);
    dialler.write('b');
    await until('both', () => heard.length === 2);
    expect(heard).to.equal('ab');
  });

  it('ends connections when it is cut, takes none until it is mended, and takes them again then', async () => {
    proxy.cut();
    await until('the end', () => dialler.destroyed);
    const refused = dial();
    await until('the refusal', () => refused.destroyed);
    proxy.mend();
    dialler = dial();
    dialler.write('again');
    await until('the new connection', () => heard === 'again');
  });
});
