import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ExecutableContract } from '../../contracts/api/host.js';
import { cash, payments, standardContracts } from '../../contracts/index.js';
import { genesisHash } from '../../genesis/genesis.js';
import type { Genesis, GenesisParameters } from '../../genesis/types.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import type { OpenChainModules } from '../../node/execution/openChain.js';
import type { BuildRequest, BuildResult, CommitResult, ExecuteResult, Executor } from '../../node/execution/types.js';
import { headerHash } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import { buildCertificate } from '../../primitives/certificate.js';
import { commitDigest } from '../../primitives/message.js';
import { sign } from '../../primitives/signature.js';
import { utf8Encode } from '../../primitives/text.js';
import { decodeTransaction, encodeTransaction } from '../../primitives/transaction.js';
import type {
  Address,
  Block,
  Call,
  Certificate,
  DecodedTransaction,
  Receipt,
  TransactionBody,
} from '../../primitives/types.js';
import { quorum } from '../../primitives/validator.js';
import { ACCOUNTS, CHAIN_ID, callOf, KEYS, TODAY, TODAY_MS, testGenesis } from './settlementNetwork.js';

/** Executors of one small network in temporary directories, and everything that a test feeds them. */

/** Signatures of transactions are not the executor's to check. */
const NO_SIGNATURE = new Uint8Array(64).fill(1);
const VALIDATOR_KEYS = [KEYS.alfa, KEYS.beta, KEYS.gamma, KEYS.custodianOne];

export interface ExecutionNetworkOptions {
  readonly parameters?: Partial<GenesisParameters>;
  /** Beside the standard ones; one of the same name takes its place. */
  readonly contracts?: readonly ExecutableContract[];
}

export class ExecutionNetwork {
  readonly genesis: Genesis;
  readonly genesisHash: Hash;
  /** Errors that would have stopped a node. */
  readonly fatal: unknown[] = [];
  readonly #directory: string;
  readonly #contracts: readonly ExecutableContract[];
  readonly #open = new Set<Executor>();
  #nextReference = 0;

  private constructor(directory: string, { parameters, contracts = [] }: ExecutionNetworkOptions) {
    const genesis = testGenesis();
    this.genesis = { ...genesis, parameters: { ...genesis.parameters, ...parameters } };
    this.genesisHash = genesisHash(this.genesis);
    this.#directory = directory;
    const own = new Set(contracts.map(({ name }) => name));
    this.#contracts = [...standardContracts().filter(({ name }) => !own.has(name)), ...contracts];
  }

  static async create(options: ExecutionNetworkOptions = {}): Promise<ExecutionNetwork> {
    return new ExecutionNetwork(await mkdtemp(join(tmpdir(), 'vostro-executor-')), options);
  }

  /** A network whose databases stand in a directory that somebody else removes. */
  static in(directory: string): ExecutionNetwork {
    return new ExecutionNetwork(directory, {});
  }

