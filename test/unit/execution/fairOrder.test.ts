import { expect } from 'chai';
import { type BlockRoom, fillFairly, type MemberWaiting } from '../../../node/execution/fairOrder.js';

interface Item {
  readonly name: string;
  readonly fuel: number;
  readonly bytes: number;
}

const ROOM: BlockRoom = { fuel: 100, bytes: 1_000, transactions: 20 };

function items(prefix: string, count: number, fuel = 1, bytes = 1): Item[] {
  return Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}`, fuel, bytes }));
}

function member(lists: Partial<MemberWaiting<Item>>): MemberWaiting<Item> {
  return { urgent: [], normal: [], lead: 0, ...lists };
}

/** Names of what a block takes, in its order, from members in theirs. */
function filled(waiting: readonly MemberWaiting<Item>[], room = ROOM, urgentBlockPercent = 50): string[] {
  const taken: string[] = [];
  let [fuelUsed, bytesUsed] = [0, 0];
  fillFairly(waiting, {
    room,
    urgentBlockPercent,
    sizeBytes: ({ bytes }) => bytes,
    attempt: ({ name, fuel, bytes }) => {
      if (taken.length === room.transactions) return 'blockEnds';
      if (name.startsWith('bad')) return 'leftOut';
      if (fuelUsed + fuel > room.fuel || bytesUsed + bytes > room.bytes) return 'listEnds';
      fuelUsed += fuel;
      bytesUsed += bytes;
      taken.push(name);
      return { fuel, bytes, transactions: 1 };
    },
  });
  return taken;
}

const countOf = (names: readonly string[], prefix: string): number =>
  names.filter((name) => name.startsWith(prefix)).length;

// PROTOCOL §Shares of a block O1.
describe('a block that cannot hold all that waits', () => {
  it('is divided by fuel where one member’s transactions use much of it', () => {
    const taken = filled([member({ normal: items('a', 1_000, 25) }), member({ normal: items('b', 1_000, 5) })]);
    expect([countOf(taken, 'a'), countOf(taken, 'b')]).to.deep.equal([2, 10]);
  });

  it('is divided by bytes where one member’s transactions are large', () => {
    const taken = filled([member({ normal: items('a', 9, 1, 250) }), member({ normal: items('b', 99, 1, 100) })]);
    expect([countOf(taken, 'a'), countOf(taken, 'b')]).to.deep.equal([2, 5]);
  });

  it('is divided by number where all are small', () => {
    const waiting = ['a', 'b', 'c', 'd'].map((name) => member({ normal: items(name, 50) }));
    const taken = filled(waiting);
    expect(taken.slice(0, 5)).to.deep.equal(['a0', 'b0', 'c0', 'd0', 'a1']);
    expect(['a', 'b', 'c', 'd'].map((name) => countOf(taken, name))).to.deep.equal([5, 5, 5, 5]);
  });

  it('gives what one does not need to who has more', () => {
    const taken = filled([member({ normal: items('a', 50) }), member({ normal: items('b', 3) })]);
    expect([countOf(taken, 'a'), countOf(taken, 'b')]).to.deep.equal([17, 3]);
  });

  it('lets nothing overtake an older one of its member, and others go on', () => {
    const large: Item = { name: 'a-large', fuel: 1, bytes: 990 };
    const first = items('a', 1, 1, 20);
    const taken = filled([member({ normal: [...first, large, ...items('a', 3)] }), member({ normal: items('b', 2) })]);
    expect(taken).to.deep.equal(['a0', 'b0', 'b1']);
  });

  it('passes over what may not be included', () => {
    const taken = filled([member({ normal: [...items('bad', 3), ...items('a', 1)] })]);
    expect(taken).to.deep.equal(['a0']);
  });

  // PROTOCOL §Shares of a block O3.
  it('begins with the member that had least of the blocks before, by as much as it had less', () => {
    const taken = filled([member({ normal: items('a', 50), lead: 0.2 }), member({ normal: items('b', 50), lead: 0 })]);
    expect(taken.slice(0, 4)).to.deep.equal(['b0', 'b1', 'b2', 'b3']);
    expect([countOf(taken, 'a'), countOf(taken, 'b')]).to.deep.equal([8, 12]);
  });
});

// PROTOCOL §Shares of a block O2.
describe('urgent transactions', () => {
  it('come first, up to their part of the block, whoever sent the normal ones', () => {
    const taken = filled([member({ normal: items('n', 50) }), member({ urgent: items('u', 50) })]);
    expect(taken.slice(0, 10).every((name) => name.startsWith('u'))).to.equal(true);
    expect(taken.slice(10).every((name) => name.startsWith('n'))).to.equal(true);
    expect(taken).to.have.length(20);
  });

  it('have a part of the fuel that only the last of them may exceed', () => {
    const taken = filled([member({ normal: items('n', 50, 5) }), member({ urgent: items('u', 50, 20) })]);
    expect(taken.slice(0, 4)).to.deep.equal(['u0', 'u1', 'u2', 'n0']);
    expect(countOf(taken, 'n')).to.equal(8);
  });

  it('have a part of the bytes that none of them exceeds', () => {
    const taken = filled([member({ normal: items('n', 50, 1, 100) }), member({ urgent: items('u', 50, 1, 200) })]);
    expect([countOf(taken, 'u'), countOf(taken, 'n')]).to.deep.equal([2, 6]);
  });

  it('share that part fairly among their members', () => {
    const taken = filled([
      member({ urgent: items('a', 50) }),
      member({ urgent: items('b', 50), normal: items('n', 9) }),
    ]);
    expect(taken.slice(0, 10)).to.deep.equal(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a4', 'b4']);
  });

  it('fill what normal ones leave', () => {
    const taken = filled([member({ normal: items('n', 2) }), member({ urgent: items('u', 50) })]);
    expect([countOf(taken, 'u'), countOf(taken, 'n')]).to.deep.equal([18, 2]);
  });

  it('that are larger than their part wait with the normal ones, ahead of their member’s', () => {
    const large: Item = { name: 'u-large', fuel: 1, bytes: 600 };
    const waiting = [member({ urgent: [large], normal: items('a', 1) }), member({ normal: items('b', 2, 1, 150) })];
    expect(filled(waiting)).to.deep.equal(['u-large', 'b0', 'b1', 'a0']);
    const behind = [member({ normal: items('b', 2, 1, 300) }), member({ urgent: [large] })];
    expect(filled(behind), 'they starve nobody').to.deep.equal(['b0', 'u-large']);
  });

  it('count towards their member’s share of the whole block', () => {
    const both = member({ urgent: items('u', 8), normal: items('a', 50) });
    const taken = filled([both, member({ normal: items('b', 50) })]);
    expect([countOf(taken, 'u'), countOf(taken, 'a'), countOf(taken, 'b')]).to.deep.equal([8, 2, 10]);
  });
});
