import { DEFAULT_PARAMETERS } from '../../genesis/defaults.js';
import { committedReceipts } from '../../node/execution/committedReceipts.js';
import { proveReceipts, type ReceiptsProofsAnswer } from '../../node/execution/receiptsProofs.js';
import type {
  ChainHead,
  CommitResult,
  Executor,
  ReceiptRecord,
  TransactionRecord,
} from '../../node/execution/types.js';
import type { Admission, AdmissionResult, Mempool, RequireCalls } from '../../node/mempool/types.js';
import type { CommitFeed } from '../../node/rpc/ports.js';
import { headerHash, transactionsRoot } from '../../primitives/block.js';
import { fromHex, type Hash, toHex } from '../../primitives/bytes.js';
import { CodedError, InvariantError, isCodedError } from '../../primitives/errors.js';
import { merkleRoot, merkleTree } from '../../primitives/merkle.js';
import { encodeOutcome, encodeReceipt, outcomeLeaf, outcomesRoot, receiptLeaf } from '../../primitives/receipt.js';
import { encodeSeal } from '../../primitives/receiptsProof.js';
import { decodeTransaction } from '../../primitives/transaction.js';
import type {
  Address,
  Block,
  BlockProofs,
  Certificate,
  DecodedTransaction,
  FinalityProof,
  Handover,
  Outcome,
  Receipt,
} from '../../primitives/types.js';
import { validatorsHash } from '../../primitives/validator.js';
import { CHAIN_ID, certify, GENESIS_HASH, type TestValidator, testHeader, testReceipt } from './finalityFixture.js';

interface FakeBlock {
  readonly block: Block;
  readonly certificate: Certificate;
  readonly transactions: readonly DecodedTransaction[];
  readonly receipts: readonly Receipt[];
}

/**
 * A chain of one process in memory, with real blocks, certificates and proofs: what RPC and client see of a node. A
 * transaction's first method decides its fate: `refuse` and `busy` at the door, `fail` in the block, `batch` has two
 * outcomes, everything else succeeds.
 */
