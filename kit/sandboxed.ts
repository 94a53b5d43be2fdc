import { LOAD_FUEL } from '../contracts/deployment/records.js';
import { isCodedError } from '../primitives/errors.js';
import { utf8Decode } from '../primitives/text.js';
import { type LoadedContract, loadContract } from '../sandbox/border/loadContract.js';
import type { FaultObserver } from '../sandbox/border/sandboxContract.js';
import { GuestFault } from '../sandbox/errors.js';
import type { SandboxEngine } from '../sandbox/types.js';
import type { SourcePlaces } from './bundle/sourcePlaces.js';
import { KitError } from './errors.js';

/**
 * Loads a bundle as the chain would.
 *
 * @throws KitError `BUILD_FAILED` with the place in the sources where the program ends itself
 */
export function loadBundle(
  engine: SandboxEngine,
  program: Uint8Array,
  places: SourcePlaces,
  onFault?: FaultObserver,
): LoadedContract {
  try {
    return loadContract(engine, utf8Decode(program), LOAD_FUEL, onFault);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const actual = error instanceof GuestFault ? explainFault(error, places) : error.message;
    throw new KitError('BUILD_FAILED', `the sandbox does not load the bundle: ${actual}`, {
      expected: `a program that loads within ${LOAD_FUEL} units and declares a contract`,
      actual,
    });
  }
}

/** What a guest ended with, its places those of the author's sources. */
export function explainFault(fault: GuestFault, places: SourcePlaces): string {
  const { trace, reason } = fault;
  if (trace === undefined) return `the sandbox ended the call: ${reason}`;
  const stack = places.mapStack(trace.stack);
  return `${trace.name}: ${trace.message}${stack === '' ? '' : `\n${stack}`}`;
}
