import { headerHash } from '../../primitives/block.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { verifyCertificate } from '../../primitives/certificate.js';
import { isCodedError } from '../../primitives/errors.js';
import { merkleRoot, type PairHasher } from '../../primitives/merkle.js';
import { decodeOutcomes, decodeReceipt, outcomesRoot, receiptLeaf } from '../../primitives/receipt.js';
import { systemCallId } from '../../primitives/systemCall.js';
import { decodeTransaction, transactionLeaf } from '../../primitives/transaction.js';
import type { BlockHeader, SignatureBackend, Validator } from '../../primitives/types.js';
import { validatorsHash } from '../../primitives/validator.js';
import { StorageError } from './errors.js';
import type { Fault, FaultList } from './faultList.js';
import type { ChainDatabase, TransactionPosition } from './types.js';

export interface VerifyChainModules {
  readonly database: ChainDatabase;
  readonly hasher: PairHasher;
  readonly signatures: SignatureBackend;
}

/** What the next height is checked against. */
interface Position {
  readonly parentHash: Hash;
  readonly timestamp: number;
  readonly validators: readonly Validator[];
}

/**
 * Checks every block from genesis to the head: parent hashes, times, bodies and receipts against their roots, indexes,
 * validator lists and certificates.
 *
 * @returns how many blocks there are
 * @throws StorageError when the database cannot be read
 */
export function verifyChain(modules: VerifyChainModules, faults: FaultList): number {
  const { database } = modules;
  const head = database.head();
  if (head === undefined) return 0;
  let position: Position | undefined;
  for (let height = 0; height <= head.height; height++) {
    const report = (code: string, message: string) =>
      void faults.add({ code, message: `height ${height}: ${message}` });
    try {
      position = verifyHeight(modules, height, position, report);
    } catch (error) {
      if (!isCodedError(error) || error instanceof StorageError) throw error;
      report(error.code, error.message);
      position = undefined;
    }
    if (faults.isFull) return height + 1;
  }
  if (position !== undefined && !equalBytes(position.parentHash, head.blockHash)) {
    faults.add({
      code: 'HEAD_MISMATCH',
      message: `the head names ${toHex(head.blockHash)}, its header hashes otherwise`,
    });
  }
  return head.height + 1;
}

type Report = (code: string, message: string) => void;

/** @returns what the next height is checked against, undefined when this one is not there */
function verifyHeight(
  modules: VerifyChainModules,
  height: number,
  before: Position | undefined,
  report: Report,
): Position | undefined {
  const { database } = modules;
  const header = database.headers.get(height);
  if (header === undefined) {
    report('HEADER_MISSING', 'there is no header');
    return undefined;
  }
  const blockHash = headerHash(header);
  if (header.height !== height) report('HEADER_MISMATCH', `its header is that of height ${header.height}`);
  if (database.heights.get(blockHash) !== height) report('INDEX_MISMATCH', 'its hash does not lead to it');
  if (height === 0 && !equalBytes(header.parentHash, database.genesisHash)) {
    report('PARENT_MISMATCH', 'it does not follow from the genesis hash');
  }
  if (before !== undefined) {
    if (!equalBytes(header.parentHash, before.parentHash))
      report('PARENT_MISMATCH', 'it does not follow the block below');
    if (header.timestamp <= before.timestamp)
      report('TIMESTAMP_MISMATCH', 'its time is not above that of the block below');
    if (!equalBytes(validatorsHash(before.validators), header.validatorsHash)) {
      report('VALIDATORS_MISMATCH', 'its validators are not those that the block below hands over to');
    }
    const fault = certificateFault(modules, { header, blockHash }, before.validators);
    if (fault !== undefined) report(fault.code, fault.message);
  }
  verifyContent(modules, header, report);
  const validators = database.handovers.get(height) ?? before?.validators;
  if (validators === undefined) return undefined;
  if (!equalBytes(validatorsHash(validators), header.nextValidatorsHash)) {
    report('VALIDATORS_MISMATCH', 'the next validators that are kept are not those of its header');
  }
  return { parentHash: blockHash, timestamp: header.timestamp, validators };
}

