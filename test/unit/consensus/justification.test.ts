import { expect } from 'chai';
import { extendsHead, isTimely, justify } from '../../../consensus/justification.js';
import type { Proposal, RoundChange, Signed } from '../../../consensus/types.js';
import { headerHash } from '../../../primitives/block.js';
import type { Certificate } from '../../../primitives/types.js';
import { forgeProposal, forgeRoundChange } from '../../scenarios/protocol/byzantine.js';
import {
  CHAIN_ID,
  certify,
  childHeader,
  genesisHead,
  hashOf,
  indices,
  testAddress,
  testValidators,
} from '../../scenarios/protocol/fixture.js';

const head = genesisHead(testValidators(indices(4)));
const header = childHeader(head, { proposer: testAddress(4), timestamp: head.header.timestamp + 50, content: 1 });
const block = { header, blockHash: headerHash(header) };
const other = hashOf(77);

function prepared(round: number, blockHash = block.blockHash): Certificate {
  return certify('prepare', { height: 1, round, blockHash }, [0, 1, 2], 4);
}

function changes(round: number, claims: readonly (Certificate | undefined)[]): Signed<RoundChange>[] {
  return claims.map((claim, sender) => forgeRoundChange(sender, { height: 1, round }, claim));
}

function proposal(round: number, roundChanges: readonly Signed<RoundChange>[], certificate?: Certificate): Proposal {
  return forgeProposal(3, round, block, { roundChanges, preparedCertificate: certificate });
}

describe('a proposal is justified', () => {
  it('in round 0 by nothing, and by nothing only', () => {
    expect(justify(proposal(0, []), 4)).to.equal('fresh');
    expect(justify(proposal(0, changes(0, [undefined])), 4)).to.equal(undefined);
    expect(justify(proposal(0, [], prepared(0)), 4)).to.equal(undefined);
  });

  it('in a later round by a quorum of round changes for exactly this round', () => {
    const none = [undefined, undefined, undefined];
    expect(justify(proposal(2, changes(2, none)), 4)).to.equal('fresh');
    expect(justify(proposal(2, changes(2, [undefined, undefined])), 4)).to.equal(undefined);
    expect(justify(proposal(2, changes(3, none)), 4)).to.equal(undefined);
    expect(justify(proposal(2, changes(1, none)), 4)).to.equal(undefined);
    const [first, second] = changes(2, none) as [Signed<RoundChange>, Signed<RoundChange>];
    expect(justify(proposal(2, [first, first, second]), 4), 'one validator twice').to.equal(undefined);
    expect(justify(proposal(2, [second, first, { ...first, sender: 3 }]), 4), 'out of order').to.equal(undefined);
    const elsewhere = changes(2, none).map((message) => ({ ...message, height: 2 }));
    expect(justify(proposal(2, elsewhere), 4), 'of another height').to.equal(undefined);
  });

  it('by the certificate of the highest prepared round, whose block it repeats', () => {
    const claims = [prepared(0, other), prepared(1), undefined];
    expect(justify(proposal(2, changes(2, claims), prepared(1)), 4)).to.equal('prepared');
    expect(justify(proposal(2, changes(2, claims)), 4), 'no certificate').to.equal(undefined);
    expect(justify(proposal(2, changes(2, claims), prepared(0)), 4), 'a lower round').to.equal(undefined);
    expect(justify(proposal(2, changes(2, claims), prepared(1, other)), 4), 'another block').to.equal(undefined);
    const commits = certify('commit', { height: 1, round: 1, blockHash: block.blockHash }, [0, 1, 2], 4);
    expect(justify(proposal(2, changes(2, claims), commits), 4), 'commits').to.equal(undefined);
    const higher = [prepared(0), prepared(1, other), undefined];
    expect(justify(proposal(2, changes(2, higher), prepared(1, other)), 4), 'not its block').to.equal(undefined);
  });

  it('never by a claim of its own or a later round, nor by two claims for one prepared round', () => {
    expect(justify(proposal(2, changes(2, [prepared(2), undefined, undefined]), prepared(2)), 4)).to.equal(undefined);
    const split = [prepared(1), prepared(1, other), undefined];
    expect(justify(proposal(2, changes(2, split), prepared(1)), 4)).to.equal(undefined);
  });

  it('by no certificate where nobody claims one', () => {
    expect(justify(proposal(2, changes(2, [undefined, undefined, undefined]), prepared(1)), 4)).to.equal(undefined);
  });
});

describe('a proposed header', () => {
  it('extends the head in every field that the head fixes, and hashes to the block hash', () => {
    const good = forgeProposal(1, 0, block);
    expect(extendsHead(good, CHAIN_ID, head)).to.equal(true);
    expect(extendsHead(good, 'another', head)).to.equal(false);
    for (const change of [{ height: 2 }, { parentHash: other }, { validatorsHash: other }, { chainId: 'x' }]) {
      const changed = { ...header, ...change };
      const forged = { ...good, header: changed, blockHash: headerHash(changed) };
      expect(extendsHead(forged, CHAIN_ID, head), Object.keys(change)[0]).to.equal(false);
    }
    expect(extendsHead({ ...good, blockHash: other }, CHAIN_ID, head)).to.equal(false);
  });

  it('is timely after its parent and up to the drift ahead of the clock', () => {
    const at = (timestamp: number) =>
      isTimely({ ...header, timestamp }, head.header, { maxClockDriftMs: 500 }, 2_000_000);
    const parent = head.header.timestamp;
    expect([parent, parent + 1, 2_000_500, 2_000_501].map(at)).to.deep.equal([false, true, true, false]);
  });
});
