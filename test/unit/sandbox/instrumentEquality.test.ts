import { expect } from 'chai';
import fc from 'fast-check';
import { compileQuickjs, createSandboxEngine } from '../../../sandbox/engine.js';
import { GUEST_LIMITS } from '../../../sandbox/limits.js';
import { readQuickjsBinary } from '../../../sandbox/quickjsBinary.js';
import type { SandboxEngine } from '../../../sandbox/types.js';
import { instrument } from '../../../sandbox/wasm/instrument.js';
import { readLayout, SECTION } from '../../../sandbox/wasm/moduleLayout.js';
import { readInstruction } from '../../../sandbox/wasm/opcodes.js';
import { ByteReader } from '../../../sandbox/wasm/reader.js';
import { compile } from '../../../sandbox/webAssembly.js';
import { HOSTILE_PROGRAMS } from '../../support/sandbox/hostilePrograms.js';
import { chargeEachInstruction, runInstrumented, runPlain } from '../../support/sandbox/instrumented.js';
import { outcomeOf } from '../../support/sandbox/outcomes.js';
import { randomProgram } from '../../support/sandbox/randomPrograms.js';
import { RANDOM_PAGES, randomWasm } from '../../support/sandbox/randomWasm.js';

const RUNS = 400;
const FUEL = 2 ** 40;

describe('an instrumented module', () => {
  it('does what the original does, and counts what the slow count does: random modules (PROTOCOL §Sandbox W1, W2)', function () {
    this.timeout(60_000);
    let ended = 0;
    const property = fc.property(fc.integer(), fc.integer(), (seed, argument) => {
      const bytes = randomWasm(seed);
      const plain = runPlain(bytes, 'run', [argument]);
      const options = { fuel: FUEL, guestPages: RANDOM_PAGES };
      const fast = runInstrumented(bytes, 'run', [argument], options);
      const slow = runInstrumented(bytes, 'run', [argument], { ...options, plan: chargeEachInstruction });
      expect(fast.result).to.equal(plain.result);
      expect(fast.fuelUsed).to.be.above(0);
      expect(Buffer.compare(fast.memory.subarray(0, plain.memory.length), plain.memory)).to.equal(0);
      expect(slow.result).to.equal(fast.result);
      if (fast.result === 'trap') return;
      ended += 1;
      expect(slow.fuelUsed).to.equal(fast.fuelUsed);
      expect([fast.depthLeft, fast.pages]).to.deep.equal([100, plain.memory.length / 65_536]);
      const marked = new Set([...fast.marks].flatMap((mark, block) => (mark === 1 ? [block] : [])));
      fast.memory.forEach((byte, at) => {
        const block = at >> 10;
        if (byte !== 0 && !marked.has(block))
          expect(marked.has(block - 1) && at % 1_024 < 8, `byte ${at}`).to.equal(true);
      });
    });
    fc.assert(property, { numRuns: RUNS });
    expect(ended).to.be.above(RUNS / 2);
  });

  it('runs out at the same place however it is loaded, a unit before what it needs', () => {
    for (let seed = 0; seed < 50; seed++) {
      const bytes = randomWasm(seed);
      const whole = runInstrumented(bytes, 'run', [seed], { fuel: FUEL });
      if (whole.result === 'trap') continue;
      const exact = runInstrumented(bytes, 'run', [seed], { fuel: whole.fuelUsed });
      expect([exact.result, exact.fuelUsed]).to.deep.equal([whole.result, whole.fuelUsed]);
      const short = runInstrumented(bytes, 'run', [seed], { fuel: whole.fuelUsed - 1 });
      expect(short.result === 'trap' || short.fuelUsed > whole.fuelUsed - 1).to.equal(true);
    }
  });
});

describe('quickjs.wasm', () => {
  const binary = readQuickjsBinary();

  it('holds no instruction that the instrumenter does not know, and uses these', () => {
    const layout = readLayout(binary);
    const code = layout.sections.find(({ id }) => id === SECTION.code);
    const reader = new ByteReader(code?.content ?? new Uint8Array(0));
    const used = new Set<string>();
    for (let bodies = reader.u32(); bodies > 0; bodies--) {
      const body = reader.part(reader.u32());
      for (let groups = body.u32(); groups > 0; groups--) {
        body.u32();
        body.byte();
      }
      while (!body.isAtEnd) used.add(readInstruction(body).opcode.name);
    }
    expect(reader.isAtEnd).to.equal(true);
    expect(used.size).to.equal(149);
    const dear = ['memory.copy', 'memory.fill', 'memory.grow', 'memory.size', 'call_indirect', 'br_table', 'loop'];
    expect(dear.filter((name) => !used.has(name))).to.deep.equal([]);
    expect(layout.mutableGlobals).to.have.length(1);
  });

  it('uses as much fuel as when each instruction is paid for by itself, in the engine (PROTOCOL §Sandbox W1, W2, W4)', function () {
    this.timeout(120_000);
    const instrumented = instrument(binary, { guestPages: GUEST_LIMITS.pages, plan: chargeEachInstruction });
    const slowModule = { instrumented, compiled: compile(instrumented.bytes) };
    const create = (module = compileQuickjs()): SandboxEngine => createSandboxEngine({ runtime: '', module });
    const [fast, slow] = [create(), create(slowModule)];
    const endingByItself = HOSTILE_PROGRAMS.filter(({ ends }) => /^(text|exception|result)/.test(ends));
    const random = Array.from({ length: 60 }, (_, seed) => ({
      name: `seed ${seed}`,
      body: randomProgram(seed),
      ends: '',
    }));
    for (const program of [...endingByItself, ...random]) {
      const expected = outcomeOf(fast, program, 20_000_000);
      if (/^(outOfFuel|callDepth|loadFuel)/.test(expected.ends)) continue;
      expect(outcomeOf(slow, program, 20_000_000), program.name).to.deep.equal(expected);
    }
  });
});
