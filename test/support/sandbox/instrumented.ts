import type { ChargePlan } from '../../../sandbox/wasm/charges.js';
import { instrument } from '../../../sandbox/wasm/instrument.js';
import { OP } from '../../../sandbox/wasm/opcodes.js';
import { DYNAMIC_WEIGHTS } from '../../../sandbox/wasm/weights.js';
import { compile, instantiate, isTrap } from '../../../sandbox/webAssembly.js';

/** PROTOCOL §Sandbox W1, W2. The same fuel counted the slow way: each instruction is paid for just before it runs. */
export const chargeEachInstruction: ChargePlan = (instructions) => [
  { before: 0, weight: DYNAMIC_WEIGHTS.functionEntry, checks: true },
  ...instructions.flatMap(({ code, opcode }, index) => {
    // `loop` itself runs once; what a round weighs is paid for inside it.
    if (code === OP.loop) return [{ before: index + 1, weight: opcode.weight, checks: true }];
    return opcode.weight === 0 ? [] : [{ before: index, weight: opcode.weight, checks: false }];
  }),
];

export interface Outcome {
  /** Values in words, so that NaN and -0 are told apart from the rest. */
  readonly result: string;
  readonly fuelUsed: number;
  readonly depthLeft: number;
  readonly pages: number;
  readonly memory: Uint8Array;
  readonly marks: Uint8Array;
}

type Imports = Readonly<Record<string, (value: number) => number>>;

export interface RunOptions {
  readonly fuel?: number;
  readonly depth?: number;
  readonly plan?: ChargePlan;
  readonly imports?: Imports;
  readonly guestPages?: number;
}

const bits = new DataView(new ArrayBuffer(8));

function inWords(value: unknown): string {
  if (typeof value !== 'number') return String(value);
  bits.setFloat64(0, value);
  return `${value} ${Number.isNaN(value) ? '' : bits.getBigUint64(0).toString(16)}`;
}

/** How a function of a module ends: what it gives, `trap`, or the name of what V8 threw. */
function attempt(call: () => unknown): string {
  try {
    return inWords(call());
  } catch (error) {
    return isTrap(error) ? 'trap' : (error as Error).name;
  }
}

/** Runs an exported function of the module as it is. */
export function runPlain(bytes: Uint8Array, name: string, args: readonly unknown[], host: Imports = {}) {
  const exports = instantiate(compile(bytes), { host }).exports as Record<string, (...values: unknown[]) => unknown>;
  const { memory } = exports as unknown as { memory: { buffer: ArrayBuffer } };
  const result = attempt(() => exports[name]?.(...args));
  return { result, memory: new Uint8Array(memory.buffer) };
}

/** Runs it instrumented. */
export function runInstrumented(
  bytes: Uint8Array,
  name: string,
  args: readonly unknown[],
  { fuel = 1_000_000, depth = 100, plan, imports: host = {}, guestPages = 4 }: RunOptions = {},
): Outcome {
  const instrumented = instrument(bytes, { guestPages, ...(plan === undefined ? {} : { plan }) });
  const instance = instantiate(compile(instrumented.bytes), { host });
  const exports = instance.exports as Record<string, (...values: unknown[]) => unknown>;
  const { memory } = exports as unknown as { memory: { buffer: ArrayBuffer } };
  exports['vostro_arm']?.(fuel, depth);
  const result = attempt(() => exports[name]?.(...args));
  const all = new Uint8Array(memory.buffer);
  return {
    result,
    fuelUsed: fuel - Number(exports['vostro_fuel']?.()),
    depthLeft: Number(exports['vostro_depth']?.()),
    pages: Number(exports['vostro_pages']?.()),
    memory: all.subarray(0, guestPages * 65_536),
    marks: all.subarray(instrumented.marksAt, instrumented.marksAt + (all.length >> 10)),
  };
}
