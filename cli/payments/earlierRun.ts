import type { FinalTransaction } from '../../client/outcomes.js';
import { equalBytes, fromHex, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { decodeTransaction } from '../../primitives/transaction.js';
import type { Call, TransactionBody } from '../../primitives/types.js';
import type { SettlementSession } from './settlementSession.js';

/** A transaction that an earlier run sent under the same reference, as a refusal names it. */
export interface EarlierClaim {
  readonly originalId: Hex;
  /** What this run would have sent in its place. */
  readonly body: TransactionBody;
}

/** What is proven of an earlier transaction. */
export type EarlierOutcome =
  | { readonly status: 'final'; readonly final: FinalTransaction }
  /** Not final yet, or not what it was said to be. */
  | { readonly status: 'unknown' };

const LOOKUPS_AT_ONCE = 8;

/** The id of the transaction that holds the reference, from a refusal `REFERENCE_CONFLICT`. */
export function originalOf(error: unknown): Hex | undefined {
  if (!isCodedError(error) || error.code !== 'REFERENCE_CONFLICT') return undefined;
  const id = error.details['originalId'];
  return typeof id === 'string' && /^0x[0-9a-f]{64}$/.test(id) ? (id as Hex) : undefined;
}

/**
 * Waits for earlier transactions and checks that each is the one that it is said to be: its bytes have the id, are sent
 * for the same account under the same reference, and make the same calls. A node's word alone counts for nothing.
 */
export async function settleEarlier(
  session: SettlementSession,
  claims: readonly EarlierClaim[],
): Promise<readonly EarlierOutcome[]> {
  const finals = await session.client.waitMany(claims.map(({ originalId }) => originalId));
  const outcomes: EarlierOutcome[] = [];
  for (let start = 0; start < claims.length; start += LOOKUPS_AT_ONCE) {
    const part = claims.slice(start, start + LOOKUPS_AT_ONCE);
    outcomes.push(...(await Promise.all(part.map((claim) => settleOne(session, claim, finals.get(claim.originalId))))));
  }
  return outcomes;
}

async function settleOne(
  session: SettlementSession,
  claim: EarlierClaim,
  final: FinalTransaction | undefined,
): Promise<EarlierOutcome> {
  if (final === undefined) return { status: 'unknown' };
  try {
    const { bytes } = await session.client.call('transaction', { id: claim.originalId });
    const original = decodeTransaction(fromHex(bytes), session.network.genesisHash);
    const isClaimed = toHex(original.id) === claim.originalId && isSameBusiness(original.body, claim.body);
    return isClaimed ? { status: 'final', final } : { status: 'unknown' };
  } catch (error) {
    // One node's bad or missing answer leaves one payment open, and stops no other.
    if (!isCodedError(error)) throw error;
    return { status: 'unknown' };
  }
}

function isSameBusiness(a: TransactionBody, b: TransactionBody): boolean {
  return (
    a.sender === b.sender &&
    equalBytes(a.reference, b.reference) &&
    a.calls.length === b.calls.length &&
    a.calls.every((call, i) => isSameCall(call, b.calls[i]))
  );
}

function isSameCall(a: Call, b: Call | undefined): boolean {
  return b !== undefined && a.contract === b.contract && a.method === b.method && equalBytes(a.args, b.args);
}
