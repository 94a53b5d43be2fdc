import type { Hex } from '../primitives/bytes.js';

/**
 * The engine of this version of Vostro, as genesis files and chains name it. The hash covers everything on which a result
 * depends; whoever makes the engine checks it, and a test says what it must be after a change.
 */
export const ENGINE_PIN: { readonly version: number; readonly hash: Hex } = {
  version: 1,
  hash: '0xc72dee9bc4d58ce46369bd5d95f19c41b698d5a9b4ac59b730e2fc7799b295bf',
};
