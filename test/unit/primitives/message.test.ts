import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import { CodedError } from '../../../primitives/errors.js';
import { domainTag } from '../../../primitives/hash.js';
import {
  commitDigest,
  prepareDigest,
  proposalDigest,
  roundChangeDigest,
  statusDigest,
} from '../../../primitives/message.js';
import { possessionDigest } from '../../../primitives/possession.js';

const genesis = domainTag('g');
const blockHash = domainTag('b');
const vote = { height: 5, round: 1, blockHash };
const none = { height: 5, round: 1, preparedRound: undefined, preparedHash: undefined };

describe('what validators sign', () => {
  it('differs by type, network, height, round and block', () => {
    const digests = [
      proposalDigest(genesis, vote),
      prepareDigest(genesis, vote),
      commitDigest(genesis, vote),
      commitDigest(blockHash, vote),
      commitDigest(genesis, { ...vote, height: 6 }),
      commitDigest(genesis, { ...vote, round: 2 }),
      commitDigest(genesis, { ...vote, blockHash: genesis }),
      statusDigest(genesis, vote),
      roundChangeDigest(genesis, none),
      roundChangeDigest(genesis, { ...none, preparedRound: 0, preparedHash: blockHash }),
      roundChangeDigest(genesis, { ...none, preparedRound: 1, preparedHash: blockHash }),
    ].map(toHex);
    expect(new Set(digests).size).to.equal(digests.length);
  });

  it('names a prepared round together with its hash, or neither', () => {
    for (const half of [{ preparedRound: 0 }, { preparedHash: blockHash }]) {
      expect(() => roundChangeDigest(genesis, { ...none, ...half }))
        .to.throw(CodedError)
        .with.property('code', 'INCONSISTENT');
    }
  });

  it('has bounds: no round beyond a million, no hash of another length', () => {
    expect(() => commitDigest(genesis, { ...vote, round: 1_000_001 })).to.throw(CodedError);
    expect(() => commitDigest(genesis, { ...vote, blockHash: new Uint8Array(31) })).to.throw(CodedError);
    expect(() => commitDigest(new Uint8Array(31), vote)).to.throw(CodedError);
  });
});

describe('a proof of possession', () => {
  it('is bound to chain, member and key', () => {
    const publicKey = new Uint8Array(33).fill(2);
    const claim = { chainId: 'c', member: 'BANKDEFF', publicKey };
    const digests = [
      possessionDigest(claim),
      possessionDigest({ ...claim, chainId: 'd' }),
      possessionDigest({ ...claim, member: 'BANKFRPP' }),
      possessionDigest({ ...claim, publicKey: new Uint8Array(33).fill(3) }),
      // Field borders are part of what is signed.
      possessionDigest({ ...claim, chainId: 'cB', member: 'ANKDEFF' }),
    ].map(toHex);
    expect(new Set(digests).size).to.equal(digests.length);
  });
});
