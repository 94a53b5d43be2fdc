import { expect } from 'chai';
import { readSentVotes, signingFaults } from './signingFaults.js';

const [A, B] = ['0xaa', '0xbb'];
const faultsOf = (...lines: readonly string[]): string[] => signingFaults(readSentVotes(`${lines.join('\n')}\n`));

describe('the record of what a validator sent', () => {
  it('shows no fault of an honest one, however often it says the same again', () => {
    const votes = [
      `proposal 1 0 ${A}`,
      `prepare 1 0 ${A}`,
      `commit 1 0 ${A}`,
      'roundChange 1 1 0/0xaa',
      `commit 1 0 ${A}`,
      'roundChange 1 1 0/0xaa',
      `prepare 1 1 ${A}`,
      `commit 1 1 ${A}`,
      `commit 1 0 ${A}`,
      `prepare 2 0 ${B}`,
    ];
    expect(faultsOf(...votes)).to.deep.equal([]);
  });

  const bad: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['two payloads of one round', [`prepare 1 0 ${A}`, `prepare 1 0 ${B}`], /two payloads for the prepare/],
    ['a vote of a height that is over', [`prepare 2 0 ${A}`, `commit 1 0 ${A}`], /after height 2/],
    ['a vote of a round that was left', ['roundChange 1 2 -/-', `prepare 1 1 ${A}`], /after leaving for round 2/],
    ['a round change of a round that was voted in', [`prepare 1 1 ${A}`, 'roundChange 1 1 -/-'], /after a prepare/],
    ['a commit that is forgotten', [`commit 1 0 ${A}`, 'roundChange 1 1 -/-'], /forgets the commit of round 0/],
    ['rounds that go back', [`commit 1 3 ${A}`, `commit 1 2 ${A}`], /after one of round 3/],
    ['a claim of the round itself', ['roundChange 1 1 1/0xaa'], /claims round 1/],
  ];
  for (const [name, lines, message] of bad) {
    it(`shows ${name}`, () => {
      expect(faultsOf(...lines).join()).to.match(message);
    });
  }

  it('takes a line that a crash cut off for none', () => {
    expect(readSentVotes(`prepare 1 0 ${A}\nprepare 1`)).to.have.length(1);
  });
});
