import { expect } from 'chai';
import fc from 'fast-check';
import { NetworkError } from '../../../node/network/errors.js';
import { encodeFrame, FrameDecoder, type FrameLimits } from '../../../node/network/frame.js';

const LIMITS: FrameLimits = { maxMessageBytes: 64, maxMessages: 8, maxPayloadBytes: 600 };
const frames = fc.array(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), { maxLength: 10 });

/** Cuts bytes into pieces of the given sizes, over and over. */
function pieces(data: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let offset = 0, i = 0; offset < data.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    cut.push(data.subarray(offset, offset + size));
    offset += size;
  }
  return cut;
}

describe('the frame decoder', () => {
  it('finds the same frames however their bytes are cut into pieces', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }), (sent, sizes) => {
        const decoder = new FrameDecoder(LIMITS);
        const stream = Buffer.concat(sent.map((frame) => encodeFrame(frame)));
        const received = pieces(stream, sizes).flatMap((piece) => decoder.push(piece));
        expect(received).to.deep.equal(sent);
        expect(decoder.pendingBytes).to.equal(0);
      }),
    );
  });

  it('answers any bytes with frames within the limits or with a coded fault', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(frames, fc.nat(), fc.nat(255)).map(([sent, at, value]) => {
        const stream = Uint8Array.from(Buffer.concat(sent.map((frame) => encodeFrame(frame))));
        if (stream.length > 0) stream[at % stream.length] = value;
        return stream;
      }),
    );
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 50 }), (data, size) => {
        const decoder = new FrameDecoder(LIMITS);
        try {
          for (const frame of pieces(data, [size]).flatMap((piece) => decoder.push(piece))) {
            expect(frame.length).to.be.at.most(LIMITS.maxMessages);
            for (const message of frame) expect(message.length).to.be.at.most(LIMITS.maxMessageBytes);
          }
        } catch (error) {
          if (!(error instanceof NetworkError)) throw error;
          expect(error.code).to.match(/^FRAME_(TOO_LARGE|MALFORMED)$/);
        }
      }),
    );
  });
});
