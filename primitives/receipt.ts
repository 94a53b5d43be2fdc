import { equalBytes, type Hash } from './bytes.js';
import {
  bytesItem,
  formatError,
  hashItem,
  nameItem,
  openFormat,
  optionalNameItem,
  readFormat,
  readItems,
  readName,
  readUint,
  requireCount,
  requireSize,
  uintItem,
  VERSION_ITEM,
} from './format.js';
import { TAGS, taggedHash } from './hash.js';
import { LIMITS } from './limits.js';
import { EMPTY_TREE_ROOT, merkleRoot, type PairHasher, pureHasher } from './merkle.js';
import { encode, encodeListOf, encodeUint, type RlpInput, type RlpReader, readHash } from './rlp.js';
import type { ContractEvent, Outcome, Receipt } from './types.js';

/** PROTOCOL §Formats, Receipt and Outcome. */

/** `contract.method`, each a name. */
const MAX_FAILED_CALL_BYTES = 2 * LIMITS.nameBytes + 1;

const BOUNDS = {
  events: { min: 0, max: LIMITS.eventsPerTransaction, field: 'events' },
  results: { min: 0, max: LIMITS.callsPerTransaction, field: 'results' },
} as const;

/** @throws FormatError when a field is out of its bounds or contradicts another */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  requireConsistent(receipt);
  requireCount(receipt.events.length, 0, BOUNDS.events.max, 'events');
  requireCount(receipt.results.length, 0, BOUNDS.results.max, 'results');
  const bytes = encode([
    VERSION_ITEM,
    hashItem(receipt.transactionId, 'transactionId'),
    encodeUint(receipt.success ? 1 : 0),
    optionalNameItem(receipt.code, 'code'),
    optionalNameItem(receipt.failedCall, 'failedCall', MAX_FAILED_CALL_BYTES),
    bytesItem(receipt.errorData, 'errorData', 0, LIMITS.receiptBytes),
    uintItem(receipt.fuelUsed, 'fuelUsed'),
    receipt.events.map(eventItem),
    receipt.results.map((result) => bytesItem(result, 'results', 0, LIMITS.receiptBytes)),
    hashItem(receipt.outcomesRoot, 'outcomesRoot'),
    uintItem(receipt.outcomeCount, 'outcomeCount', LIMITS.outcomesPerTransaction),
  ]);
  requireSize(bytes.length, LIMITS.receiptBytes, 'receipt');
  return bytes;
}

function eventItem(event: ContractEvent): RlpInput {
  return [
    nameItem(event.contract, 'events.contract'),
    nameItem(event.name, 'events.name'),
    bytesItem(event.data, 'events.data', 0, LIMITS.receiptBytes),
  ];
}

/** Reads a receipt; its byte fields are views of `bytes`. @throws RlpError, FormatError */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  return readReceiptFields(openFormat(bytes, LIMITS.receiptBytes, 'receipt'));
}

/** A receipt inside another format. */
export function readReceipt(reader: RlpReader): Receipt {
  return readReceiptFields(readFormat(reader, 'receipt'));
}

function readReceiptFields(list: RlpReader): Receipt {
  const receipt: Receipt = {
    transactionId: readHash(list, 'transactionId'),
    success: readUint(list, 'success', 1) === 1,
    code: list.string(LIMITS.nameBytes, 'code'),
    failedCall: list.string(MAX_FAILED_CALL_BYTES, 'failedCall'),
    errorData: list.bytes(LIMITS.receiptBytes, 'errorData'),
    fuelUsed: readUint(list, 'fuelUsed'),
    events: readItems(list, BOUNDS.events, readEvent),
    results: readItems(list, BOUNDS.results, readResult),
    outcomesRoot: readHash(list, 'outcomesRoot'),
    outcomeCount: readUint(list, 'outcomeCount', LIMITS.outcomesPerTransaction),
  };
  list.done('receipt');
  requireConsistent(receipt);
  return receipt;
}

function readEvent(reader: RlpReader): ContractEvent {
  const item = reader.list('events');
  const contract = readName(item, 'events.contract');
  const name = readName(item, 'events.name');
  const data = item.bytes(LIMITS.receiptBytes, 'events.data');
  item.done('events');
  return { contract, name, data };
}