export class FakeChain implements CommitFeed {
  readonly validators: TestValidator[];
  readonly handovers: Handover[] = [];
  readonly #blocks: FakeBlock[] = [];
  readonly #pending = new Map<string, DecodedTransaction>();
  readonly #places = new Map<string, { readonly height: number; readonly index: number }>();
  readonly #listeners = new Set<(result: CommitResult) => void>();
  readonly #outcomes: readonly Outcome[] = [
    { reference: 'E2E-1', code: '' },
    { reference: 'E2E-2', code: 'INSUFFICIENT_FUNDS' },
  ];
  /** How often `busy` transactions are still turned away. */
  busyFor = 0;
  /** Transactions that one answer with proofs may hold. */
  maxProofs = 1_000;
  admitted = 0;
  /** Whether commits bring receipts with them, as they do where somebody waits. */
  givesReceipts = true;
  /** How often proofs were asked for beside what commits bring. */
  askedForProofs = 0;
  /** Whether the door may look at the calls: most of those that tests send are of no contract. */
  checksCalls = false;
  /** What `refuse` is told. */
  refusal = 'the policy is not met';
  /** Ids of those that no block takes for now. */
  readonly heldBack = new Set<string>();
  /** Passed once the transactions of a request are taken in, before whoever asked learns of it. */
  afterAdmission: () => Promise<void> = async () => undefined;
  viewOf: (contract: string, method: string, args: Uint8Array) => Uint8Array = () => new Uint8Array();

  constructor(validators: readonly TestValidator[]) {
    this.validators = [...validators];
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  get pending(): number {
    return this.#pending.size;
  }

  subscribe(listener: (result: CommitResult) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Decides a block of everything that waits and is not held back; `next` takes over after it. */
  commit(next?: readonly TestValidator[]): Block {
    const taken = [...this.#pending].filter(([id]) => !this.heldBack.has(id));
    const transactions = taken.map(([, transaction]) => transaction);
    for (const [id] of taken) this.#pending.delete(id);
    const receipts = transactions.map((transaction) => this.#receiptOf(transaction));
    const parent = this.#blocks.at(-1)?.block.header;
    const height = this.#blocks.length + 1;
    const header = testHeader({
      height,
      parentHash: parent === undefined ? GENESIS_HASH : headerHash(parent),
      timestamp: 1_790_000_000_000 + height * 1_000,
      txRoot: transactionsRoot(transactions.map(({ leafHash }) => leafHash)),
      receiptsRoot: merkleRoot(receipts.map((receipt) => receiptLeaf(encodeReceipt(receipt)))),
      validatorsHash: validatorsHash(this.validators),
      nextValidatorsHash: validatorsHash(next ?? this.validators),
    });
    const certificate = certify(header, this.validators);
    const block = { header, transactions: transactions.map(({ bytes }) => bytes) };
    this.#blocks.push({ block, certificate, transactions, receipts });
    if (next !== undefined) this.#handOver({ header, certificate, nextValidators: next }, next);
    transactions.forEach(({ id }, index) => {
      this.#places.set(toHex(id), { height, index });
    });
    this.#tell(transactions, receipts);
    return block;
  }

  #handOver(handover: Handover, next: readonly TestValidator[]): void {
    const nextValidators = next.map(({ address, suite, publicKey }) => ({ address, suite, publicKey }));
    this.handovers.push({ ...handover, nextValidators });
    this.validators.splice(0, this.validators.length, ...next);
  }

  #tell(transactions: readonly DecodedTransaction[], receipts: readonly Receipt[]): void {
    const included = transactions.map(({ id, body, bytes }, index) => {
      const { success = true, code = '', fuelUsed = 0 } = receipts[index] ?? {};
      return { ...body, id, success, code, fuelUsed, sizeBytes: bytes.length };
    });
    const head = this.#head();
    const directory = { keys: [], accounts: [], nodes: undefined };
    const bytes = receipts.map(encodeReceipt);
    const lastHandover =
      this.handovers.findLast(({ header }) => header.height < head.header.height)?.header.height ?? 0;
    const known = committedReceipts(bytes, merkleTree(bytes.map(receiptLeaf)), lastHandover);
    const result = { head, included, directory, ...(this.givesReceipts ? { receipts: known } : {}) };
    for (const listener of this.#listeners) listener(result);
  }

  #receiptOf({ id, body }: DecodedTransaction): Receipt {
    const [call] = body.calls;
    const base = { transactionId: id, results: body.calls.map(() => new Uint8Array()) };
    if (call?.method === 'fail') {
      const failedCall = `${call.contract}.fail`;
      return testReceipt('', { ...base, success: false, code: 'AMOUNT_ZERO', failedCall, events: [], results: [] });
    }
    if (call?.method !== 'batch') return testReceipt('', base);
    const outcomes = this.#outcomes;
    return testReceipt('', { ...base, outcomesRoot: outcomesRoot(outcomes), outcomeCount: outcomes.length });
  }

  #head(): ChainHead {
    const newest = this.#blocks.at(-1);
    const header = newest?.block.header ?? testHeader({ height: 0 });
    return {
      header,
      blockHash: headerHash(header),
      certificate: newest?.certificate,
      validators: this.validators,
      parameters: DEFAULT_PARAMETERS,
    };
  }

  #find(id: Hash): { readonly found: FakeBlock; readonly index: number } | undefined {
    const place = this.#places.get(toHex(id));
    const found = place === undefined ? undefined : this.#blocks[place.height - 1];
    return place === undefined || found === undefined ? undefined : { found, index: place.index };
  }

  async #admit(bytes: Uint8Array, requireCalls?: RequireCalls): Promise<Admission> {
    const transaction = decodeTransaction(bytes, GENESIS_HASH);
    const { id, body } = transaction;
    const method = body.calls[0]?.method;
    const details = { expected: 'another transaction', actual: method ?? '' };
    if (body.chainId !== CHAIN_ID) throw new CodedError('CHAIN_ID_MISMATCH', 'another chain', details);
    if (method === 'refuse') throw new CodedError('POLICY_NOT_MET', this.refusal, details);
    if (method === 'crash') throw new InvariantError('secret of the inside');
    if (method === 'busy' && this.busyFor-- > 0) throw new CodedError('MEMPOOL_FULL', 'full', details);
    if (this.#places.has(toHex(id)) || this.#pending.has(toHex(id))) return { id, status: 'known' };
    if (this.checksCalls) await requireCalls?.(body.calls);
    this.#pending.set(toHex(id), transaction);
    this.admitted++;
    return { id, status: 'accepted' };
  }

  async #admitMany(
    transactions: readonly Uint8Array[],
    requireCalls?: RequireCalls,
  ): Promise<readonly AdmissionResult[]> {
    const results = await Promise.all(
      transactions.map((bytes) =>
        this.#admit(bytes, requireCalls).catch((error: unknown) => {
          if (isCodedError(error)) return { error };
          throw error;
        }),
      ),
    );
    await this.afterAdmission();
    return results;
  }

  /** Only what the RPC uses of it. */
  get mempool(): Mempool {
    const chain = this;
    return {
      admit: (bytes, requireCalls) => chain.#admit(bytes, requireCalls),
      admitMany: (transactions, requireCalls) => chain.#admitMany(transactions, requireCalls),
      get size() {
        return chain.#pending.size;
      },
      get sizeBytes() {
        return 0;
      },
    } as Partial<Mempool> as Mempool;
  }

  /** Only what the RPC uses of it. */
  get executor(): Executor {
    const executor: Partial<Executor> = {
      head: () => this.#head(),
      blocks: async (from) => this.#blocks.slice(from - 1, from),
      receipt: async (id) => this.#receipt(id),
      transaction: async (id) => this.#transaction(id),
      proof: async (id, outcome) => this.#proof(id, outcome),
      proofs: async (ids) => this.#proofs(ids),
      receiptsProofs: async (ids, since) => this.#receiptsProofs(ids, since),
      outcomes: async (id) => {
        const receipt = this.#receipt(id)?.receipt;
        return receipt === undefined ? undefined : this.#outcomes.slice(0, receipt.outcomeCount);
      },
      referenceOwner: async (sender, reference) => this.#referenceOwner(sender, reference),
      referenceOwners: async (references) =>
        references.map(({ sender, reference }) => this.#referenceOwner(sender, reference)),
      view: async (contract, method, args) => this.viewOf(contract, method, args),
      finalityUpdate: async (sinceHeight) => {
        const newest = this.#blocks.at(-1);
        if (newest === undefined || newest.block.header.height <= sinceHeight) return undefined;
        const { header } = newest.block;
        const isBetween = ({ header: { height } }: Handover) => height > sinceHeight && height < header.height;
        return { header, certificate: newest.certificate, handovers: this.handovers.filter(isBetween) };
      },
    };
    return executor as Executor;
  }

  #receipt(id: Hash): ReceiptRecord | undefined {
    const place = this.#find(id);
    if (place === undefined) return undefined;
    const { found, index } = place;
    return { height: found.block.header.height, index, receipt: found.receipts[index] as Receipt };
  }

  #transaction(id: Hash): TransactionRecord | undefined {
    const place = this.#find(id);
    if (place === undefined) return undefined;
    const { found, index } = place;
    return { height: found.block.header.height, index, bytes: found.block.transactions[index] as Uint8Array };
  }

  #referenceOwner(sender: Address, reference: Uint8Array): Hash | undefined {
    return this.#blocks
      .flatMap(({ transactions }) => transactions)
      .find(({ body }) => body.sender === sender && toHex(body.reference) === toHex(reference))?.id;
  }

  #proofs(ids: readonly Hash[]): BlockProofs[] {
    if (ids.length > this.maxProofs) throw new CodedError('QUERY_TOO_LARGE', 'too large');
    const byHeight = new Map<number, number[]>();
    for (const id of ids) {
      const place = this.#places.get(toHex(id));
      if (place !== undefined) byHeight.set(place.height, [...(byHeight.get(place.height) ?? []), place.index]);
    }
    return [...byHeight.keys()]
      .toSorted((a, b) => a - b)
      .map((height) => {
        const { block, certificate, receipts } = this.#blocks[height - 1] as FakeBlock;
        const tree = merkleTree(receipts.map((receipt) => receiptLeaf(encodeReceipt(receipt))));
        return {
          header: block.header,
          certificate,
          handovers: this.handovers.filter(({ header }) => header.height < height),
          count: receipts.length,
          receipts: (byHeight.get(height) ?? []).map((index) => {
            return { receipt: receipts[index] as Receipt, index, path: tree.path(index) };
          }),
        };
      });
  }

  #receiptsProofs(ids: readonly Hash[], since: number): ReceiptsProofsAnswer {
    this.askedForProofs++;
    const covered = Math.min(ids.length, this.maxProofs);
    const proofs = this.#proofs(ids.slice(0, covered)).map(({ header, certificate, handovers, receipts }) => {
      const all = (this.#blocks[header.height - 1] as FakeBlock).receipts.map(encodeReceipt);
      const sorted = receipts.toSorted((a, b) => a.index - b.index);
      const later = handovers.filter(({ header: { height } }) => height > since);
      const seal = encodeSeal({ header, certificate, handovers: later });
      const indices = sorted.map(({ index }) => index);
      const bytes = proveReceipts(seal, merkleTree(all.map(receiptLeaf)), indices, (index) => all[index]);
      return { bytes, ids: sorted.map(({ receipt }) => receipt.transactionId) };
    });
    return { covered, proofs };
  }

  #proof(id: Hash, reference: string | undefined): FinalityProof | undefined {
    const [found] = this.#proofs([id]);
    const [entry] = found?.receipts ?? [];
    if (found === undefined || entry === undefined) return undefined;
    const { header, certificate, handovers, count } = found;
    const proof = { ...entry, header, certificate, handovers, count };
    if (reference === undefined) return proof;
    const index = this.#outcomes.findIndex((outcome) => outcome.reference === reference);
    if (entry.receipt.outcomeCount === 0 || index < 0) return undefined;
    const leaves = this.#outcomes.map((outcome) => outcomeLeaf(encodeOutcome(outcome)));
    const outcome = this.#outcomes[index] as Outcome;
    return { ...proof, outcome: { outcome, index, path: merkleTree(leaves).path(index) } };
  }
}

/** The bytes of an id in hexadecimal. */
export function idBytes(id: string): Hash {
  return fromHex(id, 32);
}
