import { expect } from 'chai';
import { FRAMES, FrameDecoder } from '../../../node/network/frame.js';
import type { EncodedFrame } from '../../../node/network/outbox.js';
import { TransactionRelay } from '../../../node/network/transactionRelay.js';

const transaction = (value: number, length = 10): Uint8Array => new Uint8Array(length).fill(value);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the relay of transactions', () => {
  let frames: EncodedFrame[];
  let dropped: number;
  let nowMs: number;

  beforeEach(() => {
    frames = [];
    dropped = 0;
    nowMs = 0;
  });

  const relayOf = (limits: { readonly batchBytes: number; readonly maxBytes: number }): TransactionRelay =>
    new TransactionRelay(limits, {
      clock: () => nowMs,
      send: (frame) => frames.push(frame),
      onDropped: (count) => {
        dropped += count;
      },
    });
  const transactionsOf = ({ bytes }: EncodedFrame) => new FrameDecoder(FRAMES.transactions).push(bytes).flat();

  it('puts what comes in one turn into one frame, in its order', async () => {
    const relay = relayOf({ batchBytes: 1_000, maxBytes: 10_000 });
    relay.put([transaction(1), transaction(2)]);
    relay.put([transaction(3)]);
    expect(frames).to.deep.equal([]);
    await turn();
    expect(frames.map(({ messages }) => messages)).to.deep.equal([3]);
    expect(frames.flatMap(transactionsOf)).to.deep.equal([1, 2, 3].map((value) => transaction(value)));
  });

  it('waits a little where a frame has only just left, and not where the last is long gone', async () => {
    const relay = relayOf({ batchBytes: 1_000, maxBytes: 10_000 });
    relay.put([transaction(1)]);
    await turn();
    relay.put([transaction(2)]);
    await turn();
    expect(frames).to.have.length(1);
    while (frames.length < 2) await turn();
    nowMs += 8;
    relay.put([transaction(3)]);
    await turn();
    expect(frames).to.have.length(3);
  });

  it('fills frames up to their bytes, one that is larger alone, and drops what has no room', async () => {
    const relay = relayOf({ batchBytes: 30, maxBytes: 160 });
    relay.put([...[1, 2, 3].map((value) => transaction(value)), transaction(4, 90), transaction(5), transaction(6)]);
    await turn();
    expect(frames.map(({ messages }) => messages)).to.deep.equal([2, 1, 1, 1]);
    expect(dropped).to.equal(1);
  });

  it('sends nothing once it is stopped', async () => {
    const relay = relayOf({ batchBytes: 1_000, maxBytes: 10_000 });
    relay.put([transaction(1)]);
    relay.stop();
    await turn();
    expect(frames).to.deep.equal([]);
  });
});
