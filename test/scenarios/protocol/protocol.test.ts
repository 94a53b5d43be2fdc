import { expect } from 'chai';
import { PLANTED_BUGS, SOLO_TIMERS } from './plantedBugs.js';
import { drawOptions, type SimulationOptions, simulate } from './simulator.js';

/** A count, or `from-to`. */
const SEEDS = '1-300';
const MS_PER_SEED = 500;

function seeds(): readonly number[] {
  const text = SEEDS;
  const [first, last] = text.includes('-') ? text.split('-').map(Number) : [1, Number(text)];
  const from = first ?? 1;
  return Array.from({ length: Math.max(1, (last ?? from) - from + 1) }, (_, offset) => from + offset);
}

/** What goes wrong, with the seed that shows it. */
function findings(chosen: readonly number[], options: Partial<SimulationOptions> = {}): string[] {
  return chosen.flatMap((seed) => {
    const { violations } = simulate({ ...drawOptions(seed), ...options });
    return violations.map((violation) => `seed ${seed}: ${violation}`);
  });
}

describe('a simulated network of validators', () => {
  const chosen = seeds();

  it(`agrees, signs nothing twice and goes on after bad days (${chosen.length} seeds)`, function () {
    this.timeout(Math.max(60_000, chosen.length * MS_PER_SEED));
    expect(findings(chosen)).to.deep.equal([]);
  });

  it('gives the same run for the same seed', () => {
    expect(simulate(drawOptions(7))).to.deep.equal(simulate(drawOptions(7)));
  });
});

describe('the simulator', () => {
  for (const { name, node, finding } of PLANTED_BUGS) {
    it(`finds the bug: a validator ${name}`, function () {
      this.timeout(60_000);
      const found = Array.from({ length: 60 }, (_, index) => index + 1).find((seed) => {
        const { violations } = simulate({ ...drawOptions(seed), honest: node, crash: 0.02 });
        return violations.some((violation) => finding.test(violation));
      });
      expect(found, 'a seed that shows it').to.be.a('number');
    });
  }

  it('sees more than f cheating validators fork the chain', function () {
    this.timeout(60_000);
    const found = Array.from({ length: 60 }, (_, index) => index + 1).find((seed) => {
      const { violations } = simulate({ ...drawOptions(seed), validatorCount: 4, twinCount: 2, crash: 0, loss: 0 });
      return violations.some((violation) => violation.startsWith('fork'));
    });
    expect(found, 'a seed that shows it').to.be.a('number');
  });
});

describe('a validator that was alone for a while', () => {
  /** Validator 3 is never there; 0 and 2 come after 20 seconds, on a perfect network. */
  const alone: Partial<SimulationOptions> = {
    validatorCount: 4,
    twinCount: 0,
    loss: 0,
    crash: 0,
    peaceAtMs: 20_001,
    startsAtMs: (node) => (node === 1 ? 0 : node === 3 ? Number.POSITIVE_INFINITY : 20_000),
  };

  it('has not run ahead: the others decide with it within seconds', () => {
    expect(findings([1, 2, 3], { ...alone, peaceMs: 5_000 })).to.deep.equal([]);
  });

  it('would run ahead for ever if its timers waited for nobody', () => {
    for (const finding of findings([1, 2, 3], { ...alone, honest: SOLO_TIMERS, peaceMs: 60_000 })) {
      expect(finding).to.include('stuck');
    }
    expect(findings([1, 2, 3], { ...alone, honest: SOLO_TIMERS, peaceMs: 60_000 })).to.have.length(3);
  });
});
