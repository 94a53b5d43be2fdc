import type { MessageStream } from '@libp2p/interface';
import { expect } from 'chai';
import { gatherWrites } from '../../../node/network/gatheredLine.js';

const GRANT_BYTES = 131_072;
const SYN = 1;

function frame(type: number, flags: number, stream: number, length: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const header = new DataView(bytes.buffer);
  header.setUint8(1, type);
  header.setUint16(2, flags);
  header.setUint32(4, stream);
  header.setUint32(8, length);
  return bytes;
}

const grant = (stream: number, bytes: number, flags = 0): Uint8Array => frame(1, flags, stream, bytes);

/** The connection under a multiplexer, which records what is written to it. */
class FakeLine extends EventTarget {
  readonly written: string[] = [];
  status = 'open';
  writableNeedsDrain = false;
  drains = 0;
  aborted: Error | undefined;

  constructor() {
    super();
    this.addEventListener('drain', () => this.drains++);
  }

  send = (data: Uint8Array): boolean => {
    if (this.aborted !== undefined) throw this.aborted;
    this.written.push(Buffer.from(data).toString('hex'));
    return !this.writableNeedsDrain;
  };

  abort(error: Error): void {
    this.status = 'aborted';
    this.aborted = error;
  }
}

describe('the line under a multiplexer', () => {
  let line: FakeLine;
  let send: (data: Uint8Array) => boolean;
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const hex = (...parts: Uint8Array[]): string => Buffer.concat(parts).toString('hex');

  beforeEach(() => {
    line = new FakeLine();
    gatherWrites(line as unknown as MessageStream);
    send = (data) => line.send(data);
  });

  it('writes what is sent in one turn as one, in order, and what comes later by itself', async () => {
    const parts = [Uint8Array.of(1), grant(1, 0, SYN), Uint8Array.of(2, 3)];
    for (const part of parts) expect(send(part)).to.equal(true);
    expect(line.written).to.deep.equal([]);
    await turn();
    send(Uint8Array.of(4));
    await turn();
    expect(line.written).to.deep.equal([hex(...parts), '04']);
  });

  it('adds the grants of a stream up until half a window is used, and loses none of them', async () => {
    for (let i = 0; i < 4; i++) send(grant(1, GRANT_BYTES / 4 - 1));
    send(grant(3, GRANT_BYTES - 1));
    await turn();
    expect(line.written).to.deep.equal([]);
    send(grant(1, 4));
    await turn();
    expect(line.written).to.deep.equal([hex(grant(1, GRANT_BYTES))]);
    send(grant(3, 1));
    await turn();
    expect(line.written[1]).to.equal(hex(grant(3, GRANT_BYTES)));
  });

  it('lets every other frame pass at once: what opens or ends a stream, pings, data', async () => {
    const frames = [grant(1, 0, SYN), grant(1, 5, 4), grant(1, 0, 8), frame(2, 1, 0, 7), frame(0, 0, 1, 0)];
    for (const each of frames) {
      send(each);
      await turn();
    }
    expect(line.written).to.deep.equal(frames.map((each) => hex(each)));
  });

  it('remembers the grants of few streams: with one too many it sends them all', async () => {
    for (let stream = 1; stream <= 64; stream++) send(grant(stream, stream));
    await turn();
    expect(line.written).to.deep.equal([]);
    send(grant(65, 65));
    await turn();
    const all = Array.from({ length: 65 }, (_, i) => grant(i + 1, i + 1));
    expect(line.written).to.deep.equal([hex(...all)]);
  });

  it('makes writers wait when much is gathered, and tells them when it is written', async () => {
    expect(send(new Uint8Array(GRANT_BYTES - 1))).to.equal(true);
    expect(send(new Uint8Array(1))).to.equal(false);
    expect(line.drains).to.equal(0);
    await turn();
    expect(line.drains).to.equal(1);
    expect(send(new Uint8Array(1))).to.equal(true);
    await turn();
    expect(line.drains).to.equal(1);
  });

  it('makes writers wait for a line that is full, which says by itself when it is not', async () => {
    line.writableNeedsDrain = true;
    expect(send(new Uint8Array(1))).to.equal(false);
    await turn();
    expect(line.drains).to.equal(0);
    expect(line.written).to.have.length(1);
  });

  it('throws at nobody: it ends a line that cannot be written to, and sends nothing on one that has ended', async () => {
    const failure = new Error('no');
    line.aborted = failure;
    expect(send(new Uint8Array(1))).to.equal(true);
    await turn();
    expect(line.status).to.equal('aborted');
    line.aborted = undefined;
    expect(send(new Uint8Array(1))).to.equal(false);
    await turn();
    expect(line.written).to.deep.equal([]);
  });
});
