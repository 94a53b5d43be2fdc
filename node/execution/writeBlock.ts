import { equalBytes } from '../../primitives/bytes.js';
import { VERSION_ITEM } from '../../primitives/format.js';
import { encodeListOf } from '../../primitives/rlp.js';
import type { Certificate } from '../../primitives/types.js';
import type { CommittedState } from '../state/types.js';
import type { ChainDatabase } from '../storage/types.js';
import type { Candidate } from './executeBlock.js';

/**
 * Writes everything of a decided height as one atomic, synced batch: a node has either all of it or none. Memory follows
 * the disk before this resolves.
 *
 * @throws StorageError: the node must stop
 */
export async function writeBlock(
  { block, blockHash, result }: Candidate,
  certificate: Certificate,
  { database, state }: { readonly database: ChainDatabase; readonly state: CommittedState },
): Promise<void> {
  const { header, transactions } = block;
  const { height } = header;
  const batch = database.batch();
  database.headers.put(batch, height, header);
  database.heights.put(batch, blockHash, height);
  database.certificates.put(batch, height, certificate);
  database.bodies.put(batch, height, transactions);
  const receipts = result.executed.map(({ receiptBytes }) => receiptBytes);
  if (result.system !== undefined) {
    database.positions.put(batch, result.system.receipt.transactionId, { height, index: receipts.length });
    receipts.push(result.system.receiptBytes);
  }
  database.receipts.put(batch, height, receipts);
  for (const [index, { id }] of result.transactions.entries()) {
    database.positions.put(batch, id, { height, index });
    const outcomes = result.executed[index]?.outcomes ?? [];
    if (outcomes.length > 0) database.outcomes.put(batch, { height, index }, joinOutcomes(outcomes));
  }
  if (!equalBytes(header.validatorsHash, header.nextValidatorsHash)) {
    database.handovers.put(batch, height, result.nextValidators);
  }
  result.references.commit(batch);
  result.usedOnce.commit(batch);
  state.commit(result.prepared, batch);
  database.putHead(batch, { height, blockHash });
  await batch.write();
}

/** The same bytes as `encodeOutcomes` of the outcomes, which are encoded already. */
function joinOutcomes(outcomes: readonly Uint8Array[]): Uint8Array {
  return encodeListOf([VERSION_ITEM, encodeListOf(outcomes)]);
}
