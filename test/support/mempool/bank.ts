import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import type {
  CommitResult,
  DirectoryAccount,
  DirectoryKey,
  IncludedTransaction,
} from '../../../node/execution/types.js';
import { addressFromPublicKey } from '../../../primitives/address.js';
import { toHex } from '../../../primitives/bytes.js';
import { sha256 } from '../../../primitives/hash.js';
import { nobleBackend } from '../../../primitives/signature.js';
import {
  encodeTransaction,
  encodeTransactionBody,
  signTransaction,
  transactionId,
  transactionLeaf,
} from '../../../primitives/transaction.js';
import type { Address, Transaction, TransactionBody } from '../../../primitives/types.js';

export const CHAIN_ID = 'vostro-test';
export const GENESIS_HASH = new Uint8Array(32).fill(0x5a);
/** 2026-01-01, when the tests' chain begins. */
export const START_MS = 1_767_225_600_000;
export const WINDOW_MS = 600_000;
export const QUOTA_WINDOW_MS = 60_000;
/** What governance may change of the rules of admission. */
export const LIVE_RULES = {
  maxClockDriftMs: 500,
  maxBlockBytes: 100_000,
  maxBlockTransactions: 1_000,
  maxBlockFuel: 100_000_000,
  urgentBlockPercent: 50,
  urgentQuotaTransactions: 100,
};

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export interface TestKey {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly address: Address;
}

/** A key that is the same in every run. */
export function testKey(name: string): TestKey {
  const privateKey = sha256(text(`test key ${name}`));
  const publicKey = nobleBackend.publicKey(privateKey);
  return { privateKey, publicKey, address: addressFromPublicKey(publicKey) };
}

/** A member with one account of some keys. */
export class Bank {
  readonly keys: readonly TestKey[];
  readonly account: Address;
  /** The last of its keys. */
  readonly checkers: readonly Address[];

  constructor(
    readonly member: string,
    readonly threshold = 1,
    keyCount = 1,
    checkerCount = 0,
  ) {
    this.keys = Array.from({ length: keyCount }, (_, i) => testKey(`${member} ${i}`));
    this.account = (this.keys[0] as TestKey).address;
    this.checkers = this.keys.slice(keyCount - checkerCount).map(({ address }) => address);
  }

  directoryKeys(active: readonly boolean[] = []): DirectoryKey[] {
    return this.keys.map(({ address, publicKey }, i) => ({
      address,
      publicKey,
      member: this.member,
      active: active[i] ?? true,
    }));
  }

  directoryAccount(active = true): DirectoryAccount {
    const keys = this.keys.map(({ address }) => address);
    return {
      account: this.account,
      member: this.member,
      threshold: this.threshold,
      keys,
      checkers: this.checkers,
      active,
    };
  }

  body(reference: string, change: Partial<TransactionBody> = {}): TransactionBody {
    return {
      chainId: CHAIN_ID,
      sender: this.account,
      signers: this.keys.map(({ address }) => address).sort(),
      reference: text(reference),
      expiresAt: START_MS + 60_000,
      priority: 'normal',
      calls: [{ contract: 'payments', method: 'transfer', args: text(`from ${this.member}`) }],
      ...change,
    };
  }

  /** Signed for real by the body's signers that are this bank's, 2 ms each. */
  signed(reference: string, change: Partial<TransactionBody> = {}): Uint8Array {
    const body = this.body(reference, change);
    const signing = this.keys.filter(({ address }) => body.signers.includes(address));
    const keys = signing.map(({ privateKey }) => privateKey);
    return encodeTransaction(signTransaction(body, GENESIS_HASH, keys));
  }

  /** With signatures that only a fake verifier believes: `variant` tells signings of one body apart, 255 is invalid. */
  pretended(reference: string, change: Partial<TransactionBody> = {}, variant = 1): Uint8Array {
    return encodeTransaction(pretend(this.body(reference, change), variant));
  }
}

function pretend(body: TransactionBody, variant: number): Transaction {
  const signature = new Uint8Array(64).fill(variant);
  return { body, signatures: body.signers.map(() => ({ suite: 1, signature })) };
}

export function idOf(body: TransactionBody): string {
  return toHex(transactionId(body, GENESIS_HASH));
}

export function leafOf(bytes: Uint8Array): Uint8Array {
  return transactionLeaf(bytes);
}

/** What a commit says of an included transaction. */
export function included(body: TransactionBody): IncludedTransaction {
  const { sender, reference, expiresAt, priority } = body;
  const about = { id: transactionId(body, GENESIS_HASH), sender, reference, expiresAt, priority };
  return { ...about, success: true, code: '', fuelUsed: 100_000, sizeBytes: encodeTransactionBody(body).length + 80 };
}

/** A commit result, of which the mempool reads the time, what is included and the directory. */
export function commitResult(
  timestamp: number,
  transactions: readonly IncludedTransaction[] = [],
  directory: Partial<CommitResult['directory']> = {},
): CommitResult {
  const hash = new Uint8Array(32);
  return {
    head: {
      header: {
        chainId: CHAIN_ID,
        height: 1,
        parentHash: hash,
        proposer: '0x0000000000000000000000000000000000000001',
        timestamp,
        txRoot: hash,
        stateRoot: hash,
        receiptsRoot: hash,
        validatorsHash: hash,
        nextValidatorsHash: hash,
      },
      blockHash: hash,
      certificate: undefined,
      validators: [],
      parameters: { ...DEFAULT_PARAMETERS, referenceWindowMs: WINDOW_MS, ...LIVE_RULES },
    },
    included: transactions,
    directory: { keys: [], accounts: [], nodes: undefined, ...directory },
  };
}
