import { OutOfFuel } from '../../../contracts/runtime/fuelMeter.js';
import { toHex } from '../../../primitives/bytes.js';
import { sha256 } from '../../../primitives/hash.js';
import { GuestFault } from '../../../sandbox/errors.js';
import type { LoadedGuest, SandboxEngine } from '../../../sandbox/types.js';
import type { HostileProgram } from './hostilePrograms.js';
import { TestMeter } from './meter.js';

/** How one program ended: what every node must agree on. */
export interface Outcome {
  readonly name: string;
  readonly ends: string;
  readonly loadFuel: number;
  readonly fuel: number;
}

const SHOWN_CHARACTERS = 60;

/** What something ended with: a text (a long one by its hash), `outOfFuel`, a reason, or the name of a host exception. */
export function endOf(run: () => string): string {
  try {
    const text = run();
    const shown = text.length <= SHOWN_CHARACTERS ? text : toHex(sha256(new TextEncoder().encode(text)));
    return `text ${shown}`;
  } catch (error) {
    if (error instanceof GuestFault) return error.reason === 'text' ? 'text-fault' : error.reason;
    if (error instanceof OutOfFuel) return 'outOfFuel';
    return `host exception ${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** Wraps the body of an entry as a program. */
export function entryProgram(body: string): string {
  return `globalThis.__vostroCall = function (input) { ${body} };`;
}

/** Loads and runs a program once. */
export function outcomeOf(engine: SandboxEngine, { name, body, atLoad }: HostileProgram, fuelLimit: number): Outcome {
  const meter = new TestMeter(fuelLimit);
  let loaded: LoadedGuest | undefined;
  const ends = endOf(() => {
    loaded = engine.load(atLoad === true ? body : entryProgram(body), fuelLimit);
    return loaded.run('input', (operation, first) => `${operation}${first.length}`, meter);
  });
  return { name, ends, loadFuel: loaded?.loadFuel ?? 0, fuel: meter.used };
}

/** One line an outcome, and one digest for all of them. */
export function digestOf(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map(({ name, ends, loadFuel, fuel }) => `${name}\t${ends}\t${loadFuel}\t${fuel}`);
  return toHex(sha256(new TextEncoder().encode(lines.join('\n')))).slice(2, 18);
}
