import { isDeepStrictEqual } from 'node:util';
import { API_ERRORS } from '../../../contracts/api/failure.js';
import { t } from '../../../contracts/api/t.js';
import { payloadHash } from '../../../contracts/governance/proposals.js';
import { governance } from '../../../contracts/index.js';
import type { Hash } from '../../../primitives/bytes.js';
import { systemCallId } from '../../../primitives/systemCall.js';
import type { Address, Block, Call, DecodedTransaction } from '../../../primitives/types.js';
import type { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS, callOf } from '../../support/settlementNetwork.js';

const VOTERS = [ACCOUNTS.alfa, ACCOUNTS.beta, ACCOUNTS.gamma];
const { propose, approve } = governance.methods;
const FAULT = 'CONTRACT_FAULT';

/** The history is not what it was made for: it would prove less than it says. */
export class HistoryFailed extends Error {}

/** Who sends, and its calls. */
export type Sent = readonly [sender: Address, ...calls: Call[]];

/** Builds one block after the other on one executor, and keeps them with the codes of their receipts. */
export class HistoryRecorder {
  readonly network: ExecutionNetwork;
  readonly blocks: Block[] = [];
  /**
   * How often each code ended a transaction; `''` is success, a fault has its reason behind it. Transactions that no block
   * took: `left out CODE`.
   */
  readonly codes = new Map<string, number>();
  readonly #chain: TestChain;
  #nextProposal = 1;

  constructor(network: ExecutionNetwork, chain: TestChain) {
    this.network = network;
    this.#chain = chain;
  }

  get height(): number {
    return this.#chain.height;
  }
  get timestamp(): number {
    return this.#chain.timestamp;
  }

  transaction([sender, ...calls]: Sent, signers: readonly Address[] = [sender]): DecodedTransaction {
    const expiresAt = this.timestamp + this.network.genesis.parameters.referenceWindowMs / 2;
    return this.network.transaction(calls, { sender, signers: [...signers].sort(), expiresAt });
  }

  /** One block of these transactions, whatever becomes of them. @returns the codes of those that it holds */
  async block(transactions: readonly DecodedTransaction[]): Promise<readonly string[]> {
    const { block, leftOut } = await this.#chain.build(transactions);
    for (const { code } of leftOut) this.#count(`left out ${code}`);
    const { included } = await this.#chain.commit(block);
    this.blocks.push(block);
    for (const { id, code } of included) this.#count(code === FAULT ? `${FAULT} ${await this.#faultOf(id)}` : code);
    return included.map(({ code }) => code);
  }

  /** One block of these, a transaction each. @throws HistoryFailed unless they end with these codes, in any order */
  async expect(steps: readonly (readonly [code: string, sent: Sent])[]): Promise<void> {
    const codes = await this.block(steps.map(([, sent]) => this.transaction(sent)));
    const expected = steps.map(([code]) => code).sort();
    if (isDeepStrictEqual([...codes].sort(), expected)) return;
    throw new HistoryFailed(`height ${this.height}: expected ${expected.join(', ')}, found ${codes.join(', ')}`);
  }

  /** Has calls proposed and approved, and lets blocks pass until they ran. @returns events of the end of that block */
  async decide(...calls: readonly Call[]): Promise<readonly string[]> {
    const activateAt = this.height + 4;
    const terms = { calls, activateAt, expiresAt: this.timestamp + 100_000, description: 'x', document: undefined };
    await this.expect([['', [ACCOUNTS.central, callOf(propose, terms)]]]);
    const vote = callOf(approve, { id: this.#nextProposal, hash: payloadHash(terms) });
    this.#nextProposal += 1;
    await this.block(VOTERS.map((voter) => this.transaction([voter, vote])));
    while (this.height < activateAt - 1) await this.block([]);
    const id = systemCallId(this.network.genesisHash, this.height);
    const record = await this.#chain.executor.receipt(id);
    return record?.receipt.events.map(({ contract, name }) => `${contract}.${name}`) ?? [];
  }

  /** The same. @throws HistoryFailed unless the end of that block tells of this */
  async mustDecide(event: string, ...calls: readonly Call[]): Promise<void> {
    const events = await this.decide(...calls);
    if (!events.includes(event)) throw new HistoryFailed(`height ${this.height}: no ${event} in ${events.join(', ')}`);
  }

  async #faultOf(id: Hash): Promise<string> {
    const record = await this.#chain.executor.receipt(id);
    const schema = t.struct(API_ERRORS.CONTRACT_FAULT);
    return record === undefined ? 'unknown' : schema.decode(record.receipt.errorData).reason;
  }

  #count(code: string): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }
}
