import { SandboxError } from './errors.js';

/** The part of the WebAssembly JavaScript Interface that the engine uses; TypeScript has it only among the types of a browser. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export interface WasmGlobal {
  value: number | bigint;
}

/** A compiled module. Only `instantiate` knows what it is. */
export interface WasmModule {
  readonly kind: 'compiled WebAssembly module';
}

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface WasmNamespace {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance;
  readonly Global: new (descriptor: unknown) => WasmGlobal;
  readonly RuntimeError: new () => Error;
}

function namespace(): WasmNamespace {
  const found = (globalThis as { readonly WebAssembly?: WasmNamespace }).WebAssembly;
  if (found !== undefined) return found;
  throw new SandboxError('ENGINE_BROKEN', 'this JavaScript engine has no WebAssembly', {
    hint: 'Node.js was started with a flag that takes it away, such as --jitless',
  });
}

/** Validates and compiles, synchronously. */
export function compile(bytes: Uint8Array): WasmModule {
  return new (namespace().Module)(bytes);
}

export function instantiate(module: WasmModule, imports: WasmImports): WasmInstance {
  return new (namespace().Instance)(module, imports);
}

/** True for what the module itself trapped with; V8's own stack overflow is a RangeError, and no trap. */
export function isTrap(error: unknown): boolean {
  return error instanceof namespace().RuntimeError;
}

export function isGlobal(value: unknown): value is WasmGlobal {
  return value instanceof namespace().Global;
}
