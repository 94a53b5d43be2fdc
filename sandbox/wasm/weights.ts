/** PROTOCOL §Sandbox W1. Raised with any change of a weight, and of what the instrumenter makes of a module. */
export const INSTRUMENTER_VERSION = 1;

/**
 * PROTOCOL §Sandbox W1–W3. What an instruction weighs, by its name; `default` for every other. A consensus parameter: a
 * weight says how the time of an instruction compares with others on the slowest tier that counts, not what it takes.
 */
export const WEIGHTS = {
  default: 1,
  unreachable: 0,
  nop: 0,
  block: 0,
  else: 0,
  end: 0,
  drop: 0,
  loop: 1,
  call: 5,
  call_indirect: 8,
  br_table: 3,
  'i32.div_s': 8,
  'i32.div_u': 8,
  'i32.rem_s': 8,
  'i32.rem_u': 8,
  'i64.div_s': 12,
  'i64.div_u': 12,
  'i64.rem_s': 12,
  'i64.rem_u': 12,
  'f32.div': 8,
  'f32.sqrt': 8,
  'f64.div': 8,
  'f64.sqrt': 8,
  'i32.store': 2,
  'i64.store': 2,
  'f32.store': 2,
  'f64.store': 2,
  'i32.store8': 2,
  'i32.store16': 2,
  'i64.store8': 2,
  'i64.store16': 2,
  'i64.store32': 2,
  'memory.copy': 12,
  'memory.fill': 12,
  'memory.grow': 12,
} as const;

/** Weights that no instruction has by itself. */
export const DYNAMIC_WEIGHTS = {
  /** Entering a function. */
  functionEntry: 1,
  /** `memory.copy` and `memory.fill` weigh their bytes shifted right by this, beside their own weight. */
  bulkBytesShift: 2,
  /** `memory.grow` weighs the pages that it is granted shifted left by this. */
  growPagesShift: 14,
} as const;
