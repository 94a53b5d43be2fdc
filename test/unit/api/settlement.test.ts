import { expect } from 'chai';
import fc from 'fast-check';
import { decodeVerdicts, encodeFrame, encodeVerdicts, FRAME, FrameReader } from '../../../api/settlement.js';
import { mismatch } from '../../../contracts/api/schema.js';
import { isWellFormed } from '../../../primitives/text.js';

describe('the bytes of the settlement door', () => {
  it('tell every refusal, whatever its texts are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 0, max: 40_000 }), (text, pad) => {
        const message = `${'x'.repeat(pad)}${text}\ud800${'é'.repeat(pad)}`;
        const error = { code: `A${text}`, message, details: { actual: text, lone: '\udc00' } };
        const [verdict] = decodeVerdicts(encodeVerdicts([{ error }, { status: 'known' }]));
        const told = verdict !== undefined && 'error' in verdict ? verdict.error : undefined;
        expect(told?.details).to.deep.equal(error.details);
        expect(isWellFormed(told?.message ?? '\ud800')).to.equal(true);
        if (pad < 5_000) expect(told?.message).to.contain('x'.repeat(pad));
      }),
    );
  });

  it('come as the same frames however they are cut', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (lengths, cuts) => {
        const frames = lengths.map((length, index) => ({
          kind: (index % 3) + 1,
          payload: new Uint8Array(length).fill(index),
        }));
        const bytes = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));
        const reader = new FrameReader();
        const read: { kind: number; payload: Uint8Array }[] = [];
        for (let from = 0, cut = 0; from < bytes.length; cut++) {
          const to = from + (cuts[cut % cuts.length] as number);
          reader.add(new Uint8Array(bytes.subarray(from, to)));
          from = to;
          for (let frame = reader.next(); frame !== undefined; frame = reader.next()) read.push(frame);
        }
        expect(read.map(({ kind, payload }) => ({ kind, payload: [...payload] }))).to.deep.equal(
          frames.map(({ kind, payload }) => ({ kind, payload: [...payload] })),
        );
        expect(reader.isEmpty).to.equal(true);
      }),
    );
  });

  it('are read once, however small the parts are in which a large frame comes', () => {
    const bytes = encodeFrame(FRAME.verdicts, new Uint8Array(24_000_000).fill(7));
    const reader = new FrameReader();
    let found = 0;
    for (let from = 0; from < bytes.length; from += 64) {
      reader.add(bytes.subarray(from, from + 64));
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) found += frame.payload.length;
    }
    expect([found, reader.isEmpty]).to.deep.equal([24_000_000, true]);
  });
});

describe('a value in a refusal', () => {
  it('is cut between its characters, and always text', () => {
    for (let length = 60; length < 70; length++) {
      const { message } = mismatch('a currency', '😀'.repeat(length));
      expect(isWellFormed(message), `${length}`).to.equal(true);
    }
    expect(mismatch('a name', '\ud83d').message).to.equal('expected a name, found "\ufffd"');
    expect(mismatch('a name', '😀'.repeat(70)).message).to.equal(`expected a name, found "${'😀'.repeat(63)}…`);
  });
});
