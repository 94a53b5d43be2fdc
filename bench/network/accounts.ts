import { addressFromPublicKey } from '../../primitives/address.js';
import { sha256 } from '../../primitives/hash.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Address, SignatureBackend } from '../../primitives/types.js';

export interface LoadAccount {
  readonly address: Address;
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** The account of a name: the same in every run, and worth nothing outside of them. */
export function accountOf(name: string, backend: SignatureBackend): LoadAccount {
  const privateKey = sha256(utf8Encode(`vostro bench ${name}`));
  const publicKey = backend.publicKey(privateKey);
  return { privateKey, publicKey, address: addressFromPublicKey(publicKey, backend.decompress) };
}
