import { GuestFault, SandboxError } from './errors.js';
import { type Guest, UNMETERED_WEIGHTS } from './guest.js';
import type { GuestHandles, GuestImage } from './guestImage.js';
import { SCRATCH_BYTES } from './guestText.js';
import { GUEST_LIMITS } from './limits.js';
import { LoadMeter } from './loading.js';
import { LOCK_RUNTIME, LOCKDOWN } from './lockdown.js';
import { INTRINSICS } from './quickjsExports.js';
import type { GuestMeter } from './types.js';

const HOST_FUNCTION = '__vostroHost';
const BUILT_INS = INTRINSICS.eval | INTRINSICS.json | INTRINSICS.mapSet | INTRINSICS.typedArrays | INTRINSICS.bigInt;
/** Of the engine's own scripts, which nobody pays for and which end. */
const UNMETERED_UNITS = 2 ** 40;

/** Starts QuickJS, shuts its world and runs the runtime. */
export function bootGuest(guest: Guest, runtime: string): GuestImage {
  const { exports } = guest;
  const meter = new LoadMeter(UNMETERED_UNITS);
  exports.vostro_arm(UNMETERED_WEIGHTS, GUEST_LIMITS.callDepth);
  exports._initialize();
  if (exports.qjs_init2(BUILT_INS) !== 0) throw new SandboxError('ENGINE_BROKEN', 'QuickJS does not start');
  exports.qjs_set_memory_limit(GUEST_LIMITS.heapBytes);
  exports.qjs_set_max_stack_size(GUEST_LIMITS.stackBytes);
  exports.qjs_set_gc_threshold(GUEST_LIMITS.collectAtBytes);
  const handles: GuestHandles = {
    undefined: exports.qjs_get_undefined(),
    arguments: exports.wasm_malloc(4),
    length: exports.wasm_malloc(4),
    scratch: exports.wasm_malloc(SCRATCH_BYTES),
    entry: 0,
  };
  guest.prepare(handles);
  guest.defineHost(HOST_FUNCTION);
  const scripts = [
    [LOCKDOWN, 'lockdown.js'],
    [runtime, 'runtime.js'],
    [LOCK_RUNTIME, 'lockdown.js'],
  ] as const;
  for (const [script, file] of scripts) evaluateOwn(guest, script, file, meter);
  return guest.capture(handles);
}

function evaluateOwn(guest: Guest, script: string, file: string, meter: GuestMeter): void {
  try {
    guest.evaluate(script, file, meter);
  } catch (error) {
    if (!(error instanceof GuestFault)) throw error;
    const { name, message, stack } = error.trace ?? { name: error.reason, message: '', stack: '' };
    throw new SandboxError('ENGINE_BROKEN', `${file} does not run: ${name}: ${message}\n${stack}`);
  }
}
