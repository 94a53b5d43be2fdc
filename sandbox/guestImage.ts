import type { Pointer } from './quickjsExports.js';

/** Values that live in a guest's memory from the start, so that a call makes none of them. */
export interface GuestHandles {
  readonly undefined: Pointer;
  /** Of one argument. */
  readonly arguments: Pointer;
  /** Where a length is written to. */
  readonly length: Pointer;
  /** Short texts are written here on their way in. */
  readonly scratch: Pointer;
  /** The program's entry; 0 before a program is loaded. */
  readonly entry: Pointer;
}

/** Bytes of a guest's memory, the last one not among them. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** PROTOCOL §Sandbox X1. All that a guest is between two calls: memory, globals, how many pages it believes to have. */
export interface GuestImage {
  /** Where `bytes` begin; before and behind them everything is zero. */
  readonly low: number;
  readonly bytes: Uint8Array;
  /** What it was made from: of all programs of an engine the same. */
  readonly base?: GuestImage;
  /** PROTOCOL §Sandbox W6. Where it is not what `base` is: whole blocks, ascending and apart. */
  readonly changes: readonly ByteRange[];
  readonly pages: number;
  /** Of the module's own mutable globals, in the order of their names in the engine. */
  readonly globals: readonly (number | bigint)[];
  readonly handles: GuestHandles;
}
