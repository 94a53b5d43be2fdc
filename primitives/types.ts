import type { Hash } from './bytes.js';

/**
 * The shapes of everything that stands in a consensus-relevant byte string. The codec of each stands in the file of its
 * name (`transaction.ts`, `block.ts`, …); docs/PROTOCOL.md gives the bytes.
 */

/** `0x` and 40 lower-case digits: the last 20 bytes of the Keccak-256 of the uncompressed public key. */
export type Address = `0x${string}`;

/** Milliseconds since 1970-01-01 in consensus time, an integer below 2^53. */
export type TimestampMs = number;

/** Suite 1 = secp256k1 with SHA-256; others come by governed activation. */
export type Suite = 1;

/** One call of a transaction: the arguments are the canonical encoding by the method's ABI. */
export interface Call {
  readonly contract: string;
  readonly method: string;
  readonly args: Uint8Array;
}

/** How soon a transaction's sender wants it in a block. */
export type TransactionPriority = 'normal' | 'urgent';

/** What is signed: its hash is the transaction's id. */
export interface TransactionBody {
  readonly chainId: string;
  /** The account on whose behalf the transaction is sent; its policy decides whether it may be included. */
  readonly sender: Address;
  /** Addresses of every key that signs: sorted, unique, 1 to 16. */
  readonly signers: readonly Address[];
  /** The client's idempotency key, 1 to 32 bytes, used once per sender within the network's window. */
  readonly reference: Uint8Array;
  readonly expiresAt: TimestampMs;
  /** Urgent ones come first in a block, within the network's limits. */
  readonly priority: TransactionPriority;
  /** 1 to 16 calls that run all or nothing. */
  readonly calls: readonly Call[];
}

export interface TransactionSignature {
  readonly suite: Suite;
  /** Compact (r, s), 64 bytes, low s. */
  readonly signature: Uint8Array;
}

/** A body with exactly one signature for each signer, in the signers' order. */
export interface Transaction {
  readonly body: TransactionBody;
  readonly signatures: readonly TransactionSignature[];
}

/** A transaction as it came in: decoded once, then passed on with its own bytes, id and leaf. */
export interface DecodedTransaction extends Transaction {
  /** The full signed bytes. */
  readonly bytes: Uint8Array;
  /** Hash of the body under the transaction tag and the genesis hash: what the signers signed. */
  readonly id: Hash;
  /** Leaf of the transaction tree: hash of the full signed bytes. */
  readonly leafHash: Hash;
}

export interface BlockHeader {
  readonly chainId: string;
  /** 0 is the genesis state's own header, which nobody signs. */
  readonly height: number;
  readonly parentHash: Hash;
  readonly proposer: Address;
  readonly timestamp: TimestampMs;
  readonly txRoot: Hash;
  /** Root of the state after this block. */
  readonly stateRoot: Hash;
  /** Root of this block's receipts. */
  readonly receiptsRoot: Hash;
  /** Hash of the validator list that decides this block. */
  readonly validatorsHash: Hash;
  /** Hash of the validator list that decides the next one. */
  readonly nextValidatorsHash: Hash;
}

export interface Block {
  readonly header: BlockHeader;
  /** The full signed bytes of each transaction, in order. */
  readonly transactions: readonly Uint8Array[];
}

export interface Validator {
  readonly address: Address;
  readonly suite: Suite;
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array;
}

/** What a certificate's signatures say. */
export type CertificateType = 'prepare' | 'commit';

/** A quorum's signatures over one block of one round. */
export interface Certificate {
  readonly type: CertificateType;
  readonly height: number;
  readonly round: number;
  readonly blockHash: Hash;
  /** Bit i (byte i >> 3, bit i & 7, lowest first) is validator i of the height's ordered list; no bit beyond it. */
  readonly signerBitmap: Uint8Array;
  /** One for each set bit, in the order of the bits. */
  readonly signatures: readonly Uint8Array[];
}

export interface ContractEvent {
  readonly contract: string;
  readonly name: string;
  /** Canonical encoding by the event's schema. */
  readonly data: Uint8Array;
}

/** What became of one transaction. Codes and data only: no message, no stack. */
export interface Receipt {
  readonly transactionId: Hash;
  readonly success: boolean;
  /** Empty on success. */
  readonly code: string;
  /** `contract.method` of the call that failed, empty on success. */
  readonly failedCall: string;
  /** Canonical encoding by the error's schema, empty on success. */
  readonly errorData: Uint8Array;
  readonly fuelUsed: number;
  /** Empty when it failed. */
  readonly events: readonly ContractEvent[];
  /** The canonical encoding of each call's return value, in order; empty when it failed. */
  readonly results: readonly Uint8Array[];
  /** Tree of the outcomes of the batch's payments; the empty tree's root where there is none. */
  readonly outcomesRoot: Hash;
  readonly outcomeCount: number;
}

/** What became of one payment of a batch. */
export interface Outcome {
  /** The payment's business reference. */
  readonly reference: string;
  /** Empty when it settled. */
  readonly code: string;
}

/** A change of the validator set, as a light client follows it. */
export interface Handover {
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  /** The ordered list that hashes to the header's nextValidatorsHash. */
  readonly nextValidators: readonly Validator[];
}

export interface OutcomeProof {
  readonly outcome: Outcome;
  readonly index: number;
  readonly path: readonly Hash[];
}

/** Everything that proves a receipt final to somebody who holds only the genesis file. */
export interface FinalityProof {
  readonly receipt: Receipt;
  /** Position of the transaction in its block. */
  readonly index: number;
  /** Number of transactions in the block, committed in the receipts' root. */
  readonly count: number;
  readonly path: readonly Hash[];
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  readonly handovers: readonly Handover[];
  /** The outcome of one payment of a batch, where that is what is proven. */
  readonly outcome?: OutcomeProof;
}

/** What leads whoever trusts a header to a later one: header and certificate, and each change of validators between. */
export interface FinalityUpdate {
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  readonly handovers: readonly Handover[];
}

/** Receipts of one block with what proves them all: header, certificate and handovers stand once. */
export interface BlockProofs {
  readonly header: BlockHeader;
  readonly certificate: Certificate;
  readonly handovers: readonly Handover[];
  /** Number of transactions in the block, committed in the receipts' root. */
  readonly count: number;
  readonly receipts: readonly { readonly receipt: Receipt; readonly index: number; readonly path: readonly Hash[] }[];
}

/** Suite 1, natively or in JavaScript: both give the same answer on every input, and `verify` never throws. */
export interface SignatureBackend {
  readonly name: 'native' | 'noble';
  sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array;
  verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  /** Compressed, 33 bytes. @throws CodedError `PRIVATE_KEY_INVALID` */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** A public key uncompressed, 65 bytes. @throws CodedError `PUBLIC_KEY_INVALID` */
  decompress(publicKey: Uint8Array): Uint8Array;
}
