import { expect } from 'chai';
import fc from 'fast-check';
import { KeySieve } from '../../../node/state/keySieve.js';

describe('a sieve of keys', () => {
  it('never says of a key in the set that it is not, whatever came and went', () => {
    // Few last characters, so that keys meet; short ones, too.
    const keys = fc.tuple(fc.string({ maxLength: 9 }), fc.constantFrom('', 'a', 'ab', '\xff\0')).map((p) => p.join(''));
    const steps = fc.array(fc.record({ key: keys, isAdded: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const sieve = new KeySieve();
        const held = new Map<string, number>();
        for (const { key, isAdded } of all) {
          const count = held.get(key) ?? 0;
          if (isAdded) sieve.add(key);
          else if (count > 0) sieve.delete(key);
          held.set(key, Math.max(0, count + (isAdded ? 1 : -1)));
        }
        for (const [key, count] of held) if (count > 0) expect(sieve.mayHold(key)).to.equal(true);
      }),
      { numRuns: 20, seed: 20_261_128 },
    );
  });

  it('says of most others that they are not', () => {
    const sieve = new KeySieve();
    const keyOf = (index: number): string => `holdings/NOTE\0${String.fromCharCode(...bytesOf(index))}`;
    for (let index = 0; index < 100_000; index++) sieve.add(keyOf(index));
    let taken = 0;
    for (let index = 100_000; index < 110_000; index++) if (sieve.mayHold(keyOf(index))) taken++;
    expect(taken).to.be.lessThan(1_000);
    for (let index = 0; index < 100_000; index++) sieve.delete(keyOf(index));
    expect(sieve.mayHold(keyOf(7))).to.equal(false);
  });

  it('holds on to a slot that is full', () => {
    const sieve = new KeySieve();
    for (let count = 0; count < 300; count++) sieve.add('key');
    for (let count = 0; count < 299; count++) sieve.delete('key');
    expect(sieve.mayHold('key')).to.equal(true);
  });
});

/** As the last bytes of an address: spread by a multiplication. */
function bytesOf(index: number): number[] {
  let spread = Math.imul(index + 1, 0x85ebca6b);
  spread = Math.imul(spread ^ (spread >>> 13), 0xc2b2ae35);
  const more = Math.imul(spread ^ (spread >>> 16), 0x27d4eb2f);
  return [more & 0xff, spread & 0xff, (spread >>> 8) & 0xff, (spread >>> 16) & 0xff, spread >>> 24];
}
