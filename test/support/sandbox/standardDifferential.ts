import { expect } from 'chai';
import { canonicalAbiText } from '../../../contracts/api/abiParse.js';
import type { ExecutableContract } from '../../../contracts/api/host.js';
import { callOf, type MethodRef } from '../../../contracts/api/method.js';
import {
  assets,
  cash,
  governance,
  membership,
  parameters,
  payments,
  standardContract,
  standardContracts,
  subscriptions,
} from '../../../contracts/index.js';
import { MemoryLedger, type MemoryReceipt, type MemoryTransaction } from '../../../contracts/testing/memoryLedger.js';
import { registryDirectory } from '../../../contracts/testing/registryDirectory.js';
import { genesisCalls } from '../../../genesis/calls.js';
import { toHex } from '../../../primitives/bytes.js';
import { loadContract } from '../../../sandbox/border/loadContract.js';
import { createStandardEngine } from '../../../sandbox/standardEngine.js';
import { ACCOUNTS, CHAIN_ID, GENESIS_HASH, STATE_ROOT, TODAY, testGenesis } from '../settlementNetwork.js';
import { bundleContract } from './bundle.js';
import { desk, StandardTraffic } from './standardTraffic.js';
import { comparable } from './twoLedgers.js';

/** The standard contracts that run in the sandbox as they stand; the others hash, verify or decode bytes themselves. */
const SANDBOXED = ['assets', 'cash', 'membership', 'parameters', 'payments', 'subscriptions'];
const LOAD_FUEL = 200_000_000;
/** So many transactions make a block. */
const BLOCK = 20;

export interface DifferentialReport {
  readonly transactions: number;
  readonly succeeded: number;
  /** How often each code ended a transaction, as `contract.CODE`. */
  readonly codes: ReadonlyMap<string, number>;
  readonly events: ReadonlySet<string>;
  readonly entries: number;
}

/**
 * Runs the traffic of a seed on two ledgers, the second with its contracts in the sandbox, and holds everything but the fuel
 * against each other: receipts after each transaction, states after each block, views.
 */
export class StandardDifferential {
  readonly #native: MemoryLedger;
  readonly #sandboxed: MemoryLedger;
  readonly #traffic: StandardTraffic;
  readonly #codes = new Map<string, number>();
  readonly #events = new Set<string>();
  #transactions = 0;
  #succeeded = 0;

  private constructor(seed: number, sandboxed: ReadonlyMap<string, ExecutableContract>) {
    const native = new Map<string, ExecutableContract>([desk, ...standardContracts()].map((each) => [each.name, each]));
    // The genesis state registers keys: what a guest cannot judge.
    let isGenesis = true;
    const ledger = (contracts: ReadonlyMap<string, ExecutableContract>) =>
      new MemoryLedger({
        contracts: () => ({ get: (name) => (isGenesis ? undefined : contracts.get(name)) ?? native.get(name) }),
        directory: registryDirectory,
        chainId: CHAIN_ID,
        genesisHash: GENESIS_HASH,
        stateRoot: (height) => (height === 0 ? STATE_ROOT : undefined),
      });
    this.#native = ledger(native);
    this.#sandboxed = ledger(sandboxed);
    this.#traffic = new StandardTraffic(seed);
    this.#both({ calls: genesisCalls(testGenesis()), height: 0 }, 'the genesis state');
    isGenesis = false;
    this.#endBlock('the opening');
  }

  static async create(seed: number): Promise<StandardDifferential> {
    const engine = createStandardEngine();
    const loaded = new Map<string, ExecutableContract>();
    for (const name of SANDBOXED) {
      const program = await bundleContract(`contracts/${name}/${name}.ts`, name);
      const { contract, abi } = loadContract(engine, program, LOAD_FUEL);
      expect(canonicalAbiText(abi), name).to.equal(canonicalAbiText(standardContract(name).abi()));
      loaded.set(name, contract);
    }
    return new StandardDifferential(seed, loaded);
  }

  /** @throws AssertionError at the first difference */
  run(count: number): DifferentialReport {
    for (let index = 0; index < count; index++) {
      const what = `transaction ${index}`;
      const transaction = this.#traffic.next();
      const receipt = this.#both(transaction, what);
      this.#note(receipt);
      const isProposal = transaction.calls[0]?.method === 'propose' && receipt.failure === undefined;
      if (isProposal) this.#decide(receipt, what);
      if (index % BLOCK === BLOCK - 1 || index === count - 1) this.#endBlock(what);
    }
    const [transactions, succeeded] = [this.#transactions, this.#succeeded];
    return {
      transactions,
      succeeded,
      codes: this.#codes,
      events: this.#events,
      entries: this.#native.snapshot().length,
    };
  }

  #both(transaction: MemoryTransaction, what: string): MemoryReceipt {
    const native = this.#native.run(transaction);
    const sandboxed = this.#sandboxed.run(transaction);
    const names = transaction.calls.map(({ contract, method }) => `${contract}.${method}`).join(', ');
    expect(comparable(sandboxed), `${what}: ${names}`).to.deep.equal(comparable(native));
    return native;
  }

