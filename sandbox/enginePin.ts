import type { Hex } from '../primitives/bytes.js';

/**
 * The engine of this version of Vostro, as genesis files and chains name it. The hash covers everything on which a result
 * depends; whoever makes the engine checks it, and a test says what it must be after a change.
 */
export const ENGINE_PIN: { readonly version: number; readonly hash: Hex } = {
  version: 1,
  hash: '0xc7ea1bf0d868323132d6763c62105fdeb745736f9a3c423284835c2363c45231',
};
