import type { Hash } from '../primitives/bytes.js';
import { bootGuest } from './bootGuest.js';
import { engineHash } from './engineHash.js';
import { GuestFault } from './errors.js';
import type { GuestModule } from './guest.js';
import type { GuestImage } from './guestImage.js';
import { GuestPool } from './guestPool.js';
import { GUEST_LIMITS, GUEST_PRICES } from './limits.js';
import { LoadMeter } from './loading.js';
import { LOCK_GLOBAL } from './lockdown.js';
import { readQuickjsBinary } from './quickjsBinary.js';
import type { GuestMeter, GuestOperation, LoadedGuest, SandboxEngine } from './types.js';
import { instrument } from './wasm/instrument.js';
import { compile } from './webAssembly.js';

/** PROTOCOL §Sandbox H2. Raised when an engine computes anything otherwise; its hash says exactly which one it is. */
export const ENGINE_VERSION = 1;

export interface SandboxEngineOptions {
  /** The script that every program finds: it runs once, before any program. */
  readonly runtime: string;
  /** What `compileQuickjs` gave, for several engines of one process; compiled anew where it is left out. */
  readonly module?: GuestModule;
}

const ENTRY = '__vostroCall';

/**
 * Reads QuickJS, instruments it and compiles it. V8 compiles each function when it first runs: this takes some 100 ms, most
 * of them for writing the module anew.
 *
 * @throws SandboxError `ENGINE_BINARY_UNKNOWN`
 */
export function compileQuickjs(): GuestModule {
  const instrumented = instrument(readQuickjsBinary(), { guestPages: GUEST_LIMITS.pages });
  return { instrumented, compiled: compile(instrumented.bytes) };
}

/**
 * Makes an engine: runs the lock-down and the runtime once, and keeps what they left. Engines share nothing but the module.
 *
 * @throws SandboxError `ENGINE_BINARY_UNKNOWN`; `ENGINE_BROKEN` where the runtime does not run
 */
export function createSandboxEngine({ runtime, module = compileQuickjs() }: SandboxEngineOptions): SandboxEngine {
  const hash = engineHash({ version: ENGINE_VERSION, module: module.instrumented.bytes, runtime });
  return new QuickjsEngine(module, runtime, hash);
}

class QuickjsEngine implements SandboxEngine {
  readonly version = ENGINE_VERSION;
  readonly hash: Hash;
  readonly #pool: GuestPool;
  /** What every program begins with. */
  readonly #base: GuestImage;

  constructor(module: GuestModule, runtime: string, hash: Hash) {
    this.hash = hash;
    this.#pool = new GuestPool(module);
    const guest = this.#pool.make();
    this.#base = bootGuest(guest, runtime);
    this.#pool.give(guest, this.#base);
  }

  load(program: string, fuelLimit: number): LoadedGuest {
    const bytes = Buffer.byteLength(program, 'utf8');
    if (bytes > GUEST_LIMITS.programBytes) throw new GuestFault('memory');
    const guest = this.#pool.take(this.#base);
    let image = this.#base;
    try {
      const meter = new LoadMeter(fuelLimit);
      guest.evaluate(program, 'program.js', meter);
      guest.evaluate(LOCK_GLOBAL, 'lockdown.js', meter);
      const entry = guest.findEntry(ENTRY, meter);
      image = guest.capture({ ...this.#base.handles, entry }, this.#base);
      if (endOf(image) - endOf(this.#base) > GUEST_LIMITS.loadedBytes) throw new GuestFault('memory');
      const changedBytes = image.changes.reduce((sum, { from, to }) => sum + to - from, 0);
      const runFuel = Math.ceil(changedBytes / GUEST_PRICES.imageBytesPerUnit);
      return new LoadedProgram(this.#pool, image, { loadFuel: fuelLimit - meter.fuelLeft, runFuel });
    } finally {
      this.#pool.give(guest, image);
    }
  }
}

/** Behind it everything is zero. */
function endOf({ low, bytes }: GuestImage): number {
  return low + bytes.length;
}

/** PROTOCOL §Sandbox X2. A program after its top level. */
class LoadedProgram implements LoadedGuest {
  readonly loadFuel: number;
  readonly #runFuel: number;
  readonly #pool: GuestPool;
  readonly #image: GuestImage;

  constructor(
    pool: GuestPool,
    image: GuestImage,
    { loadFuel, runFuel }: { readonly loadFuel: number; readonly runFuel: number },
  ) {
    this.#pool = pool;
    this.#image = image;
    this.loadFuel = loadFuel;
    this.#runFuel = runFuel;
  }

  /** PROTOCOL §Sandbox W6. The image is paid for whether or not an instance is at it already. */
  run(input: string, operation: GuestOperation, meter: GuestMeter): string {
    meter.charge(this.#runFuel);
    const guest = this.#pool.take(this.#image);
    try {
      return guest.call(this.#image.handles.entry, input, operation, meter);
    } finally {
      this.#pool.give(guest, this.#image);
    }
  }
}
