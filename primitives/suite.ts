import type { Suite } from './types.js';

/** secp256k1 signatures over SHA-256 digests. */
export const SUITE_SECP256K1: Suite = 1;
