import { type Ablation, edit, test } from '../ablation.js';

const instrument = (title: string) => test('unit/sandbox/instrument', title);
const memory = (title: string) => test('unit/sandbox/guestMemory', title);
const engine = (title: string) => test('unit/sandbox/engine', title);

/** Rules about what a program of a bank may use, and that nothing of an earlier run is left for the next. */
export const METERING: readonly Ablation[] = [
  {
    name: 'sandbox-branches-for-nothing',
    bug: 'charges what stands behind a conditional branch, taken or not',
    rule: 'Sandbox W2',
    edits: [edit('sandbox/wasm/charges.js', 'case OP.brIf:', '')],
    caughtBy: [instrument('counts what runs')],
  },
  {
    name: 'sandbox-blocks-run-together',
    bug: 'charges what stands behind a block with what is in it',
    rule: 'Sandbox W2',
    edits: [edit('sandbox/wasm/charges.js', 'closed?.isTarget === true &&', 'closed?.isTarget === undefined &&')],
    caughtBy: [instrument('counts what runs')],
  },
  {
    name: 'sandbox-bulk-for-nothing',
    bug: 'copies and fills memory at one price, however much of it',
    rule: 'Sandbox W3',
    edits: [edit('sandbox/wasm/weights.js', 'bulkBytesShift: 2,', 'bulkBytesShift: 40,')],
    caughtBy: [instrument('pays for bulk operations')],
  },
  {
    name: 'sandbox-depth-not-given-back',
    bug: 'counts calls that have returned as calls that run',
    rule: 'Sandbox U1',
    edits: [
      edit(
        'sandbox/wasm/emit.js',
        'writer.byte(OP.globalGet).u32(depthGlobal).byte(OP.i32Const).signed(1).byte(OP.i32Add);',
        'writer.byte(OP.globalGet).u32(depthGlobal).byte(OP.i32Const).signed(0).byte(OP.i32Add);',
      ),
    ],
    caughtBy: [instrument('bounds calls inside each other')],
  },
  {
    name: 'sandbox-open-nan',
    bug: 'lets the processor choose the bits of a NaN',
    rule: 'Sandbox U3',
    edits: [
      edit('sandbox/wasm/functionBody.js', 'if (opcode.makesNan !== undefined)', 'if (opcode.makesNan === null)'),
    ],
    caughtBy: [instrument('makes every open NaN the same one')],
  },
  {
    name: 'sandbox-store-without-its-offset',
    bug: 'marks another block of memory than the one that was written',
    rule: 'Sandbox X1',
    edits: [edit('sandbox/wasm/emit.js', 'if (store.offset > 0)', 'if (store.offset < 0)')],
    caughtBy: [instrument('marks the memory')],
  },
  {
    name: 'sandbox-memory-left-behind',
    bug: 'leaves what a program wrote beyond its image for the next call',
    rule: 'Sandbox X1',
    edits: [edit('sandbox/guestMemory.js', 'if (end > high)', 'if (end < 0)')],
    caughtBy: [memory('byte for byte')],
  },
  {
    name: 'sandbox-marks-trusted',
    bug: 'goes on with an instance whose guest wrote among the marks',
    rule: 'Sandbox X1',
    edits: [edit('sandbox/guestMemory.js', 'if (end > this.#guestBytes + STORE_BYTES)', 'if (end < 0)')],
    caughtBy: [memory('is not trusted any more'), memory('is made anew')],
  },
  {
    name: 'sandbox-stack-pointer-left-behind',
    bug: 'begins a call with the stack pointer that a trap left',
    rule: 'Sandbox X1',
    edits: [edit('sandbox/guest.js', 'global.value = image.globals[index] ?? 0;', '')],
    caughtBy: [engine('begins every run with the stack of the image')],
  },
  {
    name: 'sandbox-failures-all-caught',
    bug: 'lets a guest catch what must end it',
    rule: 'Sandbox X5',
    edits: [edit('sandbox/guest.js', 'if (text === undefined)', 'if (text === null)')],
    caughtBy: [engine('ends the guest with anything else')],
  },
  {
    name: 'sandbox-functions-out-of-text',
    bug: 'leaves a way to make code out of text',
    rule: 'Sandbox L1',
    edits: [edit('sandbox/lockdown.js', 'delete prototype.constructor;', '')],
    caughtBy: [test('unit/sandbox/lockdown', 'has no way to make code out of text')],
  },
];
