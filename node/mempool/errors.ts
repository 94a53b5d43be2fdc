import type { PolicyShortfall } from '../../contracts/membership/policy.js';
import { type Hash, toHex } from '../../primitives/bytes.js';
import { CodedError, type ErrorDetails } from '../../primitives/errors.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import type { DirectoryAccount } from '../execution/types.js';

/** Why a transaction is not taken in, in the order in which the rules are looked at. */
export type MempoolErrorCode =
  | 'MEMPOOL_BUSY'
  | 'TRANSACTION_MALFORMED'
  | 'TRANSACTION_TOO_LARGE'
  | 'CHAIN_ID_MISMATCH'
  | 'TRANSACTION_QUARANTINED'
  | 'REFERENCE_CONFLICT'
  | 'TRANSACTION_EXPIRED'
  | 'EXPIRY_TOO_FAR'
  | 'SENDER_UNKNOWN'
  | 'SENDER_SUSPENDED'
  | 'SIGNER_UNKNOWN'
  | 'POLICY_NOT_MET'
  | 'URGENT_QUOTA_EXCEEDED'
  | 'FREE_SPACE_LOW'
  | 'MEMPOOL_FULL'
  | 'SIGNATURE_INVALID';

/** A transaction that the mempool does not take in. */
export class MempoolError extends CodedError<MempoolErrorCode> {}

/** Faults of a relayed transaction that its relayer must have seen: it checked, or should have, what it passed on. */
const RELAYER_FAULTS: ReadonlySet<string> = new Set<MempoolErrorCode>([
  'TRANSACTION_MALFORMED',
  'TRANSACTION_TOO_LARGE',
  'CHAIN_ID_MISMATCH',
  'SIGNATURE_INVALID',
]);

export function isRelayerFault(code: string): boolean {
  return RELAYER_FAULTS.has(code);
}

function refusal(code: MempoolErrorCode, expected: string, actual: string, hint: string, more: ErrorDetails = {}) {
  return new MempoolError(code, `expected ${expected}, found ${actual}`, { expected, actual, hint, ...more });
}

export function busy(what: string, limit: number): MempoolError {
  const hint = 'submit again in a moment, or to another node';
  return refusal('MEMPOOL_BUSY', `at most ${limit} ${what} in admission at once`, 'more', hint);
}

export function spaceLow(): MempoolError {
  const hint = 'submit to another node; this one goes on when its disk has room again';
  return refusal('FREE_SPACE_LOW', 'free disk space above the watermark', 'less', hint);
}

export function malformed(error: CodedError): MempoolError {
  const message = `expected the canonical bytes of a signed transaction, found: ${error.message}`;
  return new MempoolError('TRANSACTION_MALFORMED', message, {
    ...error.details,
    cause: error.code,
    hint: 'build and encode transactions with the SDK',
  });
}

export function tooLarge(bytes: number, maxBytes: number): MempoolError {
  const hint = 'split it into several transactions';
  return refusal('TRANSACTION_TOO_LARGE', `at most ${maxBytes} bytes`, `${bytes} bytes`, hint);
}

export function otherChain(expected: string, actual: string): MempoolError {
  const hint = 'sign it for this chain, or submit it to a node of its own';
  return refusal('CHAIN_ID_MISMATCH', `chain ${expected}`, `chain ${actual}`, hint);
}

export function quarantined(id: Hash): MempoolError {
  const hint = 'it, or several others of its sender, broke the executor of this node: report it to the operators';
  return refusal('TRANSACTION_QUARANTINED', 'a transaction that can be executed', toHex(id), hint, {
    transactionId: toHex(id),
  });
}

export function referenceConflict(original: Hash, actual: Hash): MempoolError {
  return refusal(
    'REFERENCE_CONFLICT',
    `a reference that is free, or the transaction ${toHex(original)} that holds it`,
    `another body, ${toHex(actual)}`,
    'use a new reference for a new transaction; for this one, wait for the receipt of the original',
    { transactionId: toHex(actual), originalId: toHex(original) },
  );
}

export function expired(nowMs: TimestampMs, expiresAt: TimestampMs): MempoolError {
  const hint = 'sign it again with a later expiry; until then ask for the receipt of this one';
  return refusal('TRANSACTION_EXPIRED', `an expiry of at least ${nowMs}`, `${expiresAt}`, hint);
}

export function expiryTooFar(latest: TimestampMs, expiresAt: TimestampMs): MempoolError {
  const hint = 'sign it again with an earlier expiry';
  return refusal('EXPIRY_TOO_FAR', `an expiry of at most ${latest}`, `${expiresAt}`, hint);
}

export function senderUnknown(sender: Address): MempoolError {
  const hint = 'register the account first, or wait until its registration is final';
  return refusal('SENDER_UNKNOWN', 'a registered account as sender', sender, hint);
}

export function senderSuspended(sender: Address): MempoolError {
  const hint = 'ask the authority that suspended the account or its member';
  return refusal('SENDER_SUSPENDED', 'an active account as sender', `${sender}, which is suspended`, hint);
}

export function signerUnknown(signer: Address): MempoolError {
  const hint = 'register the key first, or sign with registered keys only';
  return refusal('SIGNER_UNKNOWN', 'registered keys as signers', signer, hint);
}

export function policyNotMet(
  { account, threshold, checkers }: DirectoryAccount,
  { signatures, checker, maker }: PolicyShortfall,
): MempoolError {
  const kinds = checkers.length > 0 ? ', of a checker and of a key that is none among them' : '';
  const lacking = [
    ...(signatures > 0 ? [`${threshold - signatures}`] : []),
    ...(checker ? ['none of a checker'] : []),
    ...(maker ? ['none of another key than a checker’s'] : []),
  ];
  return refusal(
    'POLICY_NOT_MET',
    `at least ${threshold} signatures by active keys of ${account}${kinds}`,
    lacking.join(', '),
    'let further keys of the account sign the same body',
  );
}

export function urgentQuotaExceeded(member: string, limit: number, nextWindowMs: TimestampMs): MempoolError {
  return refusal(
    'URGENT_QUOTA_EXCEEDED',
    `at most ${limit} urgent transactions of ${member}, included and waiting, in one quota window`,
    'one more',
    'send it as a normal one, under the same reference; urgent ones have room again when those that wait are final and, ' +
      `where they use up the window, from ${new Date(nextWindowMs).toISOString()} on`,
    { member, nextWindowMs },
  );
}

export function full(member: string, what: string, limit: number): MempoolError {
  return refusal(
    'MEMPOOL_FULL',
    `room for ${member} in the ${what} of waiting transactions`,
    `its share of ${limit} and all that is shared used up`,
    'submit again when some are final, or to another node',
    { member },
  );
}

export function signatureInvalid(signer: Address): MempoolError {
  const hint = 'sign the transaction’s id with the key of this address';
  return refusal('SIGNATURE_INVALID', `a valid signature of ${signer}`, 'one that is not', hint, { signer });
}
