import type { Hex } from '../primitives/bytes.js';

/**
 * The engine of this version of Vostro, as genesis files and chains name it. The hash covers everything on which a result
 * depends; whoever makes the engine checks it, and a test says what it must be after a change.
 */
export const ENGINE_PIN: { readonly version: number; readonly hash: Hex } = {
  version: 1,
  hash: '0xe5a933159327f74346584096c89bdca6f1fff4a5dd48f80af78a748d95df4439',
};
