import { API_LIMITS } from '../api/limits.js';
import type { MethodName, Params, Result } from '../api/methods.js';
import type { Json } from '../api/shape.js';
import type { SimulationJson } from '../api/simulation.js';
import type { MethodRef } from '../contracts/api/method.js';
import { MapLayout } from '../contracts/api/state.js';
import { CASH, cashState } from '../contracts/cash/state.js';
import { fromHex, type Hex, toHex } from '../primitives/bytes.js';
import type { VerifiedFinality } from '../primitives/finality.js';
import { encodeTransactionBody } from '../primitives/transaction.js';
import type { Address, TransactionBody } from '../primitives/types.js';
import { faultTolerance } from '../primitives/validator.js';
import type { ClientModules, ClientOptions, Followed, ManyOptions, ProvenBalance } from './clientOptions.js';
import { ContractBook, type ContractClient } from './contracts.js';
import { ClientError, OutcomeUnknownError } from './errors.js';
import type { LightClient } from './lightClient.js';
import { NodePool } from './nodePool.js';
import type { FinalTransaction, TransactionOutcome } from './outcomes.js';
import { inParallel, slices } from './parallel.js';
import { type SettlementModules, SettlementRun } from './settlementRun.js';
import {
  keyToJson,
  notAsked,
  type QueriedState,
  queryState,
  requireAsked,
  type StateKeyRequest,
  type StateProofResult,
} from './stateQuery.js';
import { inRequests, type Submission, Submitter } from './submitter.js';
import {
  buildTransaction,
  type SignedTransaction,
  signWith,
  type TransactionRequest,
  type TransactionSigner,
} from './transactions.js';
import { FinalityVerifier, type ProvenValue, readUpdate } from './verifier.js';
import { Waiter } from './waiter.js';

type TunableName = 'ttlMs' | 'timeoutMs' | 'requestTimeoutMs' | 'attempts' | 'backoffMs';
type ResolvedOptions = ClientOptions & Readonly<Record<TunableName, number>>;

const DEFAULTS: Readonly<Record<TunableName, number>> = {
  ttlMs: 60_000,
  timeoutMs: 60_000,
  requestTimeoutMs: 15_000,
  attempts: 4,
  backoffMs: 200,
};

/** Transactions of one request: enough to fill blocks without holding a node up. */
const TRANSACTIONS_PER_REQUEST = 250;
/** Longest wait of one request; then another node is asked. */
const POLL_MS = 5_000;
const REFERENCE_BYTES = 16;
/** Versions of a contract that one query may meet coming into force. */
const MAX_VERSIONS_MET = 3;
/** Updates of one `follow`; each carries up to 64 changes of validators. */
const MAX_FOLLOW_STEPS = 256;
const BALANCES = new MapLayout('balances', cashState.balances);

/** The door for integrators: build, sign, submit, wait with proof, ask. Runs in Node.js and in browsers. */
export class VostroClient {
  readonly verifier: FinalityVerifier;
  /** Every contract of the network. */
  readonly contracts: ContractBook;
  readonly #options: ResolvedOptions;
  readonly #now: () => number;
  readonly #randomBytes: (length: number) => Uint8Array;
  readonly #pool: NodePool;
  readonly #submitter: Submitter;
  readonly #waiter: Waiter;
  readonly #settling: SettlementModules;

