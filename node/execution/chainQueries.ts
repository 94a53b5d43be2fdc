import { namespaceOf } from '../../contracts/runtime/namespaces.js';
import type { Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { LIMITS } from '../../primitives/limits.js';
import { decodeReceipt } from '../../primitives/receipt.js';
import { encodeSeal } from '../../primitives/receiptsProof.js';
import type { StateFactProof } from '../../primitives/stateFinality.js';
import type {
  Address,
  Block,
  BlockHeader,
  BlockProofs,
  Certificate,
  FinalityProof,
  FinalityUpdate,
  Handover,
  Outcome,
  OutcomeProof,
} from '../../primitives/types.js';
import type { CommittedState, ReferenceReader } from '../state/types.js';
import type { ChainDatabase, TransactionPosition } from '../storage/types.js';
import { ExecutionError } from './errors.js';
import type { ProofTrees } from './proofTrees.js';
import { fittingIndices, type ProvenReceipts, proveReceipts, type ReceiptsProofsAnswer } from './receiptsProofs.js';
import type {
  ChainHead,
  ContractKey,
  ReceiptRecord,
  SenderReference,
  StateProofAnswer,
  TransactionRecord,
} from './types.js';

/** Bounds of one answer, so that no query keeps consensus waiting for long. */
const QUERY_LIMITS = {
  blocks: 1_024,
  /** One block at the least, however large. */
  blocksBytes: 16_777_216,
  proofs: 1_000,
  proofsBytes: 16_777_216,
} as const;

/** Rough bytes of a header and a certificate. */
const SEAL_BYTES = 1_024;

export interface ChainQueryModules {
  readonly database: ChainDatabase;
  readonly state: CommittedState;
  readonly references: ReferenceReader;
  readonly trees: ProofTrees;
  readonly head: () => ChainHead;
  /** Heights above 0 whose header hands over to other validators, ascending. */
  readonly handoverHeights: () => readonly number[];
}

/** Reads of the committed chain. Every answer is of one head: nothing is written while one of them runs. */
export class ChainQueries {
  readonly #modules: ChainQueryModules;

  constructor(modules: ChainQueryModules) {
    this.#modules = modules;
  }

  blocks(
    fromHeight: number,
    maxCount: number,
    maxBytes: number,
  ): readonly { block: Block; certificate: Certificate }[] {
    const { database } = this.#modules;
    const last = Math.min(this.#height(), fromHeight + Math.min(maxCount, QUERY_LIMITS.blocks) - 1);
    const found: { block: Block; certificate: Certificate }[] = [];
    let bytes = 0;
    for (let height = Math.max(1, fromHeight); height <= last; height++) {
      const transactions = database.bodies.list(height);
      invariant(transactions !== undefined, 'a committed height has a body', { height });
      bytes += transactions.reduce((total, transaction) => total + transaction.length, SEAL_BYTES);
      if (found.length > 0 && bytes > Math.min(maxBytes, QUERY_LIMITS.blocksBytes)) break;
      found.push({ block: { header: this.#header(height), transactions }, certificate: this.#certificate(height) });
    }
    return found;
  }

  blockHash(height: number): Hash | undefined {
    const { blockHash } = this.#modules.head();
    if (height === this.#height()) return blockHash;
    // A block's hash stands in its child.
    return height >= 0 && height < this.#height() ? this.#header(height + 1).parentHash : undefined;
  }

  receipt(transactionId: Hash): ReceiptRecord | undefined {
    const position = this.#position(transactionId);
    return position === undefined ? undefined : { ...position, receipt: decodeReceipt(this.#receiptBytes(position)) };
  }

  transaction(transactionId: Hash): TransactionRecord | undefined {
    const position = this.#position(transactionId);
    if (position === undefined) return undefined;
    const bytes = this.#modules.database.bodies.get(position.height, position.index);
    // A system call has a receipt and no transaction.
    return bytes === undefined ? undefined : { ...position, bytes };
  }

  outcomes(transactionId: Hash): readonly Outcome[] | undefined {
    const position = this.#position(transactionId);
    if (position === undefined) return undefined;
    return this.#modules.trees.outcomes(position)?.outcomes ?? [];
  }

  referenceOwner(sender: Address, reference: Uint8Array): Hash | undefined {
    const { timestamp } = this.#modules.head().header;
    return this.#modules.references.find(sender, reference, timestamp)?.id;
  }

  referenceOwners(references: readonly SenderReference[]): readonly (Hash | undefined)[] {
    return references.map(({ sender, reference }) => this.referenceOwner(sender, reference));
  }

  proof(transactionId: Hash, outcomeReference?: string): FinalityProof | undefined {
    const position = this.#position(transactionId);
    if (position === undefined) return undefined;
    const outcome = outcomeReference === undefined ? undefined : this.#outcomeProof(position, outcomeReference);
    if (outcomeReference !== undefined && outcome === undefined) return undefined;
    const { receipts, ...seal } = this.#blockProofs(position.height, [position.index]);
    const [found] = receipts;
    invariant(found !== undefined, 'a proof was made for the receipt that was asked for');
    return { ...seal, ...found, ...(outcome === undefined ? {} : { outcome }) };
  }

  proofs(transactionIds: readonly Hash[]): readonly BlockProofs[] {
    if (transactionIds.length > QUERY_LIMITS.proofs) {
      throw tooLarge(`at most ${QUERY_LIMITS.proofs} transactions`, `${transactionIds.length}`);
    }
    const indices = new Map<number, Set<number>>();
    let bytes = 0;
    for (const id of transactionIds) {
      const position = this.#position(id);
      if (position === undefined) continue;
      bytes += this.#receiptBytes(position).length;
      if (bytes > QUERY_LIMITS.proofsBytes)
        throw tooLarge(`at most ${QUERY_LIMITS.proofsBytes} bytes of receipts`, 'more');
      indices.set(position.height, (indices.get(position.height) ?? new Set()).add(position.index));
    }
    return ascending(indices.keys()).map((height) => this.#blockProofs(height, ascending(indices.get(height) ?? [])));
  }

  receiptsProofs(transactionIds: readonly Hash[], since: number): ReceiptsProofsAnswer {
    const found = new Map<number, Map<number, Hash>>();
    let [bytes, covered] = [0, 0];
    for (const id of transactionIds.slice(0, QUERY_LIMITS.proofs)) {
      const position = this.#position(id);
      if (position !== undefined) {
        bytes += this.#receiptBytes(position).length;
        if (covered > 0 && bytes > QUERY_LIMITS.proofsBytes) break;
        found.set(position.height, (found.get(position.height) ?? new Map()).set(position.index, id));
      }
      covered++;
    }
    const proofs = ascending(found.keys()).flatMap((height) =>
      this.#provenIn(height, found.get(height) ?? new Map(), since),
    );
    return { covered, proofs };
  }

  #provenIn(height: number, idOf: ReadonlyMap<number, Hash>, since: number): ProvenReceipts[] {
    const tree = this.#modules.trees.receipts(height);
    const indices = ascending(idOf.keys());
    const receipts = new Map(indices.map((index) => [index, this.#receiptBytes({ height, index })]));
    const receipt = (index: number): Uint8Array | undefined => receipts.get(index);
    const seal = encodeSeal({
      header: this.#header(height),
      certificate: this.#certificate(height),
      handovers: this.#handoversBelow(height, since),
    });
    const proven: ProvenReceipts[] = [];
    for (let rest: readonly number[] = indices; rest.length > 0; ) {
      const part = fittingIndices(rest, receipt);
      const ids = part.flatMap((index) => idOf.get(index) ?? []);
      proven.push({ bytes: proveReceipts(seal, tree, part, receipt), ids });
      rest = rest.slice(part.length);
    }
    return proven;
  }

  finalityUpdate(sinceHeight: number): FinalityUpdate | undefined {
    const heights = this.#modules.handoverHeights().filter((at) => at > sinceHeight);
    // Led by its own validators' certificate: the first handover that does not fit is where the update ends.
    const height = Math.min(this.#height(), heights[LIMITS.handoversPerUpdate] ?? this.#height());
    if (height <= sinceHeight || height === 0) return undefined;
    return {
      header: this.#header(height),
      certificate: this.#certificate(height),
      handovers: heights.filter((at) => at < height).map((at) => this.#handover(at)),
    };
  }

  stateProof(keys: readonly ContractKey[]): StateProofAnswer {
    const { state, head } = this.#modules;
    const { header, certificate } = head();
    if (keys.length > LIMITS.keysPerStateProof) {
      throw tooLarge(`at most ${LIMITS.keysPerStateProof} keys`, `${keys.length}`);
    }
    const entries = keys.map(({ contract, key: own }): StateFactProof => {
      const key = namespaceOf(contract) + own;
      return { key, value: state.get(key), proof: state.prove(key) };
    });
    return {
      entries,
      header,
      certificate,
      handovers: this.#handoversBelow(header.height),
    };
  }

  #blockProofs(height: number, indices: readonly number[]): BlockProofs {
    const tree = this.#modules.trees.receipts(height);
    return {
      header: this.#header(height),
      certificate: this.#certificate(height),
      handovers: this.#handoversBelow(height),
      count: tree.count,
      receipts: indices.map((index) => ({
        receipt: decodeReceipt(this.#receiptBytes({ height, index })),
        index,
        path: tree.path(index),
      })),
    };
  }

  #outcomeProof(position: TransactionPosition, reference: string): OutcomeProof | undefined {
    const batch = this.#modules.trees.outcomes(position);
    const index = batch?.indexOf.get(reference);
    const outcome = index === undefined ? undefined : batch?.outcomes[index];
    if (batch === undefined || index === undefined || outcome === undefined) return undefined;
    return { outcome, index, path: batch.tree.path(index) };
  }

  /** Every change of the validators since a height that a verifier of this height has to follow. */
  #handoversBelow(height: number, since = 0): Handover[] {
    const heights = this.#modules.handoverHeights().filter((at) => at > since && at < height);
    if (heights.length > LIMITS.handoversPerProof) {
      throw tooLarge(`at most ${LIMITS.handoversPerProof} changes of the validators`, `${heights.length}`);
    }
    return heights.map((at) => this.#handover(at));
  }

  #handover(height: number): Handover {
    const nextValidators = this.#modules.database.handovers.get(height);
    invariant(nextValidators !== undefined, 'a height that hands over names the next validators', { height });
    return { header: this.#header(height), certificate: this.#certificate(height), nextValidators };
  }

  #height(): number {
    return this.#modules.head().header.height;
  }

  #position(transactionId: Hash): TransactionPosition | undefined {
    return this.#modules.database.positions.get(transactionId);
  }

  #receiptBytes({ height, index }: TransactionPosition): Uint8Array {
    const bytes = this.#modules.database.receipts.get(height, index);
    invariant(bytes !== undefined, 'a transaction that has a position has a receipt', { height, index });
    return bytes;
  }

  #header(height: number): BlockHeader {
    const header = this.#modules.database.headers.get(height);
    invariant(header !== undefined, 'a committed height has a header', { height });
    return header;
  }

  #certificate(height: number): Certificate {
    const certificate = this.#modules.database.certificates.get(height);
    invariant(certificate !== undefined, 'a committed height has a certificate', { height });
    return certificate;
  }
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

function tooLarge(expected: string, actual: string): ExecutionError {
  return new ExecutionError('QUERY_TOO_LARGE', `expected ${expected} in one query, found ${actual}`, {
    expected,
    actual,
    hint: 'ask in several queries',
  });
}
