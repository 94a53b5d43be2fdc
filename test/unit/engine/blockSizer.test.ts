import { expect } from 'chai';
import { type BlockSize, BlockSizer, sizeOfBlock } from '../../../node/engine/blockSizer.js';

const MAX: BlockSize = { bytes: 4_194_304, fuel: 2_000_000_000 };
/** Two of these, a block has room for. */
const TRANSACTION_FUEL = 25_000_000;
const TARGET_MS = 400;

/** A sizer on a clock of its own, and how to let it see a block. */
function observed(max = MAX): {
  readonly sizer: BlockSizer;
  block(size: BlockSize, tookMs: number, round?: number): void;
} {
  let nowMs = 0;
  const sizer = new BlockSizer(
    { max, transactionFuel: TRANSACTION_FUEL, targetMs: TARGET_MS },
    { monotonic: () => nowMs },
  );
  return {
    sizer,
    block(size, tookMs, round = 0) {
      sizer.begin(0);
      if (round > 0) sizer.begin(round);
      nowMs += tookMs;
      expect(sizer.end(size)).to.equal(true);
    },
  };
}

/** A sizer that has seen some blocks. */
function grown() {
  const scene = observed();
  for (let i = 0; i < 5; i++) scene.block(scene.sizer.limit(0), TARGET_MS / 4);
  return scene;
}

function half({ bytes, fuel }: BlockSize): BlockSize {
  return { bytes: Math.floor(bytes / 2), fuel: Math.floor(fuel / 2) };
}

describe('the size of blocks', () => {
  it('grows to what the network allows while full blocks are decided well in time', () => {
    const { sizer, block } = observed();
    for (let i = 0; i < 20; i++) block(sizer.limit(0), TARGET_MS / 4);
    expect(sizer.limit(0)).to.deep.equal(MAX);
  });

  it('stays where it is when blocks are small: they say nothing about larger ones', () => {
    const { sizer, block } = observed();
    const before = sizer.limit(0);
    for (let i = 0; i < 20; i++) block({ bytes: 1_000, fuel: 1_000 }, 5);
    block({ bytes: 1_000, fuel: 1_000 }, TARGET_MS * 10);
    expect(sizer.limit(0)).to.deep.equal(before);
  });

  it('halves when a block takes longer than its share of the round, and when its round ends', () => {
    const { sizer, block } = grown();
    const before = sizer.limit(0);
    block(before, TARGET_MS + 1);
    expect(sizer.limit(0)).to.deep.equal(half(before));
    block(half(before), TARGET_MS / 4, 1);
    expect(sizer.limit(0)).to.deep.equal(half(half(before)));
  });

  it('tries with half in each further round of a height, and never with nothing', () => {
    const { sizer } = grown();
    expect(sizer.limit(1)).to.deep.equal(half(sizer.limit(0)));
    expect(sizer.limit(1_000)).to.deep.equal({ bytes: 65_536, fuel: 50_000_000 });
  });

  it('follows what made blocks long: much work in few bytes leaves the bytes as they are, and many bytes of little work the fuel', () => {
    const { sizer, block } = grown();
    const before = sizer.limit(0);
    block({ bytes: 2_000, fuel: before.fuel }, TARGET_MS * 2);
    expect(sizer.limit(0)).to.deep.equal({ bytes: before.bytes, fuel: half(before).fuel });
    block({ bytes: before.bytes, fuel: 1_000_000 }, TARGET_MS * 2);
    expect(sizer.limit(0)).to.deep.equal(half(before));
    for (let i = 0; i < 20; i++) block({ bytes: 2_000, fuel: sizer.limit(0).fuel }, TARGET_MS / 4);
    expect(sizer.limit(0)).to.deep.equal({ bytes: half(before).bytes, fuel: MAX.fuel });
  });

  it('stays within what the network allows, however little that is', () => {
    const max = { bytes: 10_000, fuel: 1_000_000 };
    const { sizer, block } = observed(max);
    expect(sizer.limit(0)).to.deep.equal(max);
    block(max, TARGET_MS * 2);
    expect(sizer.limit(3)).to.deep.equal(max);
  });

  it('learns nothing of a block on which this node has not worked', () => {
    const { sizer } = observed();
    const before = sizer.limit(0);
    expect(sizer.end(before)).to.equal(false);
    expect(sizer.limit(0)).to.deep.equal(before);
  });

  it('counts what all transactions of a block had', () => {
    const included = [
      { sizeBytes: 3, fuelUsed: 50 },
      { sizeBytes: 4, fuelUsed: 7 },
    ];
    expect(sizeOfBlock(included)).to.deep.equal({ bytes: 7, fuel: 57 });
  });

  it('recovers after the network was slow', () => {
    const { sizer, block } = observed();
    for (let i = 0; i < 10; i++) block(sizer.limit(0), TARGET_MS * 5);
    const low = sizer.limit(0);
    for (let i = 0; i < 10; i++) block(sizer.limit(0), TARGET_MS / 4);
    expect(sizer.limit(0).bytes).to.be.greaterThan(low.bytes * 8);
    expect(sizer.limit(0).fuel).to.be.greaterThan(low.fuel * 8);
  });
});
