import type { Address } from '../../primitives/types.js';

/** One signature to check: the address tells which registered key to check it against. */
export interface SignatureCheck {
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly digest: Uint8Array;
  /** Compact, 64 bytes. */
  readonly signature: Uint8Array;
}

/** `urgent` for what consensus waits for: it goes before everything else and has a queue of its own. */
export type CheckPriority = 'normal' | 'urgent';

/** Checks signatures off the main thread, in jobs; bounded. */
export interface SignatureVerifier {
  /**
   * One answer for each check, in order. The checks' bytes are read later: they must not change before the answer.
   *
   * @throws CodedError `VERIFIER_OVERLOADED` when its queue is full.
   */
  verifyMany(checks: readonly SignatureCheck[], priority?: CheckPriority): Promise<readonly boolean[]>;
  stop(): Promise<void>;
}

/** Signs as one address: a local key, or a remote signer. */
export interface Signer {
  readonly address: Address;
  readonly publicKey: Uint8Array;
  sign(digest: Uint8Array): Promise<Uint8Array>;
}
