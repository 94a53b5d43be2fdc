import type { Genesis } from '../../genesis/types.js';
import { decodeBlock, encodeBlock } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import { decodeCertificate, encodeCertificate } from '../../primitives/certificate.js';
import { CodedError, type ErrorDetails } from '../../primitives/errors.js';
import type { Address, Block, BlockProofs, FinalityProof, FinalityUpdate, Outcome } from '../../primitives/types.js';
import type { News } from './news.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  CommitResult,
  ContractKey,
  ExecuteResult,
  IncludedTransaction,
  ReceiptRecord,
  SenderReference,
  SimulationRequest,
  SimulationResult,
  StateProofAnswer,
  TransactionRecord,
} from './types.js';
import { type PackedBytes, type PackedIncluded, packIncluded, unpackIncluded } from './wire.js';

/** What the main thread and the executor's thread say to each other. */

export type WireCommitResult = Omit<CommitResult, 'included'> & { readonly included: PackedIncluded };
export type WireBuildRequest = Omit<BuildRequest, 'transactions'> & { readonly transactions: PackedBytes };
export type WireBuildResult = Omit<BuildResult, 'block'> & { readonly block: Uint8Array<ArrayBuffer> };
/** A block, and its certificate. */
export type WireCertified = readonly [block: Uint8Array<ArrayBuffer>, certificate: Uint8Array];

/** Arguments and result of every request, as they cross the border. */
export interface ExecutorCalls {
  start: { args: readonly []; result: WireCommitResult };
  stop: { args: readonly []; result: undefined };
  build: { args: readonly [WireBuildRequest]; result: WireBuildResult };
  execute: { args: readonly [block: Uint8Array]; result: ExecuteResult };
  commit: { args: readonly [block: Uint8Array, certificate: Uint8Array]; result: WireCommitResult };
  commitAll: { args: readonly [blocks: readonly WireCertified[]]; result: readonly WireCommitResult[] };
  blocks: { args: readonly [fromHeight: number, maxCount: number, maxBytes: number]; result: readonly WireCertified[] };
  blockHash: { args: readonly [height: number]; result: Hash | undefined };
  receipt: { args: readonly [transactionId: Hash]; result: ReceiptRecord | undefined };
  proof: {
    args: readonly [transactionId: Hash, outcomeReference: string | undefined];
    result: FinalityProof | undefined;
  };
  proofs: { args: readonly [transactionIds: readonly Hash[]]; result: readonly BlockProofs[] };
  transaction: { args: readonly [transactionId: Hash]; result: TransactionRecord | undefined };
  outcomes: { args: readonly [transactionId: Hash]; result: readonly Outcome[] | undefined };
  referenceOwner: { args: readonly [sender: Address, reference: Uint8Array]; result: Hash | undefined };
  referenceOwners: { args: readonly [references: readonly SenderReference[]]; result: readonly (Hash | undefined)[] };
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
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: WireError }
  | { readonly kind: 'news'; readonly news: News }
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

export function certifiedToWire({ block, certificate }: CertifiedBlock): WireCertified {
  return [blockToWire(block), encodeCertificate(certificate)];
}

export function certifiedFromWire([block, certificate]: WireCertified): CertifiedBlock {
  return { block: blockFromWire(block), certificate: decodeCertificate(certificate) };
}

export function commitResultToWire({ head, included, directory }: CommitResult): WireCommitResult {
  return { head, included: packIncluded(included), directory };
}

export function commitResultFromWire({ head, included, directory }: WireCommitResult): CommitResult {
  return { head, included: unpackIncluded(included) as readonly IncludedTransaction[], directory };
}
