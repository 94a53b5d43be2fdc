/**
 * PROTOCOL §Sandbox. The bounds and prices of every guest, consensus parameters all: changing a number makes another
 * engine, with another hash.
 */
export const GUEST_LIMITS = {
  /** Of 64 KiB each: what a guest's memory can ever be, its C stack included. */
  pages: 256,
  /** What QuickJS may allocate. The rest stays for the border, so that its small allocations never fail. */
  heapBytes: 12 * 1024 * 1024,
  /** Of QuickJS's own stack, in the guest's memory. */
  stackBytes: 128 * 1024,
  /** Calls inside each other in WebAssembly, over all guests of a transaction that run inside each other. */
  callDepth: 1_500,
  /** Bytes allocated before QuickJS looks for cycles by itself. */
  collectAtBytes: 6 * 1024 * 1024,
  /** Bytes of a program's text. */
  programBytes: 256 * 1024,
  /** What a program may leave when it has loaded, beyond what every program begins with: an instance is put back to it. */
  loadedBytes: 1024 * 1024,
} as const;

/** PROTOCOL §Sandbox W4, W5, W6. */
export const GUEST_PRICES = {
  /** So many weights of instructions are one unit of a transaction's fuel. */
  weightsPerUnit: 2,
  /** Weights of each byte of a text that crosses the border, in either direction. */
  textByte: 1,
  /** So many bytes in which a program's image is not what every program begins with are one unit of each run. */
  imageBytesPerUnit: 8,
} as const;

/** What of an uncaught exception is read for a person. */
export const TRACE_LIMITS = { textBytes: 4_096 } as const;

/** Instances that an engine keeps for its next calls, and that it ever makes. */
export const POOL_LIMITS = { idle: 20, all: 24 } as const;
