import type { Hash } from '../../primitives/bytes.js';
import type { DecodedTransaction } from '../../primitives/types.js';
import type { SignatureCheck, SignatureVerifier } from '../signatures/types.js';
import { byteString } from '../storage/rowCodec.js';
import { signatureChecks } from './admissionRules.js';
import type { Directory } from './directory.js';
import { MempoolError } from './errors.js';

/** Why a proposed block is not to be executed: its first fault. */
export interface ProposalFault {
  readonly code: string;
  readonly message: string;
}

/** What the mempool knows that a proposal need not be checked for again. */
export interface KnownTransactions {
  /** @throws MempoolError `TRANSACTION_TOO_LARGE`, `TRANSACTION_MALFORMED` */
  decode(bytes: Uint8Array): DecodedTransaction;
  isChecked(leafKey: string): boolean;
  onChecked(leafKey: string): void;
}

interface Unchecked {
  readonly position: number;
  readonly leafKey: string;
  readonly checks: readonly SignatureCheck[];
}

/**
 * Checks the signatures of a proposed block's transactions, those that were not checked before, ahead of everything that
 * waits at the door.
 *
 * @param leafHashes the transactions' own, in their order
 * @throws CodedError `VERIFIER_…` when they cannot be checked now: then nothing is known about the block
 */
export async function checkProposal(
  transactions: readonly Uint8Array[],
  leafHashes: readonly Hash[],
  modules: {
    readonly known: KnownTransactions;
    readonly directory: Directory;
    readonly verifier: SignatureVerifier;
    readonly onChecks: (count: number) => void;
  },
): Promise<ProposalFault | undefined> {
  const { known, directory, verifier } = modules;
  const unchecked: Unchecked[] = [];
  try {
    for (const [position, bytes] of transactions.entries()) {
      const leafKey = byteString(leafHashes[position] as Hash);
      if (known.isChecked(leafKey)) continue;
      const transaction = known.decode(bytes);
      unchecked.push({ position, leafKey, checks: signatureChecks(transaction, directory) });
    }
  } catch (error) {
    if (error instanceof MempoolError) return { code: error.code, message: error.message };
    throw error;
  }
  const checks = unchecked.flatMap((one) => one.checks);
  if (checks.length === 0) return undefined;
  modules.onChecks(checks.length);
  return firstInvalid(unchecked, await verifier.verifyMany(checks, 'urgent'), known);
}

function firstInvalid(
  unchecked: readonly Unchecked[],
  answers: readonly boolean[],
  known: KnownTransactions,
): ProposalFault | undefined {
  let fault: ProposalFault | undefined;
  let next = 0;
  for (const { position, leafKey, checks } of unchecked) {
    const first = next;
    next += checks.length;
    const isValid = checks.every((_, index) => answers[first + index] === true);
    if (isValid) known.onChecked(leafKey);
    else
      fault ??= {
        code: 'SIGNATURE_INVALID',
        message: `expected valid signatures, found an invalid one at position ${position}`,
      };
  }
  return fault;
}
