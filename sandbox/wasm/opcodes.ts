import type { ByteReader } from './reader.js';
import { WEIGHTS } from './weights.js';

/** What stands behind an opcode in the code section. */
type Immediate =
  | 'none'
  | 'blockType'
  | 'index'
  | 'branchTable'
  | 'indirect'
  | 'memoryAccess'
  | 'memory'
  | 'twoMemories'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64';

export interface Opcode {
  readonly name: string;
  readonly immediate: Immediate;
  /** PROTOCOL §Sandbox W1 */
  readonly weight: number;
  /** The type of float that it makes where it may make a NaN whose bits the specification leaves open. */
  readonly makesNan: 'f32' | 'f64' | undefined;
  /** The type of value that it stores. */
  readonly stores: 'i32' | 'i64' | 'f32' | 'f64' | undefined;
}

/** Byte codes that the rewriting names. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Store8: 0x3a,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32GtU: 0x4b,
  i64LtS: 0x53,
  f32Eq: 0x5b,
  f64Eq: 0x61,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32ShrU: 0x76,
  i64Sub: 0x7d,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  f64ConvertI64S: 0xb9,
  prefix: 0xfc,
} as const;

export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, empty: 0x40, func: 0x60 } as const;

/** Opcodes behind the byte `fc`. */
export const PREFIXED = { memoryCopy: 10, memoryFill: 11 } as const;

const COMPARISONS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const INTEGER_ARITHMETIC = 'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
const FLOAT_ARITHMETIC = 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign';

