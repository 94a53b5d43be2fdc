import type { Hash } from './bytes.js';
import { fixedItem, nameItem, VERSION_ITEM } from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { encode, encodeUint } from './rlp.js';
import { COMPRESSED_KEY_BYTES } from './signature.js';
import { SUITE_SECP256K1 } from './suite.js';

export interface PossessionClaim {
  readonly chainId: string;
  /** BIC of the member that registers the key. */
  readonly member: string;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * What a key signs to show that its member holds it. Bound to chain and member, so that nobody registers another's key;
 * without the genesis hash, which exists only after the keys do.
 *
 * @throws FormatError
 */
export function possessionDigest({ chainId, member, publicKey }: PossessionClaim): Hash {
  return taggedHash(
    TAGS.possession,
    encode([
      VERSION_ITEM,
      nameItem(chainId, 'chainId'),
      nameItem(member, 'member'),
      encodeUint(SUITE_SECP256K1),
      fixedItem(publicKey, COMPRESSED_KEY_BYTES, 'publicKey'),
    ]),
  );
}