function certificateFault(
  { database, signatures }: VerifyChainModules,
  { header, blockHash }: { readonly header: BlockHeader; readonly blockHash: Hash },
  validators: readonly Validator[],
): Fault | undefined {
  const certificate = database.certificates.get(header.height);
  if (certificate === undefined) return { code: 'CERTIFICATE_MISSING', message: 'there is no certificate' };
  const isOther = certificate.type !== 'commit' || certificate.height !== header.height;
  if (isOther || !equalBytes(certificate.blockHash, blockHash)) {
    return { code: 'CERTIFICATE_MISMATCH', message: 'its certificate is for something else' };
  }
  return verifyCertificate(certificate, validators, database.genesisHash, signatures);
}

/** Bodies and receipts against the header's roots. */
function verifyContent(modules: VerifyChainModules, header: BlockHeader, report: Report): void {
  const { database, hasher } = modules;
  const { height } = header;
  const bodies = database.bodies.list(height);
  const receipts = database.receipts.list(height);
  if (bodies === undefined || receipts === undefined) {
    report('BODY_MISSING', 'there is no body or there are no receipts');
    return;
  }
  if (bodies.length !== receipts.length && !endsWithSystemCall(modules, height, bodies.length, receipts)) {
    report('RECEIPTS_MISMATCH', `${bodies.length} transactions have ${receipts.length} receipts`);
  }
  if (
    !equalBytes(
      merkleRoot(
        bodies.map((bytes) => transactionLeaf(bytes)),
        hasher,
      ),
      header.txRoot,
    )
  ) {
    report('TRANSACTIONS_MISMATCH', 'its transactions are not those of its header');
  }
  if (
    !equalBytes(
      merkleRoot(
        receipts.map((bytes) => receiptLeaf(bytes)),
        hasher,
      ),
      header.receiptsRoot,
    )
  ) {
    report('RECEIPTS_MISMATCH', 'its receipts are not those of its header');
  }
  bodies.forEach((bytes, index) => {
    verifyTransaction(modules, { height, index }, bytes, receipts[index], report);
  });
}

/** Whether one receipt more than there are transactions is that of the end of the block, and its id leads to it. */
function endsWithSystemCall(
  { database }: VerifyChainModules,
  height: number,
  index: number,
  receipts: readonly Uint8Array[],
): boolean {
  const last = receipts[index];
  if (last === undefined || receipts.length !== index + 1) return false;
  const id = systemCallId(database.genesisHash, height);
  const position = database.positions.get(id);
  return equalBytes(decodeReceipt(last).transactionId, id) && position?.height === height && position.index === index;
}

/** The way from the transaction's id to its place, and the outcomes that its receipt commits to. */
function verifyTransaction(
  { database, hasher }: VerifyChainModules,
  place: TransactionPosition,
  bytes: Uint8Array,
  receiptBytes: Uint8Array | undefined,
  report: Report,
): void {
  const { id } = decodeTransaction(bytes, database.genesisHash);
  const position = database.positions.get(id);
  if (position?.height !== place.height || position.index !== place.index) {
    report('INDEX_MISMATCH', `the id of transaction ${place.index} does not lead to it`);
  }
  if (receiptBytes === undefined) return;
  const receipt = decodeReceipt(receiptBytes);
  if (!equalBytes(receipt.transactionId, id)) {
    report('RECEIPTS_MISMATCH', `receipt ${place.index} is that of another transaction`);
  }
  if (receipt.outcomeCount === 0) return;
  const outcomes = database.outcomes.get(place);
  if (outcomes === undefined || !equalBytes(outcomesRoot(decodeOutcomes(outcomes), hasher), receipt.outcomesRoot)) {
    report('OUTCOMES_MISMATCH', `the outcomes of transaction ${place.index} are not those of its receipt`);
  }
}
