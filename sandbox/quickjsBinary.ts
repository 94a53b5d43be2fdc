import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { toHex } from '../primitives/bytes.js';
import { sha256 } from '../primitives/hash.js';
import { SandboxError } from './errors.js';

/** `quickjs.wasm` of quickjs-wasi 3.6.2: QuickJS-ng 0.17.0, compiled to WebAssembly. */
export const QUICKJS_SHA256 = '0xd4c9375f2b1ca4dc95f72c8aa2982a7a9951ac8011490d79c6582df732b4bbd9';

/** PROTOCOL §Sandbox H1. Reads the binary that every engine is built on. @throws SandboxError `ENGINE_BINARY_UNKNOWN` */
export function readQuickjsBinary(): Uint8Array {
  const path = createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm');
  const bytes = new Uint8Array(readFileSync(path));
  requireKnownBinary(bytes);
  return bytes;
}

/** @throws SandboxError `ENGINE_BINARY_UNKNOWN` */
export function requireKnownBinary(bytes: Uint8Array): void {
  const actual = toHex(sha256(bytes));
  if (actual === QUICKJS_SHA256) return;
  throw new SandboxError(
    'ENGINE_BINARY_UNKNOWN',
    `expected quickjs.wasm with SHA-256 ${QUICKJS_SHA256}, found ${actual}`,
    {
      expected: QUICKJS_SHA256,
      actual,
      hint: 'install the dependencies again as package-lock.json pins them',
    },
  );
}
