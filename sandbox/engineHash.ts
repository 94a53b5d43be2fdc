import { concatBytes, type Hash } from '../primitives/bytes.js';
import { domainTag, sha256, taggedHash } from '../primitives/hash.js';
import { utf8Encode } from '../primitives/text.js';
import { BORDER_LIMITS, BORDER_PRICES } from './border/limits.js';
import { GUEST_LIMITS, GUEST_PRICES, TRACE_LIMITS } from './limits.js';
import { LOCK_GLOBAL, LOCK_RUNTIME, LOCKDOWN } from './lockdown.js';
import { QUICKJS_SHA256 } from './quickjsBinary.js';
import { DYNAMIC_WEIGHTS, INSTRUMENTER_VERSION, WEIGHTS } from './wasm/weights.js';

export interface EngineParts {
  readonly version: number;
  /** The instrumented module. */
  readonly module: Uint8Array;
  readonly runtime: string;
}

const ENGINE_TAG = domainTag('vostro/v1/sandbox-engine');

/**
 * PROTOCOL §Sandbox H2. SHA-256 of the tag and of one SHA-256 for each part: version, the original module's hash,
 * instrumenter version, weights, the instrumented module, lock-down, runtime, bounds and prices.
 */
export function engineHash({ version, module, runtime }: EngineParts): Hash {
  const texts = [
    `${version}`,
    QUICKJS_SHA256,
    `${INSTRUMENTER_VERSION}`,
    JSON.stringify([WEIGHTS, DYNAMIC_WEIGHTS]),
    JSON.stringify([LOCKDOWN, LOCK_RUNTIME, LOCK_GLOBAL]),
    runtime,
    JSON.stringify([GUEST_LIMITS, GUEST_PRICES, TRACE_LIMITS, BORDER_LIMITS, BORDER_PRICES]),
  ];
  return taggedHash(ENGINE_TAG, concatBytes(...texts.map((text) => sha256(utf8Encode(text))), sha256(module)));
}
