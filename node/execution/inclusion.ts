import type { GenesisParameters } from '../../genesis/types.js';
import type { Hash } from '../../primitives/bytes.js';
import type { Address, DecodedTransaction, TimestampMs } from '../../primitives/types.js';
import type { BlockReferences } from '../state/types.js';
import type { BlockQuotas } from './blockQuotas.js';
import { fault } from './blockRules.js';
import type { BlockFault, InclusionFaultCode } from './errors.js';
import type { BlockRegistry } from './registryCache.js';

/** What decides whether a transaction may stand at the next position of a block. */
export interface InclusionContext {
  readonly chainId: string;
  readonly timestamp: TimestampMs;
  readonly parameters: GenesisParameters;
  /** Keys registered before the block: a signature can only have been checked against such a key. */
  readonly isRegistered: (key: Address) => boolean;
  /** Accounts and policies at this position. */
  readonly registry: BlockRegistry;
  readonly references: BlockReferences;
  readonly quotas: BlockQuotas;
}

/** The member whose quota an includable transaction counts against, or the first rule that it breaks here. */
export type Inclusion = { readonly member: string } | { readonly refusal: BlockFault };

/** PROTOCOL §Includable transactions I1–I8. */
export function checkInclusion(transaction: DecodedTransaction, context: InclusionContext): Inclusion {
  const refusal = checkBody(transaction, context);
  if (refusal !== undefined) return { refusal };
  return checkSender(transaction, context);
}

/** PROTOCOL §Includable transactions I1–I3: what the state before the block decides. */
function checkBody({ body, id }: DecodedTransaction, context: InclusionContext): BlockFault | undefined {
  const { timestamp, parameters } = context;
  if (body.chainId !== context.chainId) {
    return fault('CHAIN_ID_MISMATCH', `chain ${context.chainId}`, `chain ${body.chainId}`, id);
  }
  if (timestamp > body.expiresAt) {
    return fault('TRANSACTION_EXPIRED', `expiresAt of at least ${timestamp}`, `${body.expiresAt}`, id);
  }
  const latest = timestamp + parameters.referenceWindowMs;
  if (body.expiresAt > latest)
    return fault('EXPIRY_TOO_FAR', `expiresAt of at most ${latest}`, `${body.expiresAt}`, id);
  for (const signer of body.signers) {
    if (!context.isRegistered(signer)) {
      return fault('SIGNER_UNKNOWN', 'signers registered before the block', signer, id);
    }
  }
  return undefined;
}

/** PROTOCOL §Includable transactions I4–I8: what earlier transactions of the block decide, too. */
function checkSender({ body, id }: DecodedTransaction, context: InclusionContext): Inclusion {
  const { parameters, registry } = context;
  const sender = registry.account(body.sender);
  if (sender === undefined) return refuse('SENDER_UNKNOWN', 'a registered account as sender', body.sender, id);
  if (!registry.authorises(body.sender, body.signers)) {
    return refuse('POLICY_NOT_MET', `signers that meet the policy of ${body.sender}`, body.signers.join(', '), id);
  }
  if (!context.references.isFree(body.sender, body.reference)) {
    return refuse('REFERENCE_IN_USE', 'a reference that is free', 'one that another transaction holds', id);
  }
  if (!context.quotas.hasRoom(sender.member)) {
    const expected = `at most ${parameters.quotaTransactions} transactions of ${sender.member} in this window`;
    return refuse('QUOTA_EXCEEDED', expected, 'one more', id);
  }
  if (body.priority === 'urgent' && !context.quotas.hasUrgentRoom(sender.member)) {
    const expected = `at most ${parameters.urgentQuotaTransactions} urgent transactions of ${sender.member} in this window`;
    return refuse('URGENT_QUOTA_EXCEEDED', expected, 'one more', id);
  }
  return { member: sender.member };
}

function refuse(code: InclusionFaultCode, expected: string, actual: string, id: Hash): Inclusion {
  return { refusal: fault(code, expected, actual, id) };
}
