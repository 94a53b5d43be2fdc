import { OP, TYPE } from '../../../sandbox/wasm/opcodes.js';
import { SeededNumbers } from './randomPrograms.js';
import { constant, type TestFunction, wasmModule } from './wasmModule.js';

/** Local variables of every function: the argument, two numbers, a counter of rounds, an i64 and an f64. */
const LOCAL = { argument: 0, first: 1, second: 2, rounds: 3, long: 4, float: 5 } as const;
const FUNCTIONS = 4;
/** Addresses stay below it, so that no access depends on how many pages there are. */
const ADDRESS_MASK = 0x7fff;
export const RANDOM_PAGES = 4;

const INT_BINARY = [0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x46, 0x48, 0x4d];
const INT_UNARY = [0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1];
const LONG_BINARY = [0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85, 0x86, 0x88, 0x89];
const FLOAT_BINARY = [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5];
const FLOAT_UNARY = [0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f];

/** Writes one function that a seed decides. It ends: loops count down, and it calls only functions before it. */
class RandomFunction {
  readonly #numbers: SeededNumbers;
  readonly #index: number;
  #labels = 0;

  constructor(numbers: SeededNumbers, index: number) {
    this.#numbers = numbers;
    this.#index = index;
  }

  code(): number[] {
    return [...this.#statements(3), ...this.#int(2)];
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#numbers.below(values.length)] as T;
  }

  #statements(depth: number): number[] {
    return Array.from({ length: 1 + this.#numbers.below(4) }, () => this.#statement(depth)).flat();
  }

  #statement(depth: number): number[] {
    const simple: (() => number[])[] = [
      () => [...this.#int(2), OP.localSet, this.#pick([LOCAL.first, LOCAL.second, LOCAL.argument])],
      () => [...this.#long(2), OP.localSet, LOCAL.long],
      () => [...this.#float(2), OP.localSet, LOCAL.float],
      () => [...this.#address(), ...this.#int(1), this.#pick([0x36, 0x3a, 0x3b]), 0, this.#numbers.below(100)],
      () => [...this.#address(), ...this.#long(1), this.#pick([0x37, 0x3c, 0x3d, 0x3e]), 0, this.#numbers.below(100)],
      () => [...this.#int(1), OP.globalSet, 0],
      () => [...this.#address(), ...this.#int(1), ...this.#address(), OP.prefix, 11, 0],
      () => [...this.#address(), ...this.#address(), ...this.#address(), OP.prefix, 10, 0, 0],
      () => [...constant(this.#numbers.below(3)), OP.memoryGrow, 0, OP.localSet, LOCAL.second],
      () => [0x01],
    ];
    if (depth <= 0) return this.#pick(simple)();
    const nested: (() => number[])[] = [
      () => [...this.#int(1), OP.if, TYPE.empty, ...this.#inside(depth), OP.else, ...this.#inside(depth), OP.end],
      () => [...this.#int(1), OP.if, TYPE.empty, ...this.#inside(depth), OP.end],
      () => [OP.block, TYPE.empty, ...this.#inside(depth), OP.end],
      () => this.#loop(depth),
      () => (this.#labels === 0 ? [0x01] : [...this.#int(1), OP.brIf, this.#forward()]),
      () =>
        this.#labels === 0 ? [] : [OP.block, TYPE.empty, ...this.#int(1), OP.if, TYPE.empty, OP.br, 1, OP.end, OP.end],
      () => this.#table(depth),
      () => [...this.#int(1), OP.if, TYPE.empty, ...this.#int(1), OP.return, OP.end],
    ];
    return this.#pick([...simple, ...nested, ...nested])();
  }

  #inside(depth: number): number[] {
    this.#labels += 1;
    const code = this.#statements(depth - 1);
    this.#labels -= 1;
    return code;
  }

  /** Leaves a block before its end; never the head of a loop, which only its own countdown goes back to. */
  #forward(): number {
    return this.#numbers.below(this.#labels);
  }

  /** A loop of at most four rounds: its label is out of reach for what is inside it, by a block around that. */
  #loop(depth: number): number[] {
    if (this.#labels > 0) return [...this.#int(1), 0x1a];
    const body = this.#inside(depth - 1);
    return [
      ...[...constant(1 + this.#numbers.below(4)), OP.localSet, LOCAL.rounds],
      ...[OP.block, TYPE.empty, OP.loop, TYPE.empty, OP.block, TYPE.empty, ...body, OP.end],
      ...[OP.localGet, LOCAL.rounds, ...constant(1), OP.i32Sub, OP.localTee, LOCAL.rounds],
      ...(this.#numbers.below(2) === 0 ? [OP.brIf, 0, OP.end, OP.end] : [0x45, OP.brTable, 1, 0, 1, OP.end, OP.end]),
    ];
  }

  #table(depth: number): number[] {
    const inner = this.#inside(depth);
    return [
      ...[OP.block, TYPE.empty, OP.block, TYPE.empty, OP.block, TYPE.empty, ...this.#int(1)],
      ...[OP.brTable, 2, 0, 1, 2, OP.end, ...inner, OP.end, ...this.#int(1), OP.localSet, LOCAL.first, OP.end],
    ];
  }

  #address(): number[] {
    return [...this.#int(1), ...constant(ADDRESS_MASK), 0x71];
  }

  #int(depth: number): number[] {
    const leaves: (() => number[])[] = [
      () => constant(this.#pick([0, 1, -1, 7, 1_000, 0x7fff_ffff, -0x8000_0000, this.#numbers.below(1 << 20)])),
      () => [OP.localGet, this.#pick([LOCAL.argument, LOCAL.first, LOCAL.second])],
      () => [OP.globalGet, 0],
      () => [OP.memorySize, 0],
    ];
    if (depth <= 0) return this.#pick(leaves)();
    const inner = (): number[] => this.#int(depth - 1);
    const forms: (() => number[])[] = [
      () => [...inner(), ...inner(), this.#pick(INT_BINARY)],
      () => [...inner(), this.#pick(INT_UNARY)],
      () => [...inner(), ...inner(), ...constant(1), 0x72, this.#pick([0x6e, 0x70])],
      () => [...inner(), ...inner(), ...inner(), OP.select],
      () => [...this.#address(), this.#pick([0x28, 0x2c, 0x2d, 0x2e, 0x2f]), 0, this.#numbers.below(100)],
      () => [...this.#long(depth - 1), 0xa7],
      () => [...this.#float(depth - 1), OP.prefix, 2],
      () => [...inner(), OP.if, TYPE.i32, ...inner(), OP.else, ...inner(), OP.end],
      () => (this.#index === 0 ? inner() : [...inner(), OP.call, this.#numbers.below(this.#index)]),
      // Any function of the table by a number that may be too large: the call traps then, in both modules.
      () =>
        this.#index === 0
          ? inner()
          : [...inner(), ...constant(this.#numbers.below(this.#index)), OP.callIndirect, 0, 0],
    ];
    return this.#pick([...leaves, ...forms, ...forms])();
  }

  #long(depth: number): number[] {
    if (depth <= 0)
      return this.#pick([
        [OP.localGet, LOCAL.long],
        [OP.i64Const, 0x7f],
        [...this.#int(0), 0xac],
      ]);
    const inner = (): number[] => this.#long(depth - 1);
    return this.#pick([
      () => [...inner(), ...inner(), this.#pick(LONG_BINARY)],
      () => [...this.#int(depth - 1), this.#pick([0xac, 0xad])],
      () => [...this.#address(), 0x29, 0, 8],
      () => [...this.#float(depth - 1), OP.prefix, 6],
    ])();
  }

  /** What it gives never reaches the memory or a result but as a whole number: the bits of a NaN are open in the original. */
  #float(depth: number): number[] {
    if (depth <= 0)
      return this.#pick([
        [OP.localGet, LOCAL.float],
        [...this.#int(0), 0xb7],
        [OP.f64Const, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f],
      ]);
    const inner = (): number[] => this.#float(depth - 1);
    return this.#pick([
      () => [...inner(), ...inner(), this.#pick(FLOAT_BINARY)],
      () => [...inner(), this.#pick(FLOAT_UNARY)],
      () => [...inner(), 0xb6, 0xbb],
      () => [...this.#int(depth - 1), this.#pick([0xb7, 0xb8])],
    ])();
  }
}

/** A valid module that a seed decides, with a function `run(i32) -> i32` that ends. */
export function randomWasm(seed: number): Uint8Array {
  const numbers = new SeededNumbers(seed);
  const functions: TestFunction[] = Array.from({ length: FUNCTIONS }, (_, index) => ({
    parameters: ['i32'],
    results: ['i32'],
    locals: ['i32', 'i32', 'i32', 'i64', 'f64'],
    code: new RandomFunction(numbers, index).code(),
    ...(index === FUNCTIONS - 1 ? { exported: 'run' } : {}),
  }));
  const table = functions.map((_, index) => index);
  return wasmModule({ functions, table, globals: [5], maxPages: RANDOM_PAGES });
}
