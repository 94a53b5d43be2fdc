import type { Hash } from './bytes.js';
import { VERSION_ITEM } from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { encode, encodeUint } from './rlp.js';

/**
 * The name that a height's system call has in its receipt: H(tag ‖ genesis hash ‖ [version, height]). No transaction has
 * it (PROTOCOL §Execution, System calls).
 */
export function systemCallId(genesisHash: Hash, height: number): Hash {
  return taggedHash(TAGS.system, genesisHash, encode([VERSION_ITEM, encodeUint(height)]));
}
