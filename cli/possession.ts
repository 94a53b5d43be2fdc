import type { Keystore } from '../node/keys/keystore.js';
import { LocalSigner } from '../node/keys/localSigner.js';
import { possessionDigest } from '../primitives/possession.js';
import type { SignatureBackend } from '../primitives/types.js';

/** A key, and the signature that shows that its member holds it. */
export interface ProvenKey {
  readonly publicKey: Uint8Array;
  readonly possession: Uint8Array;
}

/** @throws KeyError `PASSWORD_WRONG` */
export async function proveKeystore(
  keystore: Keystore,
  password: string,
  claim: { readonly chainId: string; readonly member: string },
  backend: SignatureBackend,
): Promise<ProvenKey> {
  const signer = await LocalSigner.fromKeystore(keystore, password, backend);
  const { publicKey } = signer;
  return { publicKey, possession: await signer.sign(possessionDigest({ ...claim, publicKey })) };
}