  databasePath(name: string): string {
    return join(this.#directory, name);
  }

  executor(name: string, modules: OpenChainModules = {}): ChainExecutor {
    const onFatal = (error: unknown) => this.fatal.push(error);
    const options = { genesis: this.genesis, databasePath: this.databasePath(name), onFatal };
    const executor = new ChainExecutor(options, { contracts: this.#contracts, ...modules });
    this.#open.add(executor);
    return executor;
  }

  /** An executor on height 0. */
  async started(name: string): Promise<ChainExecutor> {
    const executor = this.executor(name);
    await executor.start();
    return executor;
  }

  /** An executor whose banks have money: two blocks are committed. */
  async funded(name: string): Promise<TestChain> {
    const chain = new TestChain(this, await this.started(name));
    await this.fund(chain);
    return chain;
  }

  async fund(chain: TestChain): Promise<void> {
    await chain.settle([
      this.transaction([callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: TODAY })], CENTRAL),
    ]);
    const funds = [ACCOUNTS.alfa, ACCOUNTS.alfaSecond, ACCOUNTS.beta, ACCOUNTS.gamma, ACCOUNTS.custodian];
    const issues = funds.map((account) => ({
      currency: 'EUR',
      account,
      amount: 1_000_000n,
      reserveReference: account.slice(0, 35),
    }));
    await chain.settle(issues.map((issue) => this.transaction([callOf(cash.methods.issue, issue)], CENTRAL)));
  }

  /** A transaction as it came in; its signatures are of no use. */
  transaction(calls: readonly Call[], change: Partial<TransactionBody> = {}): DecodedTransaction {
    const sender = change.sender ?? ACCOUNTS.alfa;
    const body: TransactionBody = {
      chainId: CHAIN_ID,
      sender,
      signers: [sender],
      reference: utf8Encode(`tx-${this.#nextReference++}`),
      expiresAt: TODAY_MS + this.genesis.parameters.referenceWindowMs / 2,
      priority: 'normal',
      calls,
      ...change,
    };
    const signatures = body.signers.map(() => ({ suite: 1, signature: NO_SIGNATURE }) as const);
    return decodeTransaction(encodeTransaction({ body, signatures }), this.genesisHash);
  }

  payment(reference: string, change: Partial<TransactionBody> & { amount?: bigint; creditor?: Address } = {}) {
    const { amount = 10n, creditor = ACCOUNTS.beta, ...body } = change;
    const debtor = body.sender ?? ACCOUNTS.alfa;
    return this.transaction(
      [callOf(payments.methods.pay, { debtor, creditor, currency: 'EUR', amount, reference })],
      body,
    );
  }

  /** A quorum's certificate, of the validators of the genesis unless told otherwise. */
  certify(
    block: Block,
    { validatorCount = VALIDATOR_KEYS.length, signers = quorum(validatorCount) } = {},
  ): Certificate {
    const vote = { height: block.header.height, round: 0, blockHash: headerHash(block.header) };
    const digest = commitDigest(this.genesisHash, vote);
    const signatures = VALIDATOR_KEYS.slice(0, signers).map(
      (key, index) => [index, sign(digest, key.privateKey)] as const,
    );
    return buildCertificate('commit', vote, validatorCount, new Map(signatures));
  }

  async stop(executor: Executor): Promise<void> {
    await executor.stop();
    this.#open.delete(executor);
  }

  async remove(): Promise<void> {
    for (const executor of this.#open) await executor.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

const CENTRAL = { sender: ACCOUNTS.central };

/** One executor with a test's clock: every block is a second after the one before. */
export class TestChain {
  readonly network: ExecutionNetwork;
  readonly executor: Executor;

  constructor(network: ExecutionNetwork, executor: Executor) {
    this.network = network;
    this.executor = executor;
  }

  get height(): number {
    return this.executor.head().header.height;
  }

  get timestamp(): number {
    return this.executor.head().header.timestamp;
  }

  build(transactions: readonly DecodedTransaction[], timestamp = this.timestamp + 1_000): Promise<BuildResult> {
    return this.executor.build(this.request(transactions, timestamp));
  }

  request(transactions: readonly DecodedTransaction[], timestamp = this.timestamp + 1_000): BuildRequest {
    const { header, blockHash } = this.executor.head();
    return {
      height: header.height + 1,
      parentHash: blockHash,
      proposer: ACCOUNTS.alfa,
      timestamp,
      transactions: transactions.map(({ bytes }) => bytes),
    };
  }

  commit(block: Block): Promise<CommitResult> {
    return this.executor.commit(block, this.network.certify(block));
  }

  /** Builds a block of these and commits it. @returns what was committed and the receipts, in the block's order */
  async settle(
    transactions: readonly DecodedTransaction[],
    timestamp?: number,
  ): Promise<{ readonly block: Block; readonly result: CommitResult; readonly receipts: readonly Receipt[] }> {
    const { block, leftOut } = await this.build(transactions, timestamp);
    expect(leftOut.map(({ code }) => code)).to.deep.equal([]);
    const result = await this.commit(block);
    const receipts: Receipt[] = [];
    for (const { id } of result.included) {
      const record = await this.executor.receipt(id);
      if (record !== undefined) receipts.push(record.receipt);
    }
    return { block, result, receipts };
  }

  /** A block of these, made and executed elsewhere, changed by hand, and executed here. */
  async refusal(block: Block): Promise<Extract<ExecuteResult, { valid: false }>> {
    const result = await this.executor.execute(block);
    if (result.valid) return expect.fail('expected the block to be refused');
    return result;
  }

  async balance(account: Address): Promise<bigint> {
    const { args, returns } = cash.methods.balance;
    const answer = await this.executor.view('cash', 'balance', args.encode({ currency: 'EUR', account }));
    return returns?.decode(answer) ?? -1n;
  }
}
