import { expect } from 'chai';
import { BlockSizer } from '../../../node/engine/blockSizer.js';

const MAX_BYTES = 4_194_304;
const TARGET_MS = 400;

/** A sizer on a clock of its own, and how to let it see a block. */
function observed(): { readonly sizer: BlockSizer; block(bytes: number, tookMs: number, round?: number): void } {
  let nowMs = 0;
  const sizer = new BlockSizer({ maxBytes: MAX_BYTES, targetMs: TARGET_MS }, { monotonic: () => nowMs });
  return {
    sizer,
    block(bytes, tookMs, round = 0) {
      sizer.begin(0);
      sizer.measured(bytes);
      if (round > 0) sizer.begin(round);
      nowMs += tookMs;
      sizer.end();
    },
  };
}

describe('the size of blocks', () => {
  it('grows to what the network allows while full blocks are decided well in time', () => {
    const { sizer, block } = observed();
    for (let i = 0; i < 20; i++) block(sizer.limit(0), TARGET_MS / 4);
    expect(sizer.limit(0)).to.equal(MAX_BYTES);
  });

  it('stays where it is when blocks are small: they say nothing about larger ones', () => {
    const { sizer, block } = observed();
    const before = sizer.limit(0);
    for (let i = 0; i < 20; i++) block(1_000, 5);
    block(1_000, TARGET_MS * 10);
    expect(sizer.limit(0)).to.equal(before);
  });

  it('halves when a block takes longer than its share of the round, and when its round ends', () => {
    const { sizer, block } = observed();
    const before = sizer.limit(0);
    block(before, TARGET_MS + 1);
    expect(sizer.limit(0)).to.equal(before / 2);
    block(before / 2, TARGET_MS / 4, 1);
    expect(sizer.limit(0)).to.equal(before / 4);
  });

  it('tries with half in each further round of a height, and never with nothing', () => {
    const { sizer } = observed();
    expect(sizer.limit(1)).to.equal(sizer.limit(0) / 2);
    expect(sizer.limit(1_000)).to.be.greaterThan(0);
  });

  it('recovers after the network was slow', () => {
    const { sizer, block } = observed();
    for (let i = 0; i < 10; i++) block(sizer.limit(0), TARGET_MS * 5);
    const low = sizer.limit(0);
    for (let i = 0; i < 10; i++) block(sizer.limit(0), TARGET_MS / 4);
    expect(sizer.limit(0)).to.be.greaterThan(low * 8);
  });
});
