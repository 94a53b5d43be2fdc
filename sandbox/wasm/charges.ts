import { type Instruction, OP } from './opcodes.js';
import { DYNAMIC_WEIGHTS } from './weights.js';

/** Before the instruction of this index, so much is taken from the fuel; some places look whether any is left, too. */
export interface Charge {
  readonly before: number;
  readonly weight: number;
  readonly checks: boolean;
}

/** Where a body pays for its instructions. `instructions` ends with the `end` of the body. */
export type ChargePlan = (instructions: readonly Instruction[]) => Charge[];

/** An open block: whether anything branches to its end. */
interface Frame {
  readonly code: number;
  isTarget: boolean;
}

/**
 * PROTOCOL §Sandbox W2. One charge for each run of instructions that is entered only at its beginning and left only at
 * its end, at its beginning. The entry of the function and the head of each loop check: whatever goes on for ever passes
 * one of them again and again, and each of them weighs at least 1.
 */
export const chargeBlocks: ChargePlan = (instructions) => {
  const charges: Charge[] = [];
  const frames: Frame[] = [{ code: OP.block, isTarget: false }];
  let open = { before: 0, weight: DYNAMIC_WEIGHTS.functionEntry as number, checks: true };
  const begin = (before: number, checks: boolean): void => {
    if (open.weight > 0) charges.push(open);
    open = { before, weight: 0, checks };
  };
  instructions.forEach((instruction, index) => {
    const { code, opcode, labels } = instruction;
    // A loop is paid for at its head, once a round: a branch back to it lands there.
    if (code !== OP.loop) open.weight += opcode.weight;
    for (const label of labels) {
      const target = frames[frames.length - 1 - label];
      if (target !== undefined) target.isTarget = true;
    }
    switch (code) {
      case OP.block:
      case OP.if:
        frames.push({ code, isTarget: code === OP.if });
        if (code === OP.if) begin(index + 1, false);
        break;
      case OP.loop:
        frames.push({ code, isTarget: false });
        begin(index + 1, true);
        open.weight += opcode.weight;
        break;
      case OP.end: {
        const closed = frames.pop();
        // Whoever branches to a loop goes to its head: its end is only ever fallen through.
        if (closed?.isTarget === true && closed.code !== OP.loop) begin(index + 1, false);
        break;
      }
      case OP.else:
      case OP.br:
      case OP.brIf:
      case OP.brTable:
      case OP.return:
      case OP.unreachable:
        begin(index + 1, false);
        break;
    }
  });
  begin(instructions.length, false);
  return charges;
};
