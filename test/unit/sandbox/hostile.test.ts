import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { createSandboxEngine } from '../../../sandbox/engine.js';
import type { LoadedGuest, SandboxEngine } from '../../../sandbox/types.js';
import { HOSTILE_PROGRAMS } from '../../support/sandbox/hostilePrograms.js';
import { TestMeter } from '../../support/sandbox/meter.js';
import { digestOf, entryProgram, type Outcome, outcomeOf } from '../../support/sandbox/outcomes.js';

const FUEL = 20_000_000;
const runtime = '';

/** All hostile programs, and guests inside each other at the full depth, in a thread of its own, with the stack of an executor. */
function inWorker(): Promise<{ readonly hostile: string; readonly nested: readonly Outcome[] }> {
  const url = new URL('../../support/sandbox/hostileWorker.js', import.meta.url);
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { workerData: { fuel: FUEL, runtime }, resourceLimits: { stackSizeMb: 8 } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

describe('a hostile program', () => {
  const outcomes: Outcome[] = [];
  let engine: SandboxEngine;
  let friendly: LoadedGuest;
  let friendlyFuel: number;

  before(() => {
    engine = createSandboxEngine({ runtime });
    friendly = engine.load(entryProgram('return input + "!"'), FUEL);
    const meter = new TestMeter(FUEL);
    friendly.run('a', () => '', meter);
    friendlyFuel = meter.used;
  });

  for (const program of HOSTILE_PROGRAMS) {
    it(`ends the same way in the same fuel, and harms no call after it: ${program.name} (PROTOCOL §Sandbox X1, X6)`, () => {
      const outcome = outcomeOf(engine, program, FUEL);
      outcomes.push(outcome);
      if (program.ends === 'text') expect(outcome.ends).to.match(/^text /);
      else expect(outcome.ends).to.equal(program.ends);
      const meter = new TestMeter(FUEL);
      expect(friendly.run('a', () => '', meter)).to.equal('a!');
      expect(meter.used).to.equal(friendlyFuel);
    });
  }

  it('ends so on instances that ran all of them before, on a fresh engine, and in a worker', async function () {
    this.timeout(120_000);
    const expected = digestOf(outcomes);
    const worker = inWorker();
    const again = [...HOSTILE_PROGRAMS].reverse().map((program) => outcomeOf(engine, program, FUEL));
    expect(digestOf(again.reverse())).to.equal(expected);
    const fresh = createSandboxEngine({ runtime });
    expect(digestOf(HOSTILE_PROGRAMS.map((program) => outcomeOf(fresh, program, FUEL)))).to.equal(expected);
    const { hostile, nested } = await worker;
    expect(hostile).to.equal(expected);
    // An executor's stack holds four guests that go as deep together as they may: the depth ends them, never V8.
    const ends = nested.map(({ ends }) => ends);
    expect(new Set(ends)).to.deep.equal(new Set(['text end', 'callDepth']));
  });
});
