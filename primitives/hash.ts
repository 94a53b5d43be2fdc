import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, type Hash } from './bytes.js';
import { utf8Encode } from './text.js';

/** SHA-256 of the bytes: here in JavaScript, in a node natively. */
export type Sha256 = (bytes: Uint8Array) => Hash;

/** SHA-256 (FIPS 180-4): everything that is ours. */
export function sha256(bytes: Uint8Array): Hash {
  return nobleSha256(bytes);
}

/** Keccak-256 with the original padding: only to derive addresses. */
export function keccak256(bytes: Uint8Array): Hash {
  return keccak_256(bytes);
}

/** 32 bytes that set one use of a hash apart from every other. */
export function domainTag(name: string): Hash {
  return sha256(utf8Encode(name));
}

/** SHA-256(tag ‖ parts, one after the other). The parts' lengths must be fixed or told by the parts themselves. */
export function taggedHash(tag: Hash, ...parts: readonly Uint8Array[]): Hash {
  return sha256(concatBytes(tag, ...parts));
}

/** The same by a SHA-256 of the caller's: native where there is one. */
export function taggedHashWith(hash: Sha256, tag: Hash, ...parts: readonly Uint8Array[]): Hash {
  return hash(concatBytes(tag, ...parts));
}

/** The domain tags of the protocol: each the SHA-256 of its name. */
export const TAGS = {
  genesis: domainTag('vostro/v1/genesis'),
  possession: domainTag('vostro/v1/possession'),
  transaction: domainTag('vostro/v1/transaction'),
  transactionLeaf: domainTag('vostro/v1/transaction-leaf'),
  header: domainTag('vostro/v1/header'),
  validators: domainTag('vostro/v1/validators'),
  receiptLeaf: domainTag('vostro/v1/receipt-leaf'),
  outcomeLeaf: domainTag('vostro/v1/outcome-leaf'),
  certificate: domainTag('vostro/v1/certificate'),
  proposal: domainTag('vostro/v1/proposal'),
  prepare: domainTag('vostro/v1/prepare'),
  commit: domainTag('vostro/v1/commit'),
  roundChange: domainTag('vostro/v1/round-change'),
  status: domainTag('vostro/v1/status'),
  evidence: domainTag('vostro/v1/evidence'),
  stateKey: domainTag('vostro/v1/state-key'),
  statePage: domainTag('vostro/v1/state-page'),
  stateValue: domainTag('vostro/v1/state-value'),
  stateRoot: domainTag('vostro/v1/state-root'),
  proposalPayload: domainTag('vostro/v1/proposal-payload'),
  system: domainTag('vostro/v1/system'),
  contractBundle: domainTag('vostro/v1/contract-bundle'),
  contractSource: domainTag('vostro/v1/contract-source'),
  settlementTerms: domainTag('vostro/v1/settlement-terms'),
  repoTerms: domainTag('vostro/v1/repo-terms'),
  orderTerms: domainTag('vostro/v1/order-terms'),
  accountPolicy: domainTag('vostro/v1/account-policy'),
} as const;
