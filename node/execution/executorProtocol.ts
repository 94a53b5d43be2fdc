import type { Genesis } from '../../genesis/types.js';
import { decodeBlock, decodeHeader, encodeBlock, encodeHeader } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import { decodeCertificate, encodeCertificate } from '../../primitives/certificate.js';
import { CodedError, type ErrorDetails, invariant } from '../../primitives/errors.js';
import type { Address, Block, BlockProofs, FinalityProof, FinalityUpdate, Outcome } from '../../primitives/types.js';
import { type PackedReceipts, packReceipts, unpackReceipts } from './committedReceipts.js';
import type { News } from './news.js';
import type { ReceiptsProofsAnswer } from './receiptsProofs.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  CommitResult,
  ContractKey,
  ExecuteResult,
  ReceiptRecord,
  SimulationRequest,
  SimulationResult,
  StateProofAnswer,
  TransactionRecord,
} from './types.js';
import { type PackedBytes, type PackedIncluded, type PackedReferences, packIncluded, unpackIncluded } from './wire.js';

/** What the main thread and the executor's thread say to each other. */

export type WireCommitResult = Omit<CommitResult, 'included' | 'receipts'> & {
  readonly included: PackedIncluded;
  readonly receipts?: PackedReceipts;
};
export type WireBuildRequest = Omit<BuildRequest, 'transactions'> & { readonly transactions: PackedBytes };
/** Who asked has the bytes: the block's transactions are told by their places among the candidates. */
export type WireBuildResult = Omit<BuildResult, 'block'> & {
  readonly header: Uint8Array;
  readonly positions: Uint32Array<ArrayBuffer>;
};
/** A block, and its certificate. */
export type WireCertified = readonly [block: Uint8Array<ArrayBuffer>, certificate: Uint8Array];

/** Arguments and result of every request, as they cross the border. */
export interface ExecutorCalls {
  start: { args: readonly []; result: WireCommitResult };
  stop: { args: readonly []; result: undefined };
  build: { args: readonly [WireBuildRequest]; result: WireBuildResult };
  execute: { args: readonly [block: Uint8Array]; result: ExecuteResult };
  commit: {
    args: readonly [block: Uint8Array, certificate: Uint8Array, wantsReceipts: boolean];
    result: WireCommitResult;
  };
  /** Of a block that executed in this thread; undefined where it is not known any more. */
  commitExecuted: {
    args: readonly [blockHash: Hash, certificate: Uint8Array, wantsReceipts: boolean];
    result: WireCommitResult | undefined;
  };
  commitAll: { args: readonly [blocks: readonly WireCertified[]]; result: readonly WireCommitResult[] };
  blocks: { args: readonly [fromHeight: number, maxCount: number, maxBytes: number]; result: readonly WireCertified[] };
  blockHash: { args: readonly [height: number]; result: Hash | undefined };
  receipt: { args: readonly [transactionId: Hash]; result: ReceiptRecord | undefined };
  proof: {
    args: readonly [transactionId: Hash, outcomeReference: string | undefined];
    result: FinalityProof | undefined;
  };
  proofs: { args: readonly [transactionIds: readonly Hash[]]; result: readonly BlockProofs[] };
  receiptsProofs: { args: readonly [transactionIds: readonly Hash[], since: number]; result: ReceiptsProofsAnswer };
  transaction: { args: readonly [transactionId: Hash]; result: TransactionRecord | undefined };
  outcomes: { args: readonly [transactionId: Hash]; result: readonly Outcome[] | undefined };
  referenceOwner: { args: readonly [sender: Address, reference: Uint8Array]; result: Hash | undefined };
  referenceOwners: { args: readonly [references: PackedReferences]; result: readonly (Hash | undefined)[] };
  view: { args: readonly [contract: string, method: string, args: Uint8Array]; result: Uint8Array };
  simulate: { args: readonly [request: SimulationRequest]; result: SimulationResult };
  finalityUpdate: { args: readonly [sinceHeight: number]; result: FinalityUpdate | undefined };
  stateProof: { args: readonly [keys: readonly ContractKey[]]; result: StateProofAnswer };
}

export type ExecutorMethod = keyof ExecutorCalls;

export type CallMessage = {
  [M in ExecutorMethod]: { readonly id: number; readonly method: M; readonly args: ExecutorCalls[M]['args'] };
}[ExecutorMethod];

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
}

export type ReplyMessage =
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown; readonly news?: News }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError; readonly news?: News }
  /** The executor has stopped for good: the node must end. */
  | { readonly kind: 'fatal'; readonly error: WireError };

/** What the worker is started with. */
export interface ExecutorWorkerData {
  readonly genesis: Genesis;
  readonly databasePath: string;
  /** Memory of the thread's `RunningWork`. */
  readonly workMemory: SharedArrayBuffer;
}

export function toWireError(error: unknown): WireError {
  if (error instanceof CodedError) {
    const { code, message, details } = error as CodedError;
    return { code, message, details };
  }
  return {
    code: 'INTERNAL_ERROR',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    details: {},
  };
}

/** The class stays behind at the border; code, message and details cross it. */
export function fromWireError({ code, message, details }: WireError): CodedError {
  return new CodedError(code, message, details);
}

/** A block as one buffer of its own, which a message may hand over. */
export function blockToWire(block: Block): Uint8Array<ArrayBuffer> {
  return encodeBlock(block) as Uint8Array<ArrayBuffer>;
}

export function blockFromWire(bytes: Uint8Array): Block {
  return decodeBlock(bytes);
}

/** @param candidates what was asked to be built from, the very arrays of which the block consists */
export function builtToWire({ block, ...rest }: BuildResult, candidates: readonly Uint8Array[]): WireBuildResult {
  const places = new Map(candidates.map((bytes, index) => [bytes, index]));
  const positions = Uint32Array.from(block.transactions, (bytes) => {
    const place = places.get(bytes);
    invariant(place !== undefined, 'a block is built of its candidates');
    return place;
  });
  return { ...rest, header: encodeHeader(block.header), positions };
}

export function builtFromWire(
  { header, positions, ...rest }: WireBuildResult,
  candidates: readonly Uint8Array[],
): BuildResult {
  const transactions = Array.from(positions, (place) => candidates[place] as Uint8Array);
  return { ...rest, block: { header: decodeHeader(header), transactions } };
}

export function certifiedToWire({ block, certificate }: CertifiedBlock): WireCertified {
  return [blockToWire(block), encodeCertificate(certificate)];
}

export function certifiedFromWire([block, certificate]: WireCertified): CertifiedBlock {
  return { block: blockFromWire(block), certificate: decodeCertificate(certificate) };
}

/** @param wantsReceipts whether they cross the border */
export function commitResultToWire(
  { head, included, directory, receipts }: CommitResult,
  wantsReceipts: boolean,
): WireCommitResult {
  const packed = wantsReceipts && receipts !== undefined ? { receipts: packReceipts(receipts) } : {};
  return { head, included: packIncluded(included), directory, ...packed };
}

export function commitResultFromWire({ head, included, directory, receipts }: WireCommitResult): CommitResult {
  const committed = { head, included: unpackIncluded(included), directory };
  return receipts === undefined
    ? committed
    : { ...committed, receipts: unpackReceipts(receipts, head.header.receiptsRoot) };
}
