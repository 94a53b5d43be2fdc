import { expect } from 'chai';
import { BodyBook, MAX_BODIES } from '../../../consensus/bodyBook.js';
import { BUFFERED_PER_VALIDATOR, NextHeightBuffer } from '../../../consensus/nextHeightBuffer.js';
import { RoundChangeBook } from '../../../consensus/roundChangeBook.js';
import type { Prepare, Signed } from '../../../consensus/types.js';
import { ROUNDS_PER_VALIDATOR, VoteBook } from '../../../consensus/voteBook.js';
import { forgeRoundChange } from '../../scenarios/protocol/byzantine.js';
import { certify, genesisHead, hashOf, indices, signAs, testValidators } from '../../scenarios/protocol/fixture.js';

function prepare(sender: number, round: number, block = 1): Signed<Prepare> {
  return signAs(sender, { type: 'prepare', height: 1, round, blockHash: hashOf(block) });
}

// PROTOCOL §What is kept K1.
describe('the vote book', () => {
  it('counts one vote of each validator for one block of one round', () => {
    const book = new VoteBook<Signed<Prepare>>();
    for (const vote of [prepare(0, 0), prepare(1, 0), prepare(1, 0), prepare(2, 1), prepare(3, 0, 2)]) book.add(vote);
    expect([...book.signatures(0, hashOf(1)).keys()]).to.deep.equal([0, 1]);
    expect([...book.signatures(0, hashOf(2)).keys()]).to.deep.equal([3]);
    expect([...book.signatures(1, hashOf(1)).keys()]).to.deep.equal([2]);
    expect(book.signatures(5, hashOf(1)).size).to.equal(0);
  });

  it('keeps the first of two conflicting votes and names it', () => {
    const book = new VoteBook<Signed<Prepare>>();
    const first = prepare(0, 0, 1);
    expect(book.add(first).result).to.equal('added');
    expect(book.add(prepare(0, 0, 1)).result).to.equal('repeated');
    expect(book.add(prepare(0, 0, 2))).to.deep.equal({ result: 'conflict', first });
    expect(book.signatures(0, hashOf(2)).size).to.equal(0);
  });

  it('lets a validator that votes in ever new rounds push out nothing but its own oldest votes', () => {
    const book = new VoteBook<Signed<Prepare>>();
    book.add(prepare(1, 0));
    for (let round = 0; round < 100; round++) book.add(prepare(0, round));
    expect(book.ofSender(0).map(({ round }) => round)).to.deep.equal(
      indices(ROUNDS_PER_VALIDATOR).map((index) => 100 - ROUNDS_PER_VALIDATOR + index),
    );
    expect(book.add(prepare(0, 3)).result).to.equal('forgotten');
    expect([...book.signatures(0, hashOf(1)).keys()]).to.deep.equal([1]);
  });
});

describe('the round change book', () => {
  const at = (round: number) => ({ height: 1, round });

  it('keeps the highest round of each validator', () => {
    const book = new RoundChangeBook();
    for (const [sender, round] of [
      [0, 3],
      [1, 1],
      [2, 5],
      [0, 2],
    ] as const) {
      book.add(forgeRoundChange(sender, at(round)));
    }
    expect([1, 2, 3, 4].map((count) => book.roundReachedBy(count))).to.deep.equal([5, 3, 1, undefined]);
    expect([1, 3, 4, 6].map((round) => book.countFrom(round))).to.deep.equal([3, 2, 1, 0]);
    expect(book.ofRound(3).map(({ sender }) => sender)).to.deep.equal([0]);
  });

  it('takes the certificate that was missing inside a proposal, and no other claim for the same round', () => {
    const book = new RoundChangeBook();
    const certificate = certify('prepare', { height: 1, round: 0, blockHash: hashOf(1) }, [0, 1, 2], 4);
    const proven = forgeRoundChange(0, at(1), certificate);
    const bare = { ...proven, preparedCertificate: undefined };
    expect(book.add(bare).result).to.equal('added');
    expect(book.add(proven).result).to.equal('added');
    expect(book.get(0)?.preparedCertificate).to.equal(certificate);
    expect(book.add(bare).result).to.equal('repeated');
    expect(book.add(forgeRoundChange(0, at(1)))).to.deep.equal({ result: 'conflict', first: proven });
  });
});

// PROTOCOL §What is kept K2.
describe('the body book', () => {
  const { header } = genesisHead(testValidators(indices(4)));

  it('lets the oldest body go that binds nobody', () => {
    const book = new BodyBook();
    const pinned = [hashOf(0), hashOf(2)];
    const released = indices(MAX_BODIES + 2).flatMap((number) =>
      book.add({ blockHash: hashOf(number), header }, false, pinned),
    );
    expect(released).to.deep.equal([hashOf(1), hashOf(3)]);
    expect(book.isHeld(hashOf(0))).to.equal(true);
    expect(book.isHeld(hashOf(1))).to.equal(false);
  });

  it('remembers that a body was executed, whatever is said of it later', () => {
    const book = new BodyBook();
    book.add({ blockHash: hashOf(1), header }, false, []);
    expect(book.isExecuted(hashOf(1))).to.equal(false);
    book.add({ blockHash: hashOf(1), header }, true, []);
    book.add({ blockHash: hashOf(1), header }, false, []);
    expect(book.isExecuted(hashOf(1))).to.equal(true);
  });
});

describe('the buffer of the next height', () => {
  it('keeps one message of a type and round, and a bounded number of each validator', () => {
    const buffer = new NextHeightBuffer();
    expect(buffer.add(prepare(0, 0))).to.equal(true);
    expect(buffer.add(prepare(0, 0, 2))).to.equal(true);
    for (let round = 1; round < BUFFERED_PER_VALIDATOR; round++) expect(buffer.add(prepare(0, round))).to.equal(true);
    expect(buffer.add(prepare(0, 99))).to.equal(false);
    expect(buffer.add(prepare(1, 0))).to.equal(true);
    const taken = buffer.take();
    expect(taken).to.have.length(BUFFERED_PER_VALIDATOR + 1);
    expect(taken[0]?.round).to.equal(1);
    expect(buffer.take()).to.deep.equal([]);
  });
});
