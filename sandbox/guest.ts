import { ContractFailure } from '../contracts/api/failure.js';
import { GuestException, GuestFault, type GuestTrace, SandboxError } from './errors.js';
import { FuelAccount } from './fuelAccount.js';
import type { GuestHandles, GuestImage } from './guestImage.js';
import { GuestMemory } from './guestMemory.js';
import { GuestText } from './guestText.js';
import { GUEST_LIMITS } from './limits.js';
import { noOperation } from './loading.js';
import {
  EVAL_STRICT,
  exportedGlobal,
  type Pointer,
  type QuickjsExports,
  quickjsExports,
  TAG,
} from './quickjsExports.js';
import type { GuestMeter, GuestOperation } from './types.js';
import type { InstrumentedModule } from './wasm/instrument.js';
import { instantiate, isTrap, type WasmGlobal, type WasmImports, type WasmModule } from './webAssembly.js';

/** The compiled module, and what the instrumenter said about it. */
export interface GuestModule {
  readonly compiled: WasmModule;
  readonly instrumented: InstrumentedModule;
}

/** What runs in an instance at this moment. */
interface Run {
  readonly operation: GuestOperation;
  readonly meter: GuestMeter;
  readonly account: FuelAccount;
}

/** Of what the engine itself asks of an instance: it ends by itself. */
export const UNMETERED_WEIGHTS = 2 ** 50;

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const NO_SYSTEM = 52;
const OPERATION_ARGUMENTS = 3;

/** One instance of QuickJS. It runs one call at a time, from whatever image it was made equal to. */
export class Guest {
  readonly memory: GuestMemory;
  readonly exports: QuickjsExports;
  readonly #globals: readonly WasmGlobal[];
  readonly #stackPointer: WasmGlobal;
  readonly #text: GuestText;
  #run: Run | undefined;

