import { expect } from 'chai';
import { ConsensusOutbox, TransactionOutbox } from '../../../node/network/outbox.js';

const message = (value: number, length = 1): Uint8Array => new Uint8Array(length).fill(value);

describe('the outbox of consensus messages', () => {
  it('keeps the newest under each key, in the order in which the keys came', () => {
    const outbox = new ConsensusOutbox({ maxMessages: 10, maxBytes: 1_000 });
    for (const [key, value] of [
      ['prepare:1', 1],
      ['commit:1', 2],
      ['prepare:1', 3],
    ] as const) {
      expect(outbox.put(key, message(value))).to.equal(true);
    }
    expect(outbox.take(10, 1_000)).to.deep.equal([message(3), message(2)]);
    expect([outbox.size, outbox.sizeBytes]).to.deep.equal([0, 0]);
  });

  it('takes nothing beyond its bounds, yet always a replacement that fits', () => {
    const outbox = new ConsensusOutbox({ maxMessages: 2, maxBytes: 30 });
    expect(outbox.put('a', message(1, 10))).to.equal(true);
    expect(outbox.put('b', message(2, 10))).to.equal(true);
    expect(outbox.put('c', message(3, 1))).to.equal(false);
    expect(outbox.put('a', message(4, 12))).to.equal(true);
    expect(outbox.put('a', message(5, 13))).to.equal(false);
    expect(outbox.sizeBytes).to.equal(30);
    expect(outbox.take(2, 1_000)).to.deep.equal([message(4, 12), message(2, 10)]);
  });

  it('gives a frame at a time: by number, by bytes, and at least one message', () => {
    const outbox = new ConsensusOutbox({ maxMessages: 10, maxBytes: 1_000 });
    for (let i = 0; i < 5; i++) outbox.put(`${i}`, message(i, 6));
    expect(outbox.take(2, 1_000)).to.have.length(2);
    expect(outbox.take(10, 20)).to.have.length(2);
    expect(outbox.take(10, 1)).to.deep.equal([message(4, 6)]);
    expect(outbox.take(10, 1)).to.deep.equal([]);
  });
});

const frame = (value: number, messages: number, length: number) => ({ bytes: message(value, length), messages });

describe('the outbox of transactions', () => {
  it('gives frames first in, first out', () => {
    const outbox = new TransactionOutbox({ maxMessages: 1_000, maxBytes: 100_000 });
    for (let i = 0; i < 100; i++) outbox.put(frame(i, 2, 6));
    const taken = Array.from({ length: 60 }, () => outbox.take());
    for (let i = 100; i < 150; i++) outbox.put(frame(i, 2, 6));
    while (outbox.size > 0) taken.push(outbox.take());
    expect(taken).to.deep.equal(Array.from({ length: 150 }, (_, i) => frame(i, 2, 6)));
    expect([outbox.sizeBytes, outbox.take()]).to.deep.equal([0, undefined]);
  });

  it('takes no more messages than its number, and no more than its bytes', () => {
    const outbox = new TransactionOutbox({ maxMessages: 6, maxBytes: 30 });
    const sizes = [10, 10, 11, 10];
    expect(sizes.map((length) => outbox.put(frame(0, 2, length)))).to.deep.equal([true, true, false, true]);
    expect(outbox.put(frame(0, 1, 0))).to.equal(false);
    expect([outbox.size, outbox.sizeBytes]).to.deep.equal([6, 30]);
  });
});
