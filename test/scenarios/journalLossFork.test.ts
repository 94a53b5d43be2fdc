import { toHex } from '../../primitives/bytes.js';
import { among, both, kinds, Script } from './protocol/script.js';
import { expectOneBlock, goOn } from './support/outcome.js';

/**
 * Trap: validator 0 alone sees a quorum of Commits and decides. Two of those who gave them restart, and go on with the
 * fourth without validator 0. If they have forgotten what they signed, they decide another block: a fork, and nobody
 * cheated.
 *
 * Closed by PROTOCOL §Consensus, Journal: what binds a validator is on disk before it is sent, and is taken up at the start.
 */
describe('two validators restart after one has decided on their Commits', () => {
  it('agree with it, because their journals bind them', () => {
    // Validator 1 leads height 1. Everybody but 3 prepares its block.
    const script = new Script().startAll().passInterval();
    script.deliver(both(among(0, 1, 2), kinds('proposal', 'bodyRequest', 'bodyAnswer', 'prepare')));
    // The Commits of 0, 1 and 2 reach validator 0 alone.
    script.deliver(both(among(0, 1, 2), kinds('commit'), ({ to }) => to === 0));
    // 1 and 2 restart, everything on its way is lost, and validator 0 is cut off.
    script.lose().restart(1, 2).lose().passInterval();
    for (const number of [1, 2, 3]) if (script.hasTimer(number)) script.fire(number);
    goOn(script, [1, 2, 3]);
    expectOneBlock(script, [0, 1, 2, 3]);
  });

  it('agree with it as well when their newest votes were on disk and never sent', () => {
    const script = new Script().startAll().passInterval().hold(1, 'send').hold(2, 'send');
    // The proposal is out before the crash: it was signed in an earlier step.
    script.release(1, 'send').deliver(kinds('proposal', 'bodyRequest', 'bodyAnswer'));
    const bound = script.node(2).disk.record.sent.prepare?.blockHash;
    script.lose().restart(1, 2).release(2, 'send').passInterval();
    goOn(script, [0, 1, 2, 3]);
    const decided = expectOneBlock(script, [0, 1, 2, 3]);
    if (bound === undefined || toHex(bound) !== decided) throw new Error('the Prepare of validator 2 is said again');
  });
});