  #note({ failure, events }: MemoryReceipt): void {
    this.#transactions += 1;
    if (failure === undefined) this.#succeeded += 1;
    else {
      const code = `${failure.failedCall.split('.')[0]}.${failure.code}`;
      this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    }
    for (const { contract, name } of events) this.#events.add(`${contract}.${name}`);
  }

  /** Has a proposal approved by every bank, and made what it says. */
  #decide(receipt: MemoryReceipt, what: string): void {
    const { approve } = governance.methods;
    const { id, hash } = decoded(governance.methods.propose, receipt.results[0]);
    for (const bank of [ACCOUNTS.alfa, ACCOUNTS.beta, ACCOUNTS.gamma]) {
      this.#both({ sender: bank, calls: [callOf(approve, { id, hash })] }, `${what}, approval`);
    }
    this.#endBlock(what);
    this.#endBlock(what);
  }

  #endBlock(what: string): void {
    const { events } = this.#both(this.#traffic.endOfBlock(), `${what}, end of the block`);
    for (const { contract, name } of events) this.#events.add(`${contract}.${name}`);
    expect(this.#sandboxed.snapshot(), what).to.deep.equal(this.#native.snapshot());
    for (const transaction of this.#traffic.housekeeping()) this.#both(transaction, `${what}, housekeeping`);
    for (const call of VIEWS) expect(this.#view(this.#sandboxed, call), what).to.equal(this.#view(this.#native, call));
  }

  #view(ledger: MemoryLedger, call: (typeof VIEWS)[number]): string {
    try {
      return toHex(ledger.view(call));
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  }
}

function decoded<A, T>(method: MethodRef<A, T, 'tx'>, result: Uint8Array | undefined): T {
  return (method.returns as NonNullable<typeof method.returns>).decode(result ?? new Uint8Array());
}

const page = { limit: 20 };

const VIEWS = [
  callOf(cash.methods.balances, { account: ACCOUNTS.alfa }),
  callOf(cash.methods.position, { currency: 'EUR', account: ACCOUNTS.beta }),
  callOf(cash.methods.position, { currency: 'GBP', account: ACCOUNTS.beta }),
  callOf(cash.methods.supply, { currency: 'EUR' }),
  callOf(cash.methods.figures, { currency: 'USD', ...page }),
  callOf(cash.methods.limits, { currency: 'EUR', account: ACCOUNTS.alfa }),
  callOf(cash.methods.counterpartyLimits, { currency: 'EUR', account: ACCOUNTS.beta, ...page }),
  callOf(cash.methods.currencies, {}),
  callOf(cash.methods.locks, { currency: 'EUR', contract: 'desk', ...page }),
  callOf(assets.methods.locks, { instrument: 'BOND-1', contract: 'desk', ...page }),
  callOf(assets.methods.position, { account: ACCOUNTS.alfa, instrument: 'BOND-1' }),
  callOf(assets.methods.instruments, page),
  callOf(assets.methods.versions, { instrument: 'BOND-1', ...page }),
  callOf(assets.methods.admitted, { instrument: 'BOND-1', ...page }),
  callOf(assets.methods.ineligibility, { instrument: 'BOND-1', account: ACCOUNTS.beta }),
  callOf(subscriptions.methods.toInstrument, { instrument: 'BOND-1', ...page }),
  callOf(subscriptions.methods.ofAccount, { account: ACCOUNTS.alfa, ...page }),
  callOf(assets.methods.split, { instrument: 'BOND-1' }),
  callOf(assets.methods.holders, { instrument: 'BOND-1', ...page }),
  callOf(assets.methods.holdings, { account: ACCOUNTS.alfa, limit: 1_001 - 1 }),
  callOf(payments.methods.isReferenceUsed, { debtor: ACCOUNTS.alfa, reference: 'again', businessDay: TODAY }),
  callOf(membership.methods.members, page),
  callOf(membership.methods.accounts, { member: 'ALFADEFF', ...page }),
  callOf(membership.methods.account, { account: ACCOUNTS.unknown }),
  callOf(membership.methods.signing, { account: ACCOUNTS.alfaSecond }),
  callOf(membership.methods.nodes, page),
  callOf(membership.methods.electorate, {}),
  callOf(parameters.methods.current, {}),
  callOf(parameters.methods.check, {}),
];
