import { type Added, emitFuelCheck, MARK_SHIFT } from './emit.js';
import { OP, PREFIXED, TYPE } from './opcodes.js';
import { DYNAMIC_WEIGHTS } from './weights.js';
import { ByteWriter } from './writer.js';

/** A function that the instrumenter adds, with its type as the type section writes it. */
export interface AddedFunction {
  readonly type: Uint8Array;
  readonly body: Uint8Array;
  /** Under this name the host calls it. */
  readonly exported?: string;
}

const { i32, f64, func } = TYPE;
const NO_LOCALS = 0;

/** In this order their indices follow each other. */
export function addedFunctions(added: Added, guestPages: number): readonly AddedFunction[] {
  return [
    { type: signature([i32], [i32]), body: growBody(added, guestPages) },
    { type: signature([i32, i32, i32], []), body: bulkBody(added, PREFIXED.memoryCopy) },
    { type: signature([i32, i32, i32], []), body: bulkBody(added, PREFIXED.memoryFill) },
    { type: signature([f64, i32], []), body: armBody(added), exported: 'vostro_arm' },
    { type: signature([], [f64]), body: fuelBody(added), exported: 'vostro_fuel' },
    { type: signature([], [i32]), body: globalBody(added.depthGlobal), exported: 'vostro_depth' },
    { type: signature([], [i32]), body: globalBody(added.pagesGlobal), exported: 'vostro_pages' },
    { type: signature([i32], []), body: setPagesBody(added), exported: 'vostro_set_pages' },
  ];
}

function signature(parameters: readonly number[], results: readonly number[]): Uint8Array {
  return Uint8Array.of(func, parameters.length, ...parameters, results.length, ...results);
}

function get(writer: ByteWriter, local: number): ByteWriter {
  return writer.byte(OP.localGet).u32(local);
}

/**
 * PROTOCOL §Sandbox U2. Pages are granted out of the fixed memory: -1 where it has too few, whatever the machine has.
 * (pages: i32) -> i32
 */
function growBody(added: Added, guestPages: number): Uint8Array {
  const { pagesGlobal, fuelGlobal } = added;
  const writer = new ByteWriter().u32(NO_LOCALS);
  get(writer, 0).byte(OP.i32Const).signed(guestPages).byte(OP.globalGet).u32(pagesGlobal).byte(OP.i32Sub);
  writer.byte(OP.i32GtU).raw([OP.if, TYPE.empty]).byte(OP.i32Const).signed(-1).raw([OP.return, OP.end]);
  writer.byte(OP.globalGet).u32(fuelGlobal);
  get(writer, 0).byte(OP.i64ExtendI32U).byte(OP.i64Const).signed(DYNAMIC_WEIGHTS.growPagesShift).byte(OP.i64Shl);
  writer.byte(OP.i64Sub).byte(OP.globalSet).u32(fuelGlobal);
  emitFuelCheck(writer, added);
  writer.byte(OP.globalGet).u32(pagesGlobal).byte(OP.globalGet).u32(pagesGlobal);
  get(writer, 0).byte(OP.i32Add).byte(OP.globalSet).u32(pagesGlobal);
  return writer.byte(OP.end).finish();
}

/** PROTOCOL §Sandbox W3. `memory.copy` or `memory.fill`, paid for before it runs: (to, from or value, count: i32) -> () */
function bulkBody(added: Added, operation: number): Uint8Array {
  const { fuelGlobal, marksAt } = added;
  const [to, from, count] = [0, 1, 2];
  const writer = new ByteWriter().u32(NO_LOCALS);
  writer.byte(OP.globalGet).u32(fuelGlobal);
  get(writer, count).byte(OP.i64ExtendI32U).byte(OP.i64Const).signed(DYNAMIC_WEIGHTS.bulkBytesShift);
  writer.byte(OP.i64ShrU).byte(OP.i64Sub).byte(OP.globalSet).u32(fuelGlobal);
  emitFuelCheck(writer, added);
  for (const local of [to, from, count]) get(writer, local);
  writer
    .byte(OP.prefix)
    .u32(operation)
    .raw(operation === PREFIXED.memoryCopy ? [0, 0] : [0]);
  // Marks from the block of the first byte to that of the last. None of it wraps: the operation did not trap.
  get(writer, count).raw([OP.if, TYPE.empty]);
  const block = (write: () => void): void => {
    write();
    writer.byte(OP.i32Const).signed(MARK_SHIFT).byte(OP.i32ShrU);
  };
  block(() => get(writer, to));
  writer.byte(OP.i32Const).signed(marksAt).byte(OP.i32Add).byte(OP.i32Const).signed(1);
  block(() => {
    get(writer, to);
    get(writer, count).byte(OP.i32Add).byte(OP.i32Const).signed(1).byte(OP.i32Sub);
  });
  block(() => get(writer, to));
  writer.byte(OP.i32Sub).byte(OP.i32Const).signed(1).byte(OP.i32Add);
  writer.byte(OP.prefix).u32(PREFIXED.memoryFill).byte(0).byte(OP.end);
  return writer.byte(OP.end).finish();
}

/** (fuel: f64, depth: i32) -> (): a host that wrote the globals itself would make a BigInt each time. */
function armBody({ fuelGlobal, depthGlobal }: Added): Uint8Array {
  const truncateToI64 = [OP.prefix, 6];
  const writer = new ByteWriter().u32(NO_LOCALS);
  get(writer, 0).raw(truncateToI64).byte(OP.globalSet).u32(fuelGlobal);
  get(writer, 1).byte(OP.globalSet).u32(depthGlobal);
  return writer.byte(OP.end).finish();
}

function setPagesBody({ pagesGlobal }: Added): Uint8Array {
  const writer = new ByteWriter().u32(NO_LOCALS);
  return get(writer, 0).byte(OP.globalSet).u32(pagesGlobal).byte(OP.end).finish();
}

function fuelBody({ fuelGlobal }: Added): Uint8Array {
  const writer = new ByteWriter().u32(NO_LOCALS).byte(OP.globalGet).u32(fuelGlobal);
  return writer.byte(OP.f64ConvertI64S).byte(OP.end).finish();
}

function globalBody(global: number): Uint8Array {
  return new ByteWriter().u32(NO_LOCALS).byte(OP.globalGet).u32(global).byte(OP.end).finish();
}
