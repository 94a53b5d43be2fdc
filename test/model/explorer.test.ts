import { expect } from 'chai';
import { type Exploration, type ExplorerOptions, explore } from './explorer.js';

/** As many as some seconds allow; `npm run explore` goes on to the end. */
const SOME_STATES = 15_000;

function visit(options: Partial<ExplorerOptions>): Exploration {
  return explore({ faulty: [], maxRound: 1, restarts: 0, maxStates: SOME_STATES, hasJournal: true, ...options });
}

describe('of all states of four validators at one height', function () {
  this.timeout(120_000);

  for (const [what, faulty] of [
    ['none is faulty', []],
    ['the first leader is faulty', [1]],
    ['the second leader is faulty', [2]],
    ['one that does not lead is faulty', [3]],
  ] as const) {
    it(`none has a fork, a lost lock or a second signature where ${what}`, () => {
      const { violation, decisions, states } = visit({ faulty });
      expect(violation).to.equal(undefined);
      expect(states).to.be.at.least(SOME_STATES / 10);
      expect(decisions).to.be.greaterThan(0);
    });
  }

  it('none has where each may start again from its journal', () => {
    expect(visit({ faulty: [1], restarts: 1 }).violation).to.equal(undefined);
  });

  it('one has where validators start again without their journals', () => {
    const { violation } = visit({ faulty: [3], restarts: 1, hasJournal: false });
    expect(violation?.what).to.include('is not signed');
    expect(violation?.steps.join('\n')).to.include('restart');
  });

  it('one has where more are faulty than are tolerated', () => {
    expect(visit({ faulty: [1, 3] }).violation?.what).to.match(/another block is prepared|two blocks are decided/);
  });
});
