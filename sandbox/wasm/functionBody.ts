import type { ChargePlan } from './charges.js';
import { type Added, emitCall, emitCanonicalNan, emitCharge, emitFuelCheck, emitMarkedStore } from './emit.js';
import { type Instruction, OP, PREFIXED, readInstruction, TYPE } from './opcodes.js';
import type { ByteReader } from './reader.js';
import { ByteWriter } from './writer.js';

/** More locals than that no module needs whose functions an engine compiles in reasonable time. */
const MAX_LOCALS = 50_000;

type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

/** Locals beyond the function's own, each made when it is first asked for. */
class Scratch {
  readonly #types: ValueType[] = [];
  readonly #byName = new Map<string, number>();
  readonly #first: number;

  constructor(first: number) {
    this.#first = first;
  }

  local(name: string, type: ValueType): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const index = this.#first + this.#types.push(type) - 1;
    this.#byName.set(name, index);
    return index;
  }

  get types(): readonly ValueType[] {
    return this.#types;
  }
}

/** Writes one function's body anew: with charges, checks, depth, marks and without open NaN bits. */
export function rewriteBody(body: ByteReader, parameters: number, added: Added, plan: ChargePlan): Uint8Array {
  const localsAt = body.position;
  const groups = body.u32();
  const groupsAt = body.position;
  let locals = parameters;
  for (let group = 0; group < groups; group++) {
    locals += body.u32();
    if (locals > MAX_LOCALS) throw body.unsupported(`more than ${MAX_LOCALS} locals of a function`);
    body.byte();
  }
  const declared = body.bytes.subarray(groupsAt, body.position);
  if (localsAt === groupsAt) throw body.malformed('the locals of a function', 'none');
  const scratch = new Scratch(locals);
  const code = rewriteCode(readBody(body), body.bytes, added, scratch, plan);
  const result = new ByteWriter(code.length + declared.length + 64);
  result.u32(groups + scratch.types.length).raw(declared);
  for (const type of scratch.types) result.u32(1).byte(TYPE[type]);
  return result.raw(code).finish();
}

function readBody(body: ByteReader): Instruction[] {
  const instructions: Instruction[] = [];
  while (!body.isAtEnd) instructions.push(readInstruction(body));
  if (instructions.at(-1)?.code !== OP.end) throw body.malformed('a body that ends with `end`', 'another one');
  return instructions;
}

function rewriteCode(
  instructions: readonly Instruction[],
  bytes: Uint8Array,
  added: Added,
  scratch: Scratch,
  plan: ChargePlan,
): Uint8Array {
  const writer = new ByteWriter(256 + 16 * instructions.length);
  const charges = plan(instructions);
  let next = 0;
  instructions.forEach((instruction, index) => {
    for (let charge = charges[next]; charge?.before === index; charge = charges[++next]) {
      emitCharge(writer, added, charge.weight);
      if (charge.checks) emitFuelCheck(writer, added);
    }
    rewriteInstruction(writer, instruction, bytes.subarray(instruction.start, instruction.end), added, scratch);
  });
  return writer.finish();
}

function rewriteInstruction(
  writer: ByteWriter,
  { code, prefixed, opcode, offset }: Instruction,
  original: Uint8Array,
  added: Added,
  scratch: Scratch,
): void {
  const replaced = replacement(code, prefixed, added);
  if (replaced !== undefined) {
    writer.byte(replaced.code).u32(replaced.index);
    return;
  }
  if (code === OP.call || code === OP.callIndirect) {
    emitCall(writer, added, original);
    return;
  }
  if (opcode.stores !== undefined) {
    const address = scratch.local('address', 'i32');
    const value = scratch.local(`stored ${opcode.stores}`, opcode.stores);
    emitMarkedStore(writer, added, { bytes: original, offset }, { address, value });
    return;
  }
  writer.raw(original);
  if (opcode.makesNan !== undefined) {
    emitCanonicalNan(writer, opcode.makesNan, scratch.local(opcode.makesNan, opcode.makesNan));
  }
}

/** What stands in the place of an instruction that the fixed memory answers. */
function replacement(code: number, prefixed: number | undefined, added: Added) {
  if (code === OP.memorySize) return { code: OP.globalGet, index: added.pagesGlobal };
  if (code === OP.memoryGrow) return { code: OP.call, index: added.growFunction };
  if (prefixed === PREFIXED.memoryCopy) return { code: OP.call, index: added.copyFunction };
  if (prefixed === PREFIXED.memoryFill) return { code: OP.call, index: added.fillFunction };
  return undefined;
}
