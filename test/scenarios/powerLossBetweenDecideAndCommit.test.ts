import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { Script } from './protocol/script.js';
import { expectOneBlock, goOn } from './support/outcome.js';

const ALL = [0, 1, 2, 3];

/**
 * Trap: every validator has a quorum of Commits, and all of them lose power before any has written the block. A payment
 * may have been told to be final; if they then decide another block, or work at a height whose parent nobody has, the
 * chain has forked in time or stands still for ever.
 *
 * Closed by PROTOCOL §Consensus rule 4: the next height begins after the block is written; and Journal: the record of a height is
 * replaced only by one of a later height, so that what led to the decision still binds.
 */
describe('all validators lose power between deciding and writing', () => {
  it('decide the same block when they are back', () => {
    const script = new Script().startAll();
    for (const number of ALL) script.hold(number, 'commit');
    script.passInterval().deliver();
    const bound = ALL.map((number) => script.node(number).disk.record.sent.commit?.blockHash);
    const [decided] = bound;
    if (decided === undefined) throw new Error('everybody has signed a Commit');
    expect(ALL.map((number) => script.node(number).height)).to.deep.equal([0, 0, 0, 0]);
    script.crash(...ALL).lose();
    for (const number of ALL) script.release(number, 'commit');
    script.start(...ALL).pass(5_000);
    expect(expectOneBlock(script, ALL)).to.equal(toHex(decided));
  });

  it('decide the same block when one of them had written it and is away', () => {
    const script = new Script().startAll();
    for (const number of [1, 2, 3]) script.hold(number, 'commit');
    script.passInterval().deliver();
    expect(script.decided(0)).to.be.a('string');
    script.crash(...ALL).lose();
    for (const number of [1, 2, 3]) script.release(number, 'commit');
    script.start(1, 2, 3).passInterval(1, 2, 3);
    goOn(script, [1, 2, 3]);
    expectOneBlock(script, ALL);
  });

  it('have said nothing of the next height before the block was written', () => {
    const script = new Script().startAll().hold(3, 'commit').passInterval().deliver();
    script.passInterval().deliver();
    expect(script.node(0).height).to.be.greaterThan(1);
    expect(script.node(3).disk.record.height, 'its record still binds it at height 1').to.equal(1);
    script.release(3, 'commit').deliver();
    // Proposal, Prepares and Commits of height 2 were kept meanwhile.
    expectOneBlock(script, ALL, 2);
  });
});
