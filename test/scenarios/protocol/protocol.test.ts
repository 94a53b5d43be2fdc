import { expect } from 'chai';
import { drawOptions, simulate } from './simulator.js';

const SEEDS = 300;

/** What goes wrong first, with the seed that shows it. */
function firstFinding(): string {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const [violation] = simulate(drawOptions(seed)).violations;
    if (violation !== undefined) return `seed ${seed}: ${violation}`;
  }
  return 'nothing';
}

/**
 * The protocol alone, without the host: so fast that hundreds of bad days, with validators that run twice under one key,
 * take seconds. The whole node is simulated in `test/simulation/`.
 */
describe('a network of state machines', () => {
  it(`agrees, signs nothing twice and goes on after bad days (${SEEDS} seeds)`, function () {
    this.timeout(SEEDS * 500);
    expect(firstFinding()).to.equal('nothing');
  });

  it('gives the same run for the same seed', () => {
    expect(simulate(drawOptions(7))).to.deep.equal(simulate(drawOptions(7)));
  });
});
