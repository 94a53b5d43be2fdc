import { expect } from 'chai';
import { SandboxError } from '../../../sandbox/errors.js';
import { readQuickjsBinary } from '../../../sandbox/quickjsBinary.js';
import { instrument } from '../../../sandbox/wasm/instrument.js';
import { OP, TYPE } from '../../../sandbox/wasm/opcodes.js';
import { DYNAMIC_WEIGHTS, WEIGHTS } from '../../../sandbox/wasm/weights.js';
import { compile } from '../../../sandbox/webAssembly.js';
import {
  chargeEachInstruction,
  type RunOptions,
  runInstrumented,
  runPlain,
} from '../../support/sandbox/instrumented.js';
import { constant, type TestFunction, type TestModule, wasmModule } from '../../support/sandbox/wasmModule.js';

const ENTRY = DYNAMIC_WEIGHTS.functionEntry;
const { block, loop, end, br, brIf, brTable, call, callIndirect, localGet, localSet, localTee } = OP;
const EMPTY = TYPE.empty;
const STORE = [0x36, 2, 0];
const RETURN = OP.return;

/** A function `run(i32) -> i32`. */
const runs = (code: readonly number[], locals: TestFunction['locals'] = []): TestFunction => ({
  parameters: ['i32'],
  results: ['i32'],
  locals,
  code,
  exported: 'run',
});
const module = (code: readonly number[], rest: Partial<TestModule> = {}): Uint8Array =>
  wasmModule({ functions: [runs(code, ['i32'])], ...rest });
/** What the module does and uses; the same when each instruction is counted by itself, wherever it runs to its end. */
function used(bytes: Uint8Array, argument: number, options: RunOptions = {}) {
  const outcome = runInstrumented(bytes, 'run', [argument], options);
  const slow = runInstrumented(bytes, 'run', [argument], { ...options, plan: chargeEachInstruction });
  if (outcome.result !== 'trap') expect(slow.fuelUsed, 'the slow count').to.equal(outcome.fuelUsed);
  expect(slow.result).to.equal(outcome.result);
  return outcome;
}
const code = (bytes: () => unknown): string => {
  try {
    bytes();
    return 'none';
  } catch (error) {
    if (error instanceof SandboxError) return error.code;
    throw error;
  }
};
/** `if (argument == value)`, as a condition for a branch. */
const isValue = (value: number): number[] => [localGet, 0, ...constant(value), OP.i32Eq];

