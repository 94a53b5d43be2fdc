import { readFileSync } from 'node:fs';
import { createSandboxEngine } from './engine.js';
import type { SandboxEngine } from './types.js';

/** The engine of this version of Vostro: QuickJS under the meter, with the guest runtime that the build has bundled. */
export function createStandardEngine(): SandboxEngine {
  return createSandboxEngine({ runtime: readGuestRuntime() });
}

/** Made by scripts/guest.mjs, beside the compiled sources of this room. */
export function readGuestRuntime(): string {
  return readFileSync(new URL('./guestRuntime.js', import.meta.url), 'utf8');
}
