import { expect } from 'chai';
import { toHex } from '../../primitives/bytes.js';
import { among, both, kinds, Script } from './protocol/script.js';
import { expectOneBlock } from './support/outcome.js';

/**
 * Trap: two honest validators have prepared different blocks, in different rounds. In IBFT 1.0 each of them is locked on
 * its own and refuses the other's, and with one validator down no block ever gets a quorum again.
 *
 * Closed by PROTOCOL §Consensus rules 2 and 7: round changes carry the claim with its certificate, the highest one is proposed
 * again, and whoever prepared an earlier block accepts it.
 */
describe('two validators that have prepared different blocks', () => {
  it('agree on the one of the later round', () => {
    const script = new Script().startAll().passInterval();
    // Round 0: X has its Prepares; validator 0 alone sees a quorum of them.
    script.deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    script.deliver(both(kinds('prepare'), ({ to }) => to === 0)).lose();
    const x = script.node(0).disk.record.prepared?.blockHash;
    // Round 1, led by validator 2, which does not hear validator 0: Y is fresh, and 1 alone sees its Prepares.
    for (const number of [0, 1, 2, 3]) script.fire(number);
    const others = among(1, 2, 3);
    script.deliver(both(others, kinds('roundChange', 'proposal', 'bodyRequest', 'bodyAnswer')));
    script.deliver(both(others, kinds('prepare'), ({ to }) => to === 1)).lose();
    const y = script.node(1).disk.record.prepared?.blockHash;
    if (x === undefined || y === undefined) throw new Error('both blocks are prepared');
    expect(toHex(x)).to.not.equal(toHex(y));
    expect(script.node(1).disk.record.prepared?.round).to.equal(1);
    // Validator 3, which would lead round 2, is down from now on: 0, 1 and 2 have to agree.
    script.crash(3);
    // What was lost stays lost: nothing of rounds 0 and 1 is said again before the later rounds have begun.
    for (let round = 2; round <= 4 && script.decided(0) === undefined; round++) {
      for (const number of [0, 1, 2]) if (script.hasTimer(number)) script.fire(number);
      script.deliver(among(0, 1, 2));
    }
    expect(expectOneBlock(script, [0, 1, 2])).to.equal(toHex(y));
  });
});