  constructor({ compiled, instrumented }: GuestModule) {
    const instance = instantiate(compiled, this.#imports());
    this.exports = quickjsExports(instance);
    this.memory = new GuestMemory(this.exports.memory, instrumented, GUEST_LIMITS.pages);
    this.#globals = instrumented.mutableGlobals.map((name) => exportedGlobal(instance, name));
    this.#stackPointer = exportedGlobal(instance, '__stack_pointer');
    this.#text = new GuestText(this.exports, this.memory);
  }

  /** Makes the instance what the image says. @returns false where it can no more be trusted to be */
  become(image: GuestImage): boolean {
    if (!this.memory.become(image)) return false;
    this.#globals.forEach((global, index) => {
      global.value = image.globals[index] ?? 0;
    });
    this.exports.vostro_set_pages(image.pages);
    this.#text.handles = image.handles;
    return true;
  }

  /** Everything that the instance is now; what it was before is in `base`, where that was an image. */
  capture(handles: GuestHandles, base?: GuestImage): GuestImage {
    // Collecting garbage runs nothing of the guest's, and ends.
    this.exports.vostro_arm(UNMETERED_WEIGHTS, GUEST_LIMITS.callDepth);
    this.exports.qjs_run_gc();
    this.exports.qjs_set_gc_threshold(GUEST_LIMITS.collectAtBytes);
    this.#text.handles = handles;
    return this.memory.capture(Number(this.#stackPointer.value), {
      pages: this.exports.vostro_pages(),
      globals: this.#globals.map(({ value }) => value),
      handles,
      ...(base === undefined ? {} : { base }),
    });
  }

  /** Says where the instance's lasting values are, before there is an image that does. */
  prepare(handles: GuestHandles): void {
    this.#text.handles = handles;
  }

  /** Gives the guest the one function that leads out of it. */
  defineHost(name: string): void {
    const { exports } = this;
    const [bytes, count] = this.#text.allocate(name);
    const host = exports.qjs_new_host_function(bytes, count, OPERATION_ARGUMENTS);
    exports.qjs_set_prop_string(exports.qjs_get_global(), bytes, host);
  }

  /** The function that the program left under this name; a getter may stand before it. @throws GuestFault `result` */
  findEntry(name: string, meter: GuestMeter): Pointer {
    return this.#metered(noOperation, meter, () => {
      const [bytes] = this.#text.allocate(name);
      const entry = this.exports.qjs_get_prop_string(this.exports.qjs_get_global(), bytes);
      if (entry === 0 || this.#text.tagOf(entry) !== TAG.object) throw new GuestFault('result');
      return entry;
    });
  }

  /** Runs a program's top level under the meter. @throws GuestFault */
  evaluate(program: string, file: string, meter: GuestMeter): void {
    this.#metered(noOperation, meter, (run) => {
      const [code, codeBytes] = this.#text.allocate(program, run.account);
      const [name] = this.#text.allocate(file, run.account);
      const result = this.exports.qjs_eval(code, codeBytes, name, EVAL_STRICT);
      this.#requireNoException(result, run);
      this.exports.qjs_free_value(result);
      this.exports.wasm_free(name);
      this.exports.wasm_free(code);
    });
  }

  /** PROTOCOL §Sandbox X3. Calls the entry of the image. @throws GuestFault, and what meter and operation throw to end it */
  call(entry: Pointer, input: string, operation: GuestOperation, meter: GuestMeter): string {
    return this.#metered(operation, meter, (run) => {
      const { handles } = this.#text;
      const argument = this.#text.toGuest(input, run.account);
      this.memory.words[handles.arguments >> 2] = argument;
      this.memory.touch(handles.arguments, 4);
      const result = this.exports.qjs_call(entry, handles.undefined, 1, handles.arguments);
      this.#requireNoException(result, run);
      if (!this.#text.isString(result)) throw new GuestFault('result');
      return this.#text.fromGuest(result, run.account);
    });
  }

  /** PROTOCOL §Sandbox X5, X6. Runs the body on the meter's fuel and depth, and says in one way how it ended. */
  #metered<T>(operation: GuestOperation, meter: GuestMeter, body: (run: Run) => T): T {
    const depth = meter.depthLeft;
    const run = { operation, meter, account: new FuelAccount(this.exports, meter) };
    this.#run = run;
    try {
      run.account.resume(depth);
      const result = body(run);
      run.account.settle();
      return result;
    } catch (error) {
      if (isTrap(error)) throw this.#trap(run.account);
      if (error instanceof GuestFault) run.account.settle();
      throw error;
    } finally {
      meter.depthLeft = depth;
      this.#run = undefined;
    }
  }

  #trap(account: FuelAccount): GuestFault {
    if (this.exports.vostro_fuel() < 0) return account.exhaust();
    account.settle();
    return new GuestFault(this.exports.vostro_depth() < 0 ? 'callDepth' : 'trap');
  }

  /** One call of the guest's `__vostroHost(operation, first, second)`. @returns a value of its own, 0 for an exception */
  #hostCall(count: number, values: Pointer): Pointer {
    const run = this.#run;
    if (run === undefined) throw new SandboxError('ENGINE_BROKEN', 'a guest called its host while nothing ran');
    const { words } = this.memory;
    const at = values >> 2;
    const [number, first, second] = [words[at] as number, words[at + 1] as number, words[at + 2] as number];
    const isCall = count === OPERATION_ARGUMENTS && words[(number >> 2) + 1] === TAG.int;
    if (!isCall || !this.#text.isString(first) || !this.#text.isString(second)) {
      return this.#throwIntoGuest('the host takes a number and two strings', run);
    }
    const code = words[number >> 2] as number;
    const [a, b] = [this.#text.fromGuest(first, run.account), this.#text.fromGuest(second, run.account)];
    run.account.settle();
    const depth = this.exports.vostro_depth();
    run.meter.depthLeft = depth;
    let answer: string;
    try {
      answer = run.operation(code, a, b);
    } catch (error) {
      const text = thrownText(error);
      if (text === undefined) throw error;
      run.account.resume(depth);
      return this.#throwIntoGuest(text, run);
    }
    run.account.resume(depth);
    return this.#text.toGuest(answer, run.account);
  }

  #throwIntoGuest(text: string, { account }: Run): Pointer {
    const value = this.#text.toGuest(text, account);
    this.exports.qjs_free_value(this.exports.qjs_throw(value));
    this.exports.qjs_free_value(value);
    return 0;
  }

  /** @throws GuestFault; what the meter throws where reading the exception uses up the fuel */
  #requireNoException(result: Pointer, run: Run): void {
    if (result === 0) throw new GuestFault('memory');
    if (this.#text.tagOf(result) !== TAG.exception) return;
    const trace = this.#readTrace(run);
    throw new GuestFault(reasonOf(trace), trace);
  }

  /**
   * Name, message and stack of what was thrown. Reading them may run the guest's own getters: as any of its work they are
   * paid for, but nothing that they ask is done any more.
   *
   * @throws what the meter throws
   */
  #readTrace(run: Run): GuestTrace | undefined {
    this.#run = { ...run, operation: noOperation };
    try {
      return this.#text.describeException();
    } catch (error) {
      if (isTrap(error)) return this.exports.vostro_fuel() < 0 ? run.account.exhaust() : undefined;
      if (error instanceof GuestFault) return undefined;
      throw error;
    }
  }

  /** PROTOCOL §Sandbox U4. The whole world of a guest: a host that answers, and a system that has nothing. */
  #imports(): WasmImports {
    const none = (): number => 0;
    return {
      env: {
        host_call: (_name: Pointer, _bytes: number, _this: Pointer, count: number, values: Pointer) =>
          this.#hostCall(count, values),
        host_interrupt: none,
        host_promise_rejection: () => undefined,
        host_module_normalize: none,
        host_module_load: none,
        host_get_timezone_offset: none,
      },
      wasi_snapshot_preview1: {
        clock_time_get: (_clock: number, _precision: bigint, time: Pointer) => this.#writeZeros(time, 8),
        random_get: (into: Pointer, count: number) => this.#writeZeros(into, count),
        fd_write: (_file: number, _parts: Pointer, _count: number, written: Pointer) => {
          this.#writeZeros(written, 4);
          return BAD_DESCRIPTOR;
        },
        fd_close: () => NO_SYSTEM,
        fd_fdstat_get: () => BAD_DESCRIPTOR,
        fd_seek: () => NO_SYSTEM,
      },
    };
  }

  #writeZeros(into: Pointer, count: number): number {
    this.memory.bytes.fill(0, into, into + count);
    this.memory.touch(into, count);
    return SUCCESS;
  }
}

/** What of an operation's error a guest may catch: undefined for what ends it. */
function thrownText(error: unknown): string | undefined {
  if (error instanceof GuestException) return error.text;
  return error instanceof ContractFailure ? error.code : undefined;
}

function reasonOf(trace: GuestTrace | undefined): 'memory' | 'callDepth' | 'exception' {
  if (trace?.name === 'InternalError' && trace.message === 'out of memory') return 'memory';
  const isStack = trace?.name === 'RangeError' && trace.message === 'Maximum call stack size exceeded';
  return isStack ? 'callDepth' : 'exception';
}
