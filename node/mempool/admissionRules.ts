import { isCodedError } from '../../primitives/errors.js';
import { decodeHashed, type TransactionHasher } from '../../primitives/transaction.js';
import type { DecodedTransaction, TimestampMs } from '../../primitives/types.js';
import type { CommitResult } from '../execution/types.js';
import type { SignatureCheck } from '../signatures/types.js';
import type { Directory } from './directory.js';
import {
  expired,
  expiryTooFar,
  malformed,
  otherChain,
  policyNotMet,
  senderSuspended,
  senderUnknown,
  signerUnknown,
  tooLarge,
} from './errors.js';

/** The chain's own rules: from its genesis, and as governance changes them. */
export interface ChainRules {
  readonly chainId: string;
  /** W: how far ahead a transaction may expire. */
  readonly referenceWindowMs: number;
  readonly maxClockDriftMs: number;
  readonly maxBlockBytes: number;
  readonly maxBlockTransactions: number;
  readonly maxBlockFuel: number;
  readonly urgentBlockPercent: number;
  readonly urgentQuotaTransactions: number;
  readonly quotaWindowMs: number;
}

/** What governance may change of the rules. */
export function liveRules({
  maxClockDriftMs,
  maxBlockBytes,
  maxBlockTransactions,
  maxBlockFuel,
  urgentBlockPercent,
  urgentQuotaTransactions,
}: CommitResult['head']['parameters']): Partial<ChainRules> {
  return {
    maxClockDriftMs,
    maxBlockBytes,
    maxBlockTransactions,
    maxBlockFuel,
    urgentBlockPercent,
    urgentQuotaTransactions,
  };
}

/** Decodes bytes that stay as they are: the fields are views of them. @throws MempoolError `TRANSACTION_TOO_LARGE`, `TRANSACTION_MALFORMED` */
export function decodeWithin(bytes: Uint8Array, rules: ChainRules, hasher: TransactionHasher): DecodedTransaction {
  if (bytes.length > rules.maxBlockBytes) throw tooLarge(bytes.length, rules.maxBlockBytes);
  try {
    return decodeHashed(bytes, hasher);
  } catch (error) {
    if (isCodedError(error)) throw malformed(error);
    throw error;
  }
}

/** @throws MempoolError `CHAIN_ID_MISMATCH` */
export function requireChain({ body }: DecodedTransaction, rules: ChainRules): void {
  if (body.chainId !== rules.chainId) throw otherChain(rules.chainId, body.chainId);
}

/**
 * What the directory and the time decide: PROTOCOL §Block validity, includable transactions. A transaction that expires
 * a little too far ahead by our clock may be in time by the proposer's.
 *
 * @param nowMs the earliest time of the next block
 * @returns the member whose account sends it
 * @throws MempoolError `TRANSACTION_EXPIRED`, `EXPIRY_TOO_FAR`, `SENDER_UNKNOWN`, `SENDER_SUSPENDED`, `SIGNER_UNKNOWN`,
 * `POLICY_NOT_MET`
 */
export function requireIncludable(
  { body }: DecodedTransaction,
  rules: ChainRules,
  directory: Directory,
  nowMs: TimestampMs,
): string {
  if (body.expiresAt < nowMs) throw expired(nowMs, body.expiresAt);
  const latest = nowMs + rules.referenceWindowMs + rules.maxClockDriftMs;
  if (body.expiresAt > latest) throw expiryTooFar(latest, body.expiresAt);
  const account = directory.account(body.sender);
  if (account === undefined) throw senderUnknown(body.sender);
  if (!account.active) throw senderSuspended(body.sender);
  for (const signer of body.signers) if (directory.key(signer) === undefined) throw signerUnknown(signer);
  const shortfall = directory.shortfall(account, body.signers);
  if (shortfall !== undefined) throw policyNotMet(account, shortfall);
  return account.member;
}

/** One check for each signature. @throws MempoolError `SIGNER_UNKNOWN` */
export function signatureChecks(
  { body, id, signatures }: DecodedTransaction,
  directory: Directory,
): readonly SignatureCheck[] {
  return signatures.map(({ signature }, index) => {
    const signer = body.signers[index];
    const key = signer === undefined ? undefined : directory.key(signer);
    if (key === undefined) throw signerUnknown(signer ?? body.sender);
    return { publicKey: key.publicKey, digest: id, signature };
  });
}
