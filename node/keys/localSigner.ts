import { addressFromPublicKey } from '../../primitives/address.js';
import type { Address, SignatureBackend } from '../../primitives/types.js';
import type { Signer } from '../signatures/types.js';
import { type Keystore, openKeystore } from './keystore.js';

/** Signs with a private key that this process holds in memory. */
export class LocalSigner implements Signer {
  readonly address: Address;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly #privateKey: Uint8Array;
  readonly #backend: SignatureBackend;

  /** Takes a copy of the key. @throws CodedError `PRIVATE_KEY_INVALID` */
  constructor(privateKey: Uint8Array, backend: SignatureBackend) {
    this.#backend = backend;
    this.publicKey = backend.publicKey(privateKey);
    this.address = addressFromPublicKey(this.publicKey);
    this.#privateKey = Uint8Array.from(privateKey);
  }

  /** Opens a keystore. @throws KeyError as `openKeystore` */
  static async fromKeystore(keystore: Keystore, password: string, backend: SignatureBackend): Promise<LocalSigner> {
    const privateKey = await openKeystore(keystore, password, backend);
    const signer = new LocalSigner(privateKey, backend);
    privateKey.fill(0);
    return signer;
  }

  async sign(digest: Uint8Array): Promise<Uint8Array> {
    return this.#backend.sign(digest, this.#privateKey);
  }

  /** The same at once, for clients that sign many transactions. */
  signNow(digest: Uint8Array): Uint8Array {
    return this.#backend.sign(digest, this.#privateKey);
  }
}
