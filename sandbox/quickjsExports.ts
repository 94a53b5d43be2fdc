import { SandboxError } from './errors.js';
import { isGlobal, type WasmGlobal, type WasmInstance, type WasmMemory } from './webAssembly.js';

/** A pointer into a guest's memory. */
export type Pointer = number;

/** Bits of `qjs_init2`: built-ins of QuickJS that are not there unless they are asked for. */
export const INTRINSICS = { eval: 2, json: 8, mapSet: 32, typedArrays: 64, bigInt: 256 } as const;

/** Flag of `qjs_eval`: the text is strict, whatever it says itself. */
export const EVAL_STRICT = 8;

/** Upper halves of a QuickJS value, which say what it is. */
export const TAG = { int: 0, null: 2, undefined: 3, exception: 6, stringRope: -6, string: -7, object: -1 } as const;

/** The functions of `quickjs.wasm` that the engine calls, and those of the instrumenter. */
export interface QuickjsExports {
  readonly memory: WasmMemory;
  readonly _initialize: () => void;
  readonly qjs_init2: (intrinsics: number) => number;
  readonly qjs_set_memory_limit: (bytes: number) => void;
  readonly qjs_set_max_stack_size: (bytes: number) => void;
  readonly qjs_set_gc_threshold: (bytes: number) => void;
  readonly qjs_run_gc: () => void;
  readonly qjs_eval: (code: Pointer, bytes: number, file: Pointer, flags: number) => Pointer;
  readonly qjs_call: (callee: Pointer, receiver: Pointer, count: number, args: Pointer) => Pointer;
  readonly qjs_new_string: (text: Pointer, bytes: number) => Pointer;
  readonly qjs_get_string_len: (value: Pointer, bytes: Pointer) => Pointer;
  readonly qjs_free_cstring: (text: Pointer) => void;
  readonly qjs_get_undefined: () => Pointer;
  readonly qjs_get_global: () => Pointer;
  readonly qjs_get_prop_string: (object: Pointer, name: Pointer) => Pointer;
  readonly qjs_set_prop_string: (object: Pointer, name: Pointer, value: Pointer) => number;
  readonly qjs_new_host_function: (name: Pointer, bytes: number, parameters: number) => Pointer;
  readonly qjs_get_exception: () => Pointer;
  readonly qjs_throw: (value: Pointer) => Pointer;
  readonly qjs_free_value: (value: Pointer) => void;
  readonly wasm_malloc: (bytes: number) => Pointer;
  readonly wasm_free: (pointer: Pointer) => void;
  readonly vostro_arm: (fuel: number, depth: number) => void;
  readonly vostro_fuel: () => number;
  readonly vostro_depth: () => number;
  readonly vostro_pages: () => number;
  readonly vostro_set_pages: (pages: number) => void;
}

const NAMES = [
  ...['_initialize', 'qjs_init2', 'qjs_set_memory_limit', 'qjs_set_max_stack_size', 'qjs_set_gc_threshold'],
  ...['qjs_run_gc', 'qjs_eval', 'qjs_call', 'qjs_new_string', 'qjs_get_string_len', 'qjs_free_cstring'],
  ...['qjs_get_undefined', 'qjs_get_global', 'qjs_get_prop_string', 'qjs_set_prop_string', 'qjs_new_host_function'],
  ...['qjs_get_exception', 'qjs_throw', 'qjs_free_value', 'wasm_malloc', 'wasm_free'],
  ...['vostro_arm', 'vostro_fuel', 'vostro_depth', 'vostro_pages', 'vostro_set_pages'],
];

/** @throws SandboxError `ENGINE_BROKEN` for a module without one of them */
export function quickjsExports(instance: WasmInstance): QuickjsExports {
  const { exports } = instance;
  for (const name of NAMES) {
    if (typeof exports[name] !== 'function') {
      throw new SandboxError('ENGINE_BROKEN', `the WebAssembly module exports no function ${name}`);
    }
  }
  return exports as unknown as QuickjsExports;
}

/** An exported global. */
export function exportedGlobal(instance: WasmInstance, name: string): WasmGlobal {
  const found = instance.exports[name];
  if (isGlobal(found)) return found;
  throw new SandboxError('ENGINE_BROKEN', `the WebAssembly module exports no global ${name}`);
}
