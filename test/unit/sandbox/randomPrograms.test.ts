import { expect } from 'chai';
import { createSandboxEngine } from '../../../sandbox/engine.js';
import type { SandboxEngine } from '../../../sandbox/types.js';
import { TestMeter } from '../../support/sandbox/meter.js';
import { entryProgram, outcomeOf } from '../../support/sandbox/outcomes.js';
import { randomHistory, randomProgram } from '../../support/sandbox/randomPrograms.js';

const FUEL = 5_000_000;
const PROGRAMS = 300;

describe('a random program', () => {
  let untouched: SandboxEngine;
  let used: SandboxEngine;

  before(() => {
    [untouched, used] = [createSandboxEngine({ runtime: '' }), createSandboxEngine({ runtime: '' })];
  });

  it('gives the same on engines with different pasts, to the unit of fuel (PROTOCOL §Sandbox X1, X2)', function () {
    this.timeout(60_000);
    const seen = new Set<string>();
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const body = randomProgram(seed);
      const program = { name: `seed ${seed}`, body, ends: '' };
      const loaded = used.load(entryProgram(body), FUEL);
      outcomeOf(used, { ...program, body: randomHistory(seed) }, 1_000_000);
      const expected = outcomeOf(untouched, program, FUEL);
      const meter = new TestMeter(FUEL);
      let again: string;
      try {
        again = loaded.run('input', (operation, first) => `${operation}${first.length}`, meter);
      } catch (error) {
        again = (error as Error).name;
      }
      expect(outcomeOf(used, program, FUEL), body).to.deep.equal(expected);
      expect([loaded.loadFuel, meter.used], body).to.deep.equal([expected.loadFuel, expected.fuel]);
      seen.add(`${expected.ends} ${again.length}`);
    }
    expect(seen.size).to.be.above(PROGRAMS / 2);
  });
});
