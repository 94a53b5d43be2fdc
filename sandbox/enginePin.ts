import type { Hex } from '../primitives/bytes.js';

/**
 * The engine of this version of Vostro, as genesis files and chains name it. The hash covers everything on which a result
 * depends; whoever makes the engine checks it, and a test says what it must be after a change.
 */
export const ENGINE_PIN: { readonly version: number; readonly hash: Hex } = {
  version: 1,
  hash: '0x6af0035c550ee492d2406a5eddcb87918bbe0f02656830ef0d0f113192ed643c',
};