  /** @throws ClientError `OPTIONS_INVALID`, `TRUSTED_STATE_INVALID` */
  constructor(options: ClientOptions, modules: ClientModules = {}) {
    const sleep = modules.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
    const { fetch = (input, init) => globalThis.fetch(input, init), now = () => Date.now() } = modules;
    this.#options = { ...DEFAULTS, ...options };
    this.#now = now;
    this.#randomBytes = modules.randomBytes ?? ((length) => globalThis.crypto.getRandomValues(new Uint8Array(length)));
    this.verifier = new FinalityVerifier(options.trust, modules, options.trustedState);
    const genesisHash = toHex(options.trust.genesisHash);
    this.#pool = new NodePool({ ...this.#options, genesisHash }, { fetch, now, sleep });
    const submitTo = options.submitTo ?? faultTolerance(options.trust.validators.length) + 1;
    this.#submitter = new Submitter({ submitTo: Math.max(1, Math.min(submitTo, options.urls.length)) }, this.#pool);
    this.contracts = new ContractBook(this);
    const [pool, verifier] = [this.#pool, this.verifier];
    this.#waiter = new Waiter({ pollMs: POLL_MS }, { pool, verifier, now, sleep });
    this.#settling = { pool, verifier, now, sleep, submitter: this.#submitter, waiter: this.#waiter };
  }

  /** What is trusted: it grows with everything that is verified. Keep `light.state` to begin from there again. */
  get light(): LightClient {
    return this.verifier.light;
  }

  /** Ends every request under way, and every wait with what it knows. */
  close(): void {
    this.#pool.close();
  }

  /** A body to be signed, with chain id, reference and expiry filled in. */
  buildTransaction(request: TransactionRequest): TransactionBody {
    return buildTransaction(request, {
      chainId: this.#options.trust.chainId,
      nowMs: this.#now(),
      ttlMs: this.#options.ttlMs,
      randomReference: () => this.#randomBytes(REFERENCE_BYTES),
    });
  }

  /** @throws TransactionError unless the signers are exactly the body's */
  sign(body: TransactionBody, signers: readonly TransactionSigner[]): Promise<SignedTransaction> {
    return signWith(body, this.#options.trust.genesisHash, signers);
  }

  /**
   * Gives the transaction to f + 1 nodes.
   *
   * @throws NodeError what they refuse, for good or for now; ClientError `UNREACHABLE` when none got it;
   * OutcomeUnknownError when a node may have it
   */
  async submit(transaction: SignedTransaction): Promise<'accepted' | 'known'> {
    const [submission] = (await this.#submitter.submit([transaction])).submissions;
    if (submission === undefined || 'error' in submission) {
      throw submission?.error ?? new ClientError('UNREACHABLE', 'no node was asked');
    }
    return submission.status;
  }

  /** The same for many, each by itself; one answer for each, in order. */
  async submitMany(transactions: readonly SignedTransaction[]): Promise<Submission[]> {
    const requests = inRequests(transactions, TRANSACTIONS_PER_REQUEST);
    return (await inParallel(requests, async (request) => (await this.#submitter.submit(request)).submissions)).flat();
  }

  /**
   * Waits until the transaction is final and verifies its proof.
   *
   * @throws OutcomeUnknownError when the time is over; ClientError `CHAIN_FORKED`
   */
  async wait(id: Hex, timeoutMs: number = this.#options.timeoutMs): Promise<FinalTransaction> {
    const { final, error } = await this.#waiter.wait([id], this.#now() + timeoutMs);
    const found = final.get(id);
    if (found === undefined) {
      const cause = error === undefined ? {} : { cause: error.code };
      throw new OutcomeUnknownError(id, `not final within ${timeoutMs} ms`, cause);
    }
    return found;
  }

  /** The same for many: those that became final in time. */
  async waitMany(ids: readonly Hex[], options: ManyOptions = {}): Promise<ReadonlyMap<Hex, FinalTransaction>> {
    const deadlineMs = this.#now() + (options.timeoutMs ?? this.#options.timeoutMs);
    const parts = slices([...new Set(ids)], API_LIMITS.transactionsPerRequest);
    const waited = await inParallel(parts, (part) => this.#waiter.wait(part, deadlineMs, options));
    return new Map(waited.flatMap(({ final }) => [...final]));
  }

  /** Submits and waits. @throws what `submit` and `wait` throw */
  async submitAndWait(transaction: SignedTransaction, timeoutMs?: number): Promise<FinalTransaction> {
    const [outcome] = await this.submitAndWaitMany([transaction], timeoutMs === undefined ? {} : { timeoutMs });
    if (outcome?.status === 'final') return outcome.final;
    if (outcome?.status === 'rejected') throw outcome.error;
    const cause = outcome?.error === undefined ? {} : { cause: outcome.error.code };
    throw new OutcomeUnknownError(transaction.id, 'not final in time', cause);
  }

  /**
   * Submits thousands of transactions and waits for all: one outcome for each, in order. What stays open is submitted
   * again, which is always safe, until the time is over.
   */
  async submitAndWaitMany(
    transactions: readonly SignedTransaction[],
    options: ManyOptions = {},
  ): Promise<TransactionOutcome[]> {
    const deadlineMs = this.#now() + (options.timeoutMs ?? this.#options.timeoutMs);
    const requests = inRequests(transactions, TRANSACTIONS_PER_REQUEST);
    const run = (request: readonly SignedTransaction[]) =>
      new SettlementRun(request, { ...options, deadlineMs }, this.#settling).run();
    return (await inParallel(requests, run)).flat();
  }

  /**
   * The finality proof of a transaction, verified: bytes to keep, and what they prove. With `outcome`, that of one payment
   * of a batch, too.
   *
   * @throws NodeError `TRANSACTION_NOT_FOUND`, `OUTCOME_NOT_FOUND`; ProofError; ClientError
   */
  async proof(id: Hex, outcome?: string): Promise<{ readonly bytes: Uint8Array; readonly facts: VerifiedFinality }> {
    const answer = await this.call('proof', outcome === undefined ? { id } : { id, outcome });
    const bytes = fromHex(answer.proof);
    return { bytes, facts: this.verifier.verifyProof(bytes) };
  }

  /**
   * Follows the chain to the newest header of a node, by certificates alone. Another node is asked where one has nothing
   * newer, or what does not hold.
   *
   * @returns the height that is trusted now; the node's word how far it is; whether the trusted header is another one now
   * @throws NodeError, ClientError `CHAIN_FORKED`, ProofError
   */
  async follow(): Promise<Followed> {
    const before = this.light.height;
    let headHeight = before;
    for (let step = 0; step < MAX_FOLLOW_STEPS; step++) {
      const since = this.light.updateFrom;
      const newer = await this.#pool.callUntil('finalityUpdate', { since }, (answer) => {
        headHeight = Math.max(headHeight, answer.headHeight);
        return answer.update !== undefined && this.light.advance(readUpdate(answer.update)) ? answer : undefined;
      });
      if (newer === undefined || this.light.height >= newer.headHeight) break;
    }
    return { height: this.light.height, headHeight, hasAdvanced: this.light.height > before };
  }

  /**
   * What the newest state holds under a contract's own key, proven. Another node is asked where one shows a state older
   * than what is trusted already.
   *
   * @throws what `stateProof` throws
   */
  async stateValue(contract: string, key: string): Promise<ProvenValue> {
    const { facts } = await this.stateProof([{ contract, key }], true);
    return { value: facts.entries[0]?.value, header: facts.header };
  }

  /**
   * The same for several keys (at most 16) of one state, with the bytes that prove them, to keep and to verify offline.
   *
   * @param mayUseKnown whether a header that is trusted already costs no check of its certificate
   * @throws ClientError `NODE_BEHIND`, `STATE_UNPROVEN`, `CHAIN_FORKED`; ProofError, StateProofError, StateFinalityError;
   * NodeError
   */
  async stateProof(keys: readonly StateKeyRequest[], mayUseKnown = false): Promise<StateProofResult> {
    const leastHeight = this.light.height;
    let height = 0;
    const found = await this.#pool.callUntil('stateProof', { keys: keys.map(keyToJson) }, ({ proof }) => {
      const bytes = fromHex(proof);
      const facts = this.verifier.verifyState(bytes, mayUseKnown);
      requireAsked(facts, keys);
      height = Math.max(height, facts.header.height);
      return facts.header.height >= leastHeight ? { bytes, facts } : undefined;
    });
    if (found !== undefined) return found;
    throw new ClientError('NODE_BEHIND', `expected the state of height ${leastHeight} or later, found ${height}`, {
      expected: `height ${leastHeight}`,
      actual: `height ${height}`,
      hint: 'the node lags behind what this client has verified: ask again a little later, or ask another node',
    });
  }

  /**
   * What a map of a contract's state holds under a key, proven and decoded by the contract's ABI.
   *
   * @param key the parts of the key, each as JSON
   * @throws AbiError `CONTRACT_UNKNOWN`, `MAP_UNKNOWN`, `ARGUMENTS_INVALID`; what `stateProof` throws
   */
  async query(contract: string, map: string, key: readonly Json[]): Promise<QueriedState> {
    for (let attempt = 1; ; attempt++) {
      const found = await queryState(this, await this.contracts.find(contract), map, key);
      if (found !== undefined) return found;
      // Another version came into force in between.
      if (attempt === MAX_VERSIONS_MET) throw notAsked(`the newest ABI of ${contract}`, 'another each time');
    }
  }

  /**
   * A contract by its name, to encode calls of it and to read what it says: one that every network has, or one that a
   * bank wrote, whose ABI is proven from the trusted validators.
   *
   * @param version the newest when left out
   * @throws AbiError `CONTRACT_UNKNOWN`; what `stateProof` throws
   */
  contract(name: string, version?: number): Promise<ContractClient> {
    return this.contracts.find(name, version);
  }

  /** What an account holds in a currency, proven. @throws what `stateProof` throws */
  async balance(account: Address, currency: string): Promise<ProvenBalance> {
    const { value, header } = await this.stateValue(CASH, BALANCES.key([currency, account]));
    const amount = value === undefined ? 0n : BALANCES.decode(value);
    return { amount, height: header.height, timestamp: header.timestamp };
  }

  /**
   * What a transaction would do, alone in the next block, before anybody signs it (or after): whether it may be included,
   * whether it succeeds and why not, fuel, events, every changed entry of the state, balances. Nothing is written. A node's
   * word: it carries no proof, and other transactions may come before.
   *
   * @throws NodeError `EXECUTOR_BUSY`, `TOO_MANY_REQUESTS`, `SIMULATIONS_SUSPENDED`, `HOST_EXCEPTION`; ClientError
   */
  simulate(draft: TransactionBody | SignedTransaction): Promise<SimulationJson> {
    const params =
      'bytes' in draft ? { transaction: toHex(draft.bytes) } : { body: toHex(encodeTransactionBody(draft)) };
    return this.call('simulate', params);
  }

  /** Runs a view with arguments as JSON. A node's word: it carries no proof. @throws NodeError */
  async view(contract: string, method: string, args: Json = {}): Promise<Json> {
    return (await this.call('view', { contract, method, args })).value;
  }

  /** Runs a view with typed arguments. @throws NodeError; SchemaError when the answer is none */
  async read<A, T>(method: MethodRef<A, T, 'view'>, args: A): Promise<T> {
    const value = await this.view(method.contract, method.method, method.args.toJson(args));
    return method.returns === undefined ? (undefined as T) : method.returns.parseJson(value);
  }

  /** Any method of a node, asked of one after the other until one answers. @throws NodeError, ClientError */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    const waitMs = method === 'wait' || method === 'waitMany' ? API_LIMITS.waitMs : 0;
    return this.#pool.callAny(method, params, waitMs);
  }
}