describe('the instrumenter', () => {
  it('counts a straight line once, and the entry of the function (PROTOCOL §Sandbox W1, W2)', () => {
    expect(used(module([localGet, 0, ...constant(2), OP.i32Add]), 40)).to.deep.include({ fuelUsed: ENTRY + 3 });
    expect(used(module([0x01, localGet, 0, ...constant(3), 0x6d]), 9).fuelUsed).to.equal(
      ENTRY + 2 + WEIGHTS['i32.div_s'],
    );
  });

  it('counts what runs, not what stands there: either side of an if, what a branch leaves out (PROTOCOL §Sandbox W2)', () => {
    const either = module([localGet, 0, 0x04, TYPE.i32, ...constant(1), 0x05, ...constant(1), 0x45, 0x45, end]);
    expect([used(either, 1).fuelUsed, used(either, 0).fuelUsed]).to.deep.equal([ENTRY + 3, ENTRY + 5]);
    const skipped = module([block, EMPTY, ...isValue(1), brIf, 0, ...constant(5), localSet, 0, end, localGet, 0]);
    expect([used(skipped, 1).fuelUsed, used(skipped, 0).fuelUsed]).to.deep.equal([ENTRY + 5, ENTRY + 7]);
    const returned = module([block, EMPTY, ...isValue(1), 0x04, EMPTY, ...constant(7), RETURN, end, end, localGet, 0]);
    expect([used(returned, 1).fuelUsed, used(returned, 0).fuelUsed]).to.deep.equal([ENTRY + 6, ENTRY + 5]);
  });

  it('counts each round of a loop, whatever branches back to it (PROTOCOL §Sandbox W2)', () => {
    const down = [localGet, 0, ...constant(1), OP.i32Sub, localTee, 0];
    const round = WEIGHTS.loop + 5;
    const byIf = module([loop, EMPTY, ...down, brIf, 0, end, localGet, 0]);
    expect(used(byIf, 5).fuelUsed).to.equal(ENTRY + 5 * round + 1);
    const byTable = module([block, EMPTY, loop, EMPTY, ...down, 0x45, brTable, 1, 0, 1, end, end, localGet, 0]);
    expect(used(byTable, 5).fuelUsed).to.equal(ENTRY + 5 * (round + WEIGHTS.br_table) + 1);
    const deep = module([loop, EMPTY, block, EMPTY, ...down, 0x45, brIf, 0, br, 1, end, end, localGet, 0]);
    expect(used(deep, 3).fuelUsed).to.equal(ENTRY + 3 * (round + 1) + 2 + 1);
    const nested = module([loop, EMPTY, loop, EMPTY, ...down, brIf, 1, end, end, localGet, 0]);
    expect(used(nested, 4).fuelUsed).to.equal(ENTRY + 4 * (round + WEIGHTS.loop) + 1);
  });

  it('stops what would go on for ever, also where its rounds hold nothing of weight (PROTOCOL §Sandbox W2)', () => {
    const endless: Record<string, number[]> = {
      'an empty loop': [loop, EMPTY, br, 0, end],
      'a loop whose first run of instructions is empty': [loop, EMPTY, block, EMPTY, end, br, 0, end],
      'a loop in a loop': [loop, EMPTY, loop, EMPTY, block, EMPTY, br, 2, end, end, end],
      'a branch by a table': [loop, EMPTY, block, EMPTY, localGet, 0, brTable, 1, 1, 1, end, end],
      'a loop that only nops': [loop, EMPTY, 0x01, 0x01, br, 0, end],
    };
    for (const [name, body] of Object.entries(endless)) {
      const outcome = runInstrumented(module([...body, ...constant(0)]), 'run', [0], { fuel: 10_000 });
      expect([name, outcome.result]).to.deep.equal([name, 'trap']);
      expect(outcome.fuelUsed).to.be.above(10_000).and.below(10_100);
    }
    const recursion = module([localGet, 0, call, 0]);
    const outcome = runInstrumented(recursion, 'run', [0], { fuel: 1_000, depth: 1_000_000 });
    expect([outcome.result, outcome.depthLeft > 0, outcome.fuelUsed > 1_000]).to.deep.equal(['trap', true, true]);
  });

  it('bounds calls inside each other, by the table too, and gives each level back (PROTOCOL §Sandbox U1)', () => {
    const down = [localGet, 0, ...constant(1), OP.i32Sub];
    const direct = module([localGet, 0, 0x04, TYPE.i32, ...down, call, 0, 0x05, ...constant(7), end]);
    const table = module(
      [localGet, 0, 0x04, TYPE.i32, ...down, ...constant(0), callIndirect, 0, 0, 0x05, ...constant(7), end],
      {
        table: [0],
      },
    );
    for (const bytes of [direct, table]) {
      expect(used(bytes, 10, { depth: 10 })).to.deep.include({
        result: runPlain(bytes, 'run', [10]).result,
        depthLeft: 10,
      });
      expect(used(bytes, 11, { depth: 10 })).to.deep.include({ result: 'trap', depthLeft: -1 });
    }
    const host = module([localGet, 0, ...constant(0), callIndirect, 1, 0], { imports: ['twice'], table: [0] });
    const imports = { twice: (value: number) => 2 * value };
    expect(used(host, 4, { imports, depth: 1 }).result).to.equal(runPlain(host, 'run', [4], imports).result);
    expect(used(host, 4, { imports, depth: 0 }).result).to.equal('trap');
  });

  it('pays for bulk operations by their bytes before they run (PROTOCOL §Sandbox W3)', () => {
    const fill = module([...constant(0), ...constant(7), localGet, 0, 0xfc, 11, 0, ...constant(1)]);
    const fixed = ENTRY + 4 + WEIGHTS['memory.fill'];
    expect(used(fill, 0).fuelUsed).to.equal(fixed);
    expect(used(fill, 4_000).fuelUsed).to.equal(fixed + 1_000);
    const dear = runInstrumented(fill, 'run', [65_536], { fuel: 16_000 });
    expect([dear.result, dear.fuelUsed > 16_000, dear.memory[0]]).to.deep.equal(['trap', true, 0]);
    const copy = module([...constant(0), ...constant(8), localGet, 0, 0xfc, 10, 0, 0, ...constant(1)]);
    expect(used(copy, -1).result).to.equal('trap');
    expect(used(copy, -1, { fuel: 2 ** 40 }).fuelUsed).to.be.above(2 ** 30 - 1);
  });

  it('grants pages of a memory that is there from the start, and never more of them (PROTOCOL §Sandbox U2, W3)', () => {
    const grow = module([localGet, 0, OP.memoryGrow, 0, 0x1a, OP.memorySize, 0]);
    const pages = (argument: number, guestPages = 4) => used(grow, argument, { guestPages });
    expect(pages(3)).to.deep.include({ result: used(module(constant(4)), 0).result, pages: 4 });
    expect(pages(4)).to.deep.include({ result: used(module(constant(1)), 0).result, pages: 1 });
    expect(pages(-1)).to.deep.include({ pages: 1 });
    expect(pages(3).fuelUsed - pages(4).fuelUsed).to.equal(3 << DYNAMIC_WEIGHTS.growPagesShift);
  });

  it('makes every open NaN the same one, and leaves numbers and told bits alone (PROTOCOL §Sandbox U3)', () => {
    const payload = [0x44, 1, 0, 0, 0, 0, 0, 0xf4, 0xff];
    const zero = [0x44, 0, 0, 0, 0, 0, 0, 0, 0];
    const high = [0xbd, 0x42, 32, 0x88, 0xa7];
    const ofF64 = (bits: number[]): number[] => [...bits, ...high];
    const cases: [number[], number][] = [
      [ofF64([...payload, ...zero, 0xa0]), 0x7ff80000],
      [ofF64([...zero, ...zero, 0xa3]), 0x7ff80000],
      [ofF64([...payload, 0x9f]), 0x7ff80000],
      [ofF64([...payload, 0xb6, 0xbb]), 0x7ff80000],
      [ofF64([...payload]), 0xfff40000 | 0],
      [ofF64([...payload, 0x9a]), 0x7ff40000],
      [ofF64([...zero, 0x9a, 0x9a, ...zero, 0xa0]), 0],
      [[0x43, 0, 0, 0xa0, 0xff, 0x43, 0, 0, 0, 0, 0x92, 0xbc], 0x7fc00000],
    ];
    for (const [body, expected] of cases)
      expect(used(module(body), 0).result).to.equal(used(module(constant(expected)), 0).result);
  });

  it('marks the memory that it writes, after it has written it (PROTOCOL §Sandbox X1)', () => {
    const store = module([localGet, 0, ...constant(-1), ...STORE, ...constant(0)]);
    const marked = (bytes: Uint8Array, argument: number): number[] =>
      [...used(bytes, argument).marks].flatMap((mark, index) => (mark === 0 ? [] : [index]));
    expect(marked(store, 0)).to.deep.equal([0]);
    expect(marked(store, 5_000)).to.deep.equal([4]);
    expect(marked(module([localGet, 0, ...constant(1), 0x36, 2, 0x80, 0x08, ...constant(0)]), 1_020)).to.deep.equal([
      1,
    ]);
    const fill = module([localGet, 0, ...constant(7), ...constant(2_000), 0xfc, 11, 0, ...constant(1)]);
    expect(marked(fill, 1_000)).to.deep.equal([0, 1, 2]);
    expect(marked(module([...constant(9), ...constant(7), localGet, 0, 0xfc, 11, 0, ...constant(1)]), 0)).to.deep.equal(
      [],
    );
    // The marks lie behind the guest's last page: whoever writes there is marked for it.
    const marksPage = 4 * 65_536;
    expect(marked(store, marksPage + 64)).to.include(marksPage >> 10);
  });

  it('refuses what it cannot price (PROTOCOL §Sandbox W1)', () => {
    const unknown: Record<string, number[]> = {
      'a tail call': [localGet, 0, 0x12, 0],
      'an indirect tail call': [localGet, 0, ...constant(0), 0x13, 0, 0],
      'table.get': [...constant(0), 0x25, 0, 0x1a, ...constant(0)],
      'memory.init': [0xfc, 8, 0, 0],
      'data.drop': [0xfc, 9, 0],
      'table.copy': [0xfc, 14, 0, 0],
      'a vector': [0xfd, 0x0c],
      'an atomic': [0xfe, 0],
      try: [0x06, EMPTY],
      throw: [0x08, 0],
      'ref.null': [0xd0, 0x70],
      'a typed select': [0x1c, 1, 0x7f],
      'another memory': [...constant(0), 0x28, 0x42, 1, 0],
    };
    const codes = Object.keys(unknown).map((name) => [
      name,
      code(() => instrument(module(unknown[name] ?? []), { guestPages: 2 })),
    ]);
    expect(codes).to.deep.equal(Object.keys(unknown).map((name) => [name, 'WASM_UNSUPPORTED']));
    expect(code(() => instrument(module(constant(0), { pages: 3 }), { guestPages: 2 }))).to.equal('WASM_UNSUPPORTED');
    for (const section of [8, 13, 14]) {
      const bytes = module(constant(0), { extra: [[section, Uint8Array.of(0)]] });
      expect(code(() => instrument(bytes, { guestPages: 2 }))).to.equal('WASM_UNSUPPORTED');
    }
  });

  it('refuses what is no module, or ends early, and never reads past its end', () => {
    const bytes = module([loop, EMPTY, end, localGet, 0]);
    expect(code(() => instrument(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), { guestPages: 2 }))).to.equal('WASM_MALFORMED');
    for (let length = 1; length < bytes.length; length++) {
      const found = code(() => compile(instrument(bytes.slice(0, length), { guestPages: 2 }).bytes));
      // A module may end after any whole section; the bodies that the functions name are missing then.
      expect(['WASM_MALFORMED', 'none'], `${length} bytes`).to.include(found);
    }
  });

  it('makes the same bytes of the real module every time, and V8 takes them', () => {
    const binary = readQuickjsBinary();
    const first = instrument(binary, { guestPages: 256 });
    expect(Buffer.compare(first.bytes, instrument(binary, { guestPages: 256 }).bytes)).to.equal(0);
    compile(first.bytes);
  });
});
