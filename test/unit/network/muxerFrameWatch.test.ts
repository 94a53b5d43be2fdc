import { expect } from 'chai';
import { MuxerFrameWatch } from '../../../node/network/connectionGuard.js';

function header(type: number, length: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes[1] = type;
  new DataView(bytes.buffer).setUint32(8, length);
  return bytes;
}

describe('the watch over a multiplexer’s frames', () => {
  const data = (length: number): Uint8Array => Uint8Array.from([...header(0, length), ...Array(length).fill(0xff)]);
  /** A window may be granted, and an echo numbered, as high as it likes: no bytes follow. */
  const stream = Uint8Array.from([...data(5), ...header(1, 0xffffffff), ...data(0), ...header(2, 99_999), ...data(16)]);

  it('finds nothing in frames within the limit, however they are cut', () => {
    for (let size = 1; size <= stream.length; size++) {
      const watch = new MuxerFrameWatch(16);
      for (let at = 0; at < stream.length; at += size) {
        expect(watch.push(stream.subarray(at, at + size))).to.equal(undefined);
      }
    }
  });

  it('finds the first data frame that is too long as soon as its header is whole', () => {
    const watch = new MuxerFrameWatch(16);
    expect(watch.push(stream)).to.equal(undefined);
    expect(watch.push(header(0, 0xffffffff).subarray(0, 11))).to.equal(undefined);
    expect(watch.push(Uint8Array.of(0xff))).to.equal(0xffffffff);
  });
});
