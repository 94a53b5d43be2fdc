import { OP, TYPE } from './opcodes.js';
import type { ByteWriter } from './writer.js';

/** Indices of what the instrumenter adds to a module. */
export interface Added {
  /** i64: weights that are left. */
  readonly fuelGlobal: number;
  /** i32: calls that may still nest. */
  readonly depthGlobal: number;
  /** i32: pages that the module believes to have. */
  readonly pagesGlobal: number;
  readonly growFunction: number;
  readonly copyFunction: number;
  readonly fillFunction: number;
  /** Where the marks of written blocks begin. */
  readonly marksAt: number;
}

/** Takes a constant weight from the fuel. */
export function emitCharge(writer: ByteWriter, { fuelGlobal }: Added, weight: number): void {
  writer.byte(OP.globalGet).u32(fuelGlobal).byte(OP.i64Const).signed(weight);
  writer.byte(OP.i64Sub).byte(OP.globalSet).u32(fuelGlobal);
}

/** Traps when the fuel is below zero. */
export function emitFuelCheck(writer: ByteWriter, { fuelGlobal }: Added): void {
  writer.byte(OP.globalGet).u32(fuelGlobal).byte(OP.i64Const).signed(0).byte(OP.i64LtS);
  emitTrapIf(writer);
}

function emitTrapIf(writer: ByteWriter): void {
  writer.raw([OP.if, TYPE.empty, OP.unreachable, OP.end]);
}

/** PROTOCOL §Sandbox U1. A call, with one level less while it runs. */
export function emitCall(writer: ByteWriter, { depthGlobal }: Added, call: Uint8Array): void {
  writer.byte(OP.globalGet).u32(depthGlobal).byte(OP.i32Const).signed(1).byte(OP.i32Sub);
  writer.byte(OP.globalSet).u32(depthGlobal);
  writer.byte(OP.globalGet).u32(depthGlobal).byte(OP.i32Const).signed(0).byte(OP.i32LtS);
  emitTrapIf(writer);
  writer.raw(call);
  writer.byte(OP.globalGet).u32(depthGlobal).byte(OP.i32Const).signed(1).byte(OP.i32Add);
  writer.byte(OP.globalSet).u32(depthGlobal);
}

const CANONICAL_F32 = [0x00, 0x00, 0xc0, 0x7f];
const CANONICAL_F64 = [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f];

/** PROTOCOL §Sandbox U3. Any NaN on the stack becomes the one quiet NaN without sign and payload. */
export function emitCanonicalNan(writer: ByteWriter, type: 'f32' | 'f64', local: number): void {
  writer.byte(OP.localTee).u32(local);
  if (type === 'f32') writer.byte(OP.f32Const).raw(CANONICAL_F32);
  else writer.byte(OP.f64Const).raw(CANONICAL_F64);
  writer.byte(OP.localGet).u32(local).byte(OP.localGet).u32(local);
  writer.byte(type === 'f32' ? OP.f32Eq : OP.f64Eq).byte(OP.select);
}

/** Bytes of memory that one mark stands for, as a shift: 1 KiB. */
export const MARK_SHIFT = 10;

/**
 * A store, and a mark of the block in which it began. The mark comes last, so that a guest that could write the marks
 * would mark itself: the block of a store is marked after it, whatever it wrote.
 */
export function emitMarkedStore(
  writer: ByteWriter,
  { marksAt }: Added,
  store: { readonly bytes: Uint8Array; readonly offset: number },
  locals: { readonly address: number; readonly value: number },
): void {
  writer.byte(OP.localSet).u32(locals.value).byte(OP.localTee).u32(locals.address);
  writer.byte(OP.localGet).u32(locals.value).raw(store.bytes);
  writer.byte(OP.localGet).u32(locals.address);
  // The store did not trap, so the sum is an address: it does not wrap.
  if (store.offset > 0)
    writer
      .byte(OP.i32Const)
      .signed(store.offset | 0)
      .byte(OP.i32Add);
  writer.byte(OP.i32Const).signed(MARK_SHIFT).byte(OP.i32ShrU);
  writer.byte(OP.i32Const).signed(1).byte(OP.i32Store8).u32(0).u32(marksAt);
}