/** WebAssembly 1.0 and the sign extension operators, numbered without a gap from 0x45 on. */
const NUMERIC: readonly string[] = [
  ...named('i32', `eqz ${COMPARISONS}`),
  ...named('i64', `eqz ${COMPARISONS}`),
  ...named('f32', 'eq ne lt gt le ge'),
  ...named('f64', 'eq ne lt gt le ge'),
  ...named('i32', INTEGER_ARITHMETIC),
  ...named('i64', INTEGER_ARITHMETIC),
  ...named('f32', FLOAT_ARITHMETIC),
  ...named('f64', FLOAT_ARITHMETIC),
  ...named('i32', 'wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u'),
  ...named('i64', 'extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u'),
  ...named('f32', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64'),
  ...named('f64', 'convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32'),
  'i32.reinterpret_f32',
  'i64.reinterpret_f64',
  'f32.reinterpret_i32',
  'f64.reinterpret_i64',
  ...named('i32', 'extend8_s extend16_s'),
  ...named('i64', 'extend8_s extend16_s extend32_s'),
];

/** Numbered without a gap from 0x28 on. */
const MEMORY: readonly string[] = [
  'i32.load',
  'i64.load',
  'f32.load',
  'f64.load',
  ...named('i32', 'load8_s load8_u load16_s load16_u'),
  ...named('i64', 'load8_s load8_u load16_s load16_u load32_s load32_u'),
  'i32.store',
  'i64.store',
  'f32.store',
  'f64.store',
  ...named('i32', 'store8 store16'),
  ...named('i64', 'store8 store16 store32'),
];

/** Numbered without a gap from `fc 00` on. */
const SATURATING: readonly string[] = [
  ...named('i32', 'trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u'),
  ...named('i64', 'trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u'),
];

const CONTROL: readonly (readonly [number, string, Immediate])[] = [
  [0x00, 'unreachable', 'none'],
  [0x01, 'nop', 'none'],
  [0x02, 'block', 'blockType'],
  [0x03, 'loop', 'blockType'],
  [0x04, 'if', 'blockType'],
  [0x05, 'else', 'none'],
  [0x0b, 'end', 'none'],
  [0x0c, 'br', 'index'],
  [0x0d, 'br_if', 'index'],
  [0x0e, 'br_table', 'branchTable'],
  [0x0f, 'return', 'none'],
  [0x10, 'call', 'index'],
  [0x11, 'call_indirect', 'indirect'],
  [0x1a, 'drop', 'none'],
  [0x1b, 'select', 'none'],
  [0x20, 'local.get', 'index'],
  [0x21, 'local.set', 'index'],
  [0x22, 'local.tee', 'index'],
  [0x23, 'global.get', 'index'],
  [0x24, 'global.set', 'index'],
  [0x3f, 'memory.size', 'memory'],
  [0x40, 'memory.grow', 'memory'],
  [0x41, 'i32.const', 'i32'],
  [0x42, 'i64.const', 'i64'],
  [0x43, 'f32.const', 'f32'],
  [0x44, 'f64.const', 'f64'],
];

function named(type: string, names: string): string[] {
  return names.split(' ').map((name) => `${type}.${name}`);
}

const NAN_MAKERS = /^(f32|f64)\.(ceil|floor|trunc|nearest|sqrt|add|sub|mul|div|min|max|demote_f64|promote_f32)$/;
const STORES = /^(i32|i64|f32|f64)\.store/;

function describe(name: string, immediate: Immediate): Opcode {
  const makesNan = NAN_MAKERS.exec(name)?.[1] as Opcode['makesNan'];
  const stores = STORES.exec(name)?.[1] as Opcode['stores'];
  return { name, immediate, weight: WEIGHTS[name as keyof typeof WEIGHTS] ?? WEIGHTS.default, makesNan, stores };
}

/** Every opcode that the instrumenter can price, by its byte. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map([
  ...CONTROL.map(([code, name, immediate]) => [code, describe(name, immediate)] as const),
  ...NUMERIC.map((name, index) => [0x45 + index, describe(name, 'none')] as const),
  ...MEMORY.map((name, index) => [0x28 + index, describe(name, 'memoryAccess')] as const),
]);

/** The same behind the byte `fc`. */
export const PREFIXED_OPCODES: ReadonlyMap<number, Opcode> = new Map([
  ...SATURATING.map((name, index) => [index, describe(name, 'none')] as const),
  [PREFIXED.memoryCopy, describe('memory.copy', 'twoMemories')],
  [PREFIXED.memoryFill, describe('memory.fill', 'memory')],
]);

/** One instruction of a body: where it begins and ends, and what its immediates say as far as a rewriting asks. */
export interface Instruction {
  readonly opcode: Opcode;
  readonly code: number;
  /** The number behind the byte `fc`. */
  readonly prefixed: number | undefined;
  readonly start: number;
  readonly end: number;
  /** Labels of a branch, in their order. */
  readonly labels: readonly number[];
  /** Of a load or a store. */
  readonly offset: number;
}

const NO_LABELS: readonly number[] = [];

/** Reads one instruction. @throws SandboxError `WASM_UNSUPPORTED` for any other opcode, `WASM_MALFORMED` */
export function readInstruction(reader: ByteReader): Instruction {
  const start = reader.position;
  const code = reader.byte();
  const prefixed = code === OP.prefix ? reader.u32() : undefined;
  const opcode = prefixed === undefined ? OPCODES.get(code) : PREFIXED_OPCODES.get(prefixed);
  if (opcode === undefined) {
    const name = `0x${code.toString(16)}${prefixed === undefined ? '' : ` ${prefixed}`}`;
    throw reader.unsupported(`the opcode ${name}`);
  }
  let labels = NO_LABELS;
  let offset = 0;
  switch (opcode.immediate) {
    case 'none':
      break;
    case 'blockType':
      reader.skipLeb(33);
      break;
    case 'index': {
      const index = reader.u32();
      if (code === OP.br || code === OP.brIf) labels = [index];
      break;
    }
    case 'branchTable':
      labels = Array.from({ length: reader.u32() + 1 }, () => reader.u32());
      break;
    case 'indirect':
      reader.u32();
      reader.u32();
      break;
    case 'memoryAccess':
      if (reader.u32() >= 0x40) throw reader.unsupported('an access to another memory');
      offset = reader.u32();
      break;
    case 'memory':
      requireMemoryZero(reader);
      break;
    case 'twoMemories':
      requireMemoryZero(reader);
      requireMemoryZero(reader);
      break;
    case 'i32':
      reader.skipLeb(32);
      break;
    case 'i64':
      reader.skipLeb(64);
      break;
    case 'f32':
      reader.take(4);
      break;
    case 'f64':
      reader.take(8);
      break;
  }
  return { opcode, code, prefixed, start, end: reader.position, labels, offset };
}

function requireMemoryZero(reader: ByteReader): void {
  if (reader.byte() !== 0) throw reader.unsupported('another memory');
}
