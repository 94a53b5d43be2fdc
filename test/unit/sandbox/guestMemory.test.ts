import { expect } from 'chai';
import fc from 'fast-check';
import { bootGuest } from '../../../sandbox/bootGuest.js';
import { compileQuickjs } from '../../../sandbox/engine.js';
import { Guest, type GuestModule } from '../../../sandbox/guest.js';
import type { GuestImage } from '../../../sandbox/guestImage.js';
import { GuestMemory } from '../../../sandbox/guestMemory.js';
import { GUEST_LIMITS } from '../../../sandbox/limits.js';
import { HOSTILE_PROGRAMS } from '../../support/sandbox/hostilePrograms.js';
import { TestMeter } from '../../support/sandbox/meter.js';
import { endOf, entryProgram } from '../../support/sandbox/outcomes.js';

const PAGES = 2;
const GUEST_BYTES = PAGES * 65_536;
const MARKS_AT = GUEST_BYTES + 64;
const rest = { pages: 1, globals: [], handles: { undefined: 0, arguments: 0, length: 0, scratch: 0, entry: 0 } };

function emptyMemory(): GuestMemory {
  const instrumented = { bytes: new Uint8Array(0), mutableGlobals: [], initialPages: 1, marksAt: MARKS_AT };
  return new GuestMemory({ buffer: new ArrayBuffer(GUEST_BYTES + 65_536) }, instrumented, PAGES);
}

describe('a guest’s memory', () => {
  it('is equal to its image again, wherever it was written and marked (PROTOCOL §Sandbox X1)', () => {
    const write = fc.record({
      // Anywhere, and over the end of a block into the next one.
      at: fc.oneof(
        fc.integer({ min: 0, max: GUEST_BYTES - 9 }),
        fc.integer({ min: 1, max: GUEST_BYTES / 1_024 - 1 }).map((block) => block * 1_024 - 1),
      ),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    });
    const property = fc.property(fc.array(write), fc.array(write), fc.array(write), (before, between, after) => {
      const memory = emptyMemory();
      const apply = (writes: typeof before): void => {
        for (const { at, bytes } of writes) {
          memory.bytes.set(bytes, at);
          // As a store of the module does: only the block in which it begins.
          memory.bytes[MARKS_AT + (at >> 10)] = 1;
        }
      };
      apply(before);
      const image = memory.capture(0, rest);
      const expected = memory.bytes.slice(0, GUEST_BYTES);
      apply(between);
      expect(memory.become(image)).to.equal(true);
      expect(Buffer.compare(memory.bytes.subarray(0, GUEST_BYTES), expected)).to.equal(0);
      apply(between);
      for (const made of [rest, { ...rest, base: image }]) {
        const other = memory.capture(0, made);
        const others = memory.bytes.slice(0, GUEST_BYTES);
        apply(after);
        const third = memory.capture(0, made);
        const thirds = memory.bytes.slice(0, GUEST_BYTES);
        for (const [wanted, bytes] of [
          [image, expected],
          [other, others],
          [third, thirds],
          [other, others],
        ] as const) {
          apply(between);
          expect(memory.become(wanted)).to.equal(true);
          expect(Buffer.compare(memory.bytes.subarray(0, GUEST_BYTES), bytes)).to.equal(0);
        }
        const fresh = emptyMemory();
        expect(fresh.become(other)).to.equal(true);
        expect(Buffer.compare(memory.bytes, fresh.bytes)).to.equal(0);
      }
    });
    fc.assert(property);
  });

  it('knows the blocks in which an image is not what it was made from (PROTOCOL §Sandbox W6)', () => {
    const memory = emptyMemory();
    memory.bytes.fill(7, 5_000, 9_000);
    const base = memory.capture(0, rest);
    expect(memory.capture(0, { ...rest, base }).changes).to.deep.equal([]);
    // In a block, over a border, back to zero at the end, and far behind it.
    for (const [at, value] of [
      [1_024, 1],
      [6_143, 1],
      [6_144, 1],
      [8_999, 0],
      [70_000, 1],
    ] as const) {
      memory.bytes[at] = value;
    }
    expect(memory.capture(0, { ...rest, base }).changes).to.deep.equal([
      { from: 1_024, to: 2_048 },
      { from: 5_120, to: 7_168 },
      { from: 8_192, to: 9_216 },
      { from: 69_632, to: 70_656 },
    ]);
  });

  it('is not trusted any more when the guest wrote among the marks (PROTOCOL §Sandbox X1)', () => {
    const memory = emptyMemory();
    const image = memory.capture(0, rest);
    memory.bytes[MARKS_AT + 3] = 0;
    memory.bytes[MARKS_AT + (MARKS_AT >> 10)] = 1;
    expect(memory.become(image)).to.equal(false);
  });

  it('clears what lies below the stack pointer before it is kept', () => {
    const memory = emptyMemory();
    memory.bytes.fill(7, 0, 4_096);
    const image = memory.capture(3_000, rest);
    expect([image.low, image.bytes.length, image.bytes[0], image.bytes.at(-1)]).to.deep.equal([2_048, 2_048, 0, 7]);
  });
});

describe('an instance of QuickJS', () => {
  let module: GuestModule;
  let guest: Guest;
  let image: GuestImage;

  before(() => {
    module = compileQuickjs();
    guest = new Guest(module);
    image = bootGuest(guest, '');
  });

  it('is byte for byte what its image says, whatever ran in it and however that ended (PROTOCOL §Sandbox X1)', () => {
    const guestBytes = GUEST_LIMITS.pages * 65_536;
    const fresh = new Guest(module);
    fresh.become(image);
    const expected = fresh.memory.bytes.subarray(0, guestBytes);
    const programs = HOSTILE_PROGRAMS.filter(({ atLoad }, index) => atLoad !== true && index % 6 === 0);
    for (const { name, body } of programs) {
      expect(guest.become(image)).to.equal(true);
      endOf(() => {
        guest.evaluate(entryProgram(body), 'program.js', new TestMeter(5_000_000));
        const entry = guest.findEntry('__vostroCall', new TestMeter(5_000_000));
        return guest.call(entry, 'input'.repeat(100), () => 'answer', new TestMeter(5_000_000));
      });
      expect(guest.become(image), name).to.equal(true);
      expect(Buffer.compare(guest.memory.bytes.subarray(0, guestBytes), expected), name).to.equal(0);
    }
    expect(programs.length).to.be.above(25);
  });

  it('is made anew where its guest reached the marks', () => {
    guest.become(image);
    const at = guest.memory.bytes.length - 65_536 + 64;
    guest.memory.touch(at, 1);
    expect(guest.become(image)).to.equal(false);
  });
});
