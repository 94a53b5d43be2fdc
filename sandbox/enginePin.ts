import type { Hex } from '../primitives/bytes.js';

/**
 * The engine of this version of Vostro, as genesis files and chains name it. The hash covers everything on which a result
 * depends; whoever makes the engine checks it, and a test says what it must be after a change.
 */
export const ENGINE_PIN: { readonly version: number; readonly hash: Hex } = {
  version: 1,
  hash: '0xf942edeec3ae2251d28b78e21ab2f3c62d0e3b6097983a1be2b770b5a4e30bf1',
};