function readResult(reader: RlpReader): Uint8Array {
  return reader.bytes(LIMITS.receiptBytes, 'results');
}

/** A receipt says one thing: success without a failure's fields, or a failure without effects. */
function requireConsistent(receipt: Receipt): void {
  const { success, code, failedCall, errorData, events, results, outcomeCount, outcomesRoot } = receipt;
  if (success && (code !== '' || failedCall !== '' || errorData.length > 0)) {
    throw formatError('INCONSISTENT', 'code', 'no failure in a success', `"${code}" of "${failedCall}"`);
  }
  if (!success && (code === '' || events.length > 0 || results.length > 0)) {
    throw formatError('INCONSISTENT', 'code', 'a code, no events and no results in a failure', `"${code}"`);
  }
  if ((outcomeCount === 0) !== equalBytes(outcomesRoot, EMPTY_TREE_ROOT)) {
    throw formatError('INCONSISTENT', 'outcomesRoot', 'the root of outcomeCount outcomes', `${outcomeCount}`);
  }
}

/** Leaf of the receipts' tree: H(tag ‖ receipt). */
export function receiptLeaf(bytes: Uint8Array): Hash {
  return taggedHash(TAGS.receiptLeaf, bytes);
}

/** A receipt's identity: its leaf. */
export function receiptId(receipt: Receipt): Hash {
  return receiptLeaf(encodeReceipt(receipt));
}

// ---- outcomes: what became of each payment of a batch, one leaf each in a tree of the receipt's own

/** Reference, code, version and prefixes. */
const MAX_OUTCOME_BYTES = LIMITS.businessReferenceBytes + LIMITS.nameBytes + 16;
const MAX_OUTCOMES_BYTES = LIMITS.outcomesPerTransaction * MAX_OUTCOME_BYTES + 16;

/** @throws FormatError */
export function encodeOutcome(outcome: Outcome): Uint8Array {
  return encode([
    VERSION_ITEM,
    nameItem(outcome.reference, 'reference', LIMITS.businessReferenceBytes),
    optionalNameItem(outcome.code, 'code'),
  ]);
}

/** @throws RlpError, FormatError */
export function decodeOutcome(bytes: Uint8Array): Outcome {
  return readOutcomeFields(openFormat(bytes, MAX_OUTCOME_BYTES, 'outcome'));
}

/** An outcome inside another format. */
export function readOutcome(reader: RlpReader): Outcome {
  return readOutcomeFields(readFormat(reader, 'outcome'));
}

function readOutcomeFields(list: RlpReader): Outcome {
  const outcome: Outcome = {
    reference: readName(list, 'reference', LIMITS.businessReferenceBytes),
    code: list.string(LIMITS.nameBytes, 'code'),
  };
  list.done('outcome');
  return outcome;
}

/** Leaf of the outcomes' tree: H(tag ‖ outcome). */
export function outcomeLeaf(bytes: Uint8Array): Hash {
  return taggedHash(TAGS.outcomeLeaf, bytes);
}

/** All outcomes of one transaction, in the payments' order. @throws FormatError */
export function encodeOutcomes(outcomes: readonly Outcome[]): Uint8Array {
  requireCount(outcomes.length, 0, LIMITS.outcomesPerTransaction, 'outcomes');
  return encodeListOf([VERSION_ITEM, encodeListOf(outcomes.map(encodeOutcome))]);
}

/** @throws RlpError, FormatError */
export function decodeOutcomes(bytes: Uint8Array): Outcome[] {
  const list = openFormat(bytes, MAX_OUTCOMES_BYTES, 'outcomes');
  const outcomes = readItems(list, { min: 0, max: LIMITS.outcomesPerTransaction, field: 'outcomes' }, readOutcome);
  list.done('outcomes');
  return outcomes;
}

/** Root over the outcomes in their order, as the receipt holds it. */
export function outcomesRoot(outcomes: readonly Outcome[], hasher: PairHasher = pureHasher): Hash {
  return merkleRoot(
    outcomes.map((outcome) => outcomeLeaf(encodeOutcome(outcome))),
    hasher,
  );
}
