import { addressFromPublicKey } from '../primitives/address.js';
import { type Hash, type Hex, toHex } from '../primitives/bytes.js';
import { nobleBackend } from '../primitives/signature.js';
import { assembleTransaction, encodeTransaction, transactionId } from '../primitives/transaction.js';
import type { Address, Call, SignatureBackend, TransactionBody, TransactionPriority } from '../primitives/types.js';

/** Signs as one address: a key in memory, a keystore, a wallet or a remote signer. */
export interface TransactionSigner {
  readonly address: Address;
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

/** Signed bytes and the id that they will have for ever. */
export interface SignedTransaction {
  readonly id: Hex;
  readonly bytes: Uint8Array;
}

export interface TransactionRequest {
  /** The account on whose behalf it is sent. */
  readonly sender: Address;
  /** Addresses of every key that will sign, in any order. */
  readonly signers: readonly Address[];
  readonly calls: readonly Call[];
  /**
   * 1 to 32 bytes, used once per sender: name the business event, so that a program that runs again cannot send it twice.
   * 16 random bytes when left out.
   */
  readonly reference?: Uint8Array;
  /** In consensus time; `now + ttlMs` when left out. */
  readonly expiresAt?: number;
  /** How long it may wait to be included. */
  readonly ttlMs?: number;
  /** Urgent ones come first in a block; the network bounds how many a member may send. Normal when left out. */
  readonly priority?: TransactionPriority;
}

/** What a transaction needs that the request does not say. */
export interface TransactionDefaults {
  readonly chainId: string;
  readonly nowMs: number;
  readonly ttlMs: number;
  readonly randomReference: () => Uint8Array;
}

/** A body with everything that is to be signed. */
export function buildTransaction(request: TransactionRequest, defaults: TransactionDefaults): TransactionBody {
  const { sender, signers, calls, reference, expiresAt, ttlMs = defaults.ttlMs, priority = 'normal' } = request;
  return {
    chainId: defaults.chainId,
    sender,
    signers: [...new Set(signers)].sort(),
    reference: reference ?? defaults.randomReference(),
    expiresAt: expiresAt ?? defaults.nowMs + ttlMs,
    priority,
    calls,
  };
}

/**
 * Signs a body with each of its signers.
 *
 * @throws TransactionError when one is missing or none of the body's; FormatError when the body cannot be encoded
 */
export async function signWith(
  body: TransactionBody,
  genesisHash: Hash,
  signers: readonly TransactionSigner[],
): Promise<SignedTransaction> {
  const id = transactionId(body, genesisHash);
  const signatures = await Promise.all(
    signers.map(async (signer): Promise<[Address, Uint8Array]> => [signer.address, await signer.sign(id)]),
  );
  return { id: toHex(id), bytes: encodeTransaction(assembleTransaction(body, new Map(signatures))) };
}

/** A signer over a private key in memory. @throws CodedError `PRIVATE_KEY_INVALID` */
export function localSigner(privateKey: Uint8Array, backend: SignatureBackend = nobleBackend): TransactionSigner {
  return {
    address: addressFromPublicKey(backend.publicKey(privateKey)),
    sign: async (digest) => backend.sign(digest, privateKey),
  };
}
