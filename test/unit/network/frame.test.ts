import { expect } from 'chai';
import type { NetworkError } from '../../../node/network/errors.js';
import { encodeFrame, FrameDecoder, type FrameLimits } from '../../../node/network/frame.js';

const LIMITS: FrameLimits = { maxMessageBytes: 10, maxMessages: 3, maxPayloadBytes: 20 };

function code(data: readonly number[]): string | undefined {
  try {
    new FrameDecoder(LIMITS).push(Uint8Array.from(data));
    return undefined;
  } catch (error) {
    return (error as NetworkError).code;
  }
}

describe('a frame', () => {
  it('is its length, and each message with its length, big endian', () => {
    const frame = encodeFrame([Uint8Array.of(0xaa, 0xbb), new Uint8Array(0)]);
    expect([...frame]).to.deep.equal([0, 0, 0, 10, 0, 0, 0, 2, 0xaa, 0xbb, 0, 0, 0, 0]);
  });

  it('without a message is a heartbeat of four bytes', () => {
    expect([...encodeFrame([])]).to.deep.equal([0, 0, 0, 0]);
    expect(new FrameDecoder(LIMITS).push(encodeFrame([]))).to.deep.equal([[]]);
  });

  it('is refused by its length alone, before any of its bytes has come', () => {
    expect(code([0, 0, 0, 21])).to.equal('FRAME_TOO_LARGE');
    expect(code([255, 255, 255, 255])).to.equal('FRAME_TOO_LARGE');
    expect(code([0, 0, 0, 20])).to.equal(undefined);
  });

  it('is refused when a message in it is too long, does not fit into it, or has no whole length', () => {
    expect(code([0, 0, 0, 15, 0, 0, 0, 11, ...Array(11).fill(1)])).to.equal('FRAME_TOO_LARGE');
    expect(code([0, 0, 0, 5, 0, 0, 0, 2, 1])).to.equal('FRAME_MALFORMED');
    expect(code([0, 0, 0, 3, 0, 0, 0])).to.equal('FRAME_MALFORMED');
    expect(code([0, 0, 0, 16, ...Array(16).fill(0)])).to.equal('FRAME_MALFORMED');
  });

  it('gives messages memory of their own: what is kept of a message keeps nothing else', () => {
    const frame = encodeFrame([Uint8Array.of(1), Uint8Array.of(2)]);
    const [[first, second] = []] = new FrameDecoder(LIMITS).push(frame);
    frame.fill(9);
    expect([first, second]).to.deep.equal([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(first?.buffer.byteLength).to.equal(1);
  });

  it('gives views of what arrived where they are asked for, whole or in pieces', () => {
    const decoder = new FrameDecoder({ ...LIMITS, areViews: true });
    const frame = encodeFrame([Uint8Array.of(1), Uint8Array.of(2)]);
    const whole = decoder.push(frame).flat();
    const inPieces = [...frame].flatMap((byte) => decoder.push(Uint8Array.of(byte))).flat();
    expect(inPieces).to.deep.equal([Uint8Array.of(1), Uint8Array.of(2)]);
    expect(whole).to.deep.equal(inPieces);
    expect(whole.every(({ buffer }) => buffer === frame.buffer)).to.equal(true);
  });

  it('holds no more than twice of what has arrived of it, whatever length it claims', () => {
    const decoder = new FrameDecoder({ maxMessageBytes: 2 ** 24, maxMessages: 1, maxPayloadBytes: 2 ** 24 });
    decoder.push(Uint8Array.of(0, 255, 255, 255));
    for (let i = 0; i < 10_000; i++) decoder.push(Uint8Array.of(i));
    expect(decoder.pendingBytes).to.equal(10_004);
    expect(decoder.heldBytes).to.be.at.most(2 * 10_004);
  });
});
