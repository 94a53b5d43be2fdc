import type { ExecutableContract, StandardContract } from '../../contracts/api/index.js';
import { standardContracts } from '../../contracts/index.js';
import { MemoryLedger, type MemoryTransaction } from '../../contracts/testing/memoryLedger.js';
import { registryDirectory } from '../../contracts/testing/registryDirectory.js';
import { toHex } from '../../primitives/bytes.js';
import type { Call, ContractEvent, Outcome, TimestampMs } from '../../primitives/types.js';

/** Under which a network keeps what is deployed: alone may ask a version to migrate. */
const DEPLOYMENT = 'contracts';

/** What a transaction did, by one executor. */
export interface LaneReceipt {
  readonly failure: LaneFailure | undefined;
  readonly results: readonly Uint8Array[];
  readonly events: readonly ContractEvent[];
  readonly outcomes: readonly Outcome[];
  readonly fuelUsed: number;
}

export interface LaneFailure {
  readonly code: string;
  readonly data: Uint8Array;
  readonly failedCall: string;
  readonly reason: string;
}

/** Gives the reason of the newest exception in the contract, and forgets it. */
export type TakeReason = () => string | undefined;

/** One executor's form of a contract, and how to learn why it failed. */
export interface Executor {
  readonly contract: StandardContract;
  readonly takeReason: TakeReason;
}

/** What a contract was prepared for; one of the two at least. */
export interface Executors {
  readonly native: Executor | undefined;
  readonly sandbox: Executor | undefined;
}

/** A ledger on which one executor runs the contract under test; the others run natively, as a node has them. */
export class Lane {
  readonly title: 'sandbox' | 'natively';
  readonly #ledger: MemoryLedger;
  readonly #contracts: Map<string, ExecutableContract>;
  #takeReason: TakeReason;

  constructor(
    title: 'sandbox' | 'natively',
    { contract, takeReason }: Executor,
    others: readonly ExecutableContract[],
  ) {
    this.title = title;
    this.#takeReason = takeReason;
    const standard = standardContracts().filter(({ name }) => name !== DEPLOYMENT);
    const all = [...standard, ...others, contract, migrator(contract.name)];
    this.#contracts = new Map(all.map((one) => [one.name, one]));
    this.#ledger = new MemoryLedger({
      contracts: () => ({ get: (name) => this.#contracts.get(name) }),
      directory: registryDirectory,
      chainId: 'vostro-test',
    });
  }

  /** Puts another version in the contract's place. */
  replace({ contract, takeReason }: Executor): void {
    this.#contracts.set(contract.name, contract);
    this.#takeReason = takeReason;
  }

  run(transaction: MemoryTransaction): LaneReceipt {
    try {
      const { failure, ...done } = this.#ledger.run(transaction);
      if (failure === undefined) return { failure, ...done };
      const reason = this.#takeReason() ?? failure.message;
      const { code, data, failedCall } = failure;
      return { ...done, failure: { code, data, failedCall, reason } };
    } catch (error) {
      // In the sandbox, what a contract throws is a fault; natively it would stop a node, and is one here.
      const { contract = '', method = '' } = transaction.calls[0] ?? {};
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const failure = { code: FAULT, data: new Uint8Array(), failedCall: `${contract}.${method}`, reason };
      return { failure, results: [], events: [], outcomes: [], fuelUsed: 0 };
    }
  }

  /** @throws ContractFailure, or what the contract threw */
  view(call: Call, at: { readonly height: number; readonly timestamp: TimestampMs }): Uint8Array {
    return this.#ledger.view(call, at);
  }

  snapshot(): readonly string[] {
    return this.#ledger.snapshot();
  }
}

/** What an undeclared exception, or an exhausted guest, ends a call with. */
export const FAULT = 'CONTRACT_FAULT';

/** Passes its calls on to the contract under test, as what activates a version does. */
function migrator(contract: string): ExecutableContract {
  return { name: DEPLOYMENT, version: 1, dispatch: (host, method, args) => host.call(contract, method, args) };
}

export function migrationCall(method: string, args: Uint8Array): Call {
  return { contract: DEPLOYMENT, method, args };
}

/** How two executors part over one transaction, as lines for a person; none when they agree. */
export function differencesOf(a: LaneReceipt, b: LaneReceipt, states: readonly [readonly string[], readonly string[]]) {
  const lines: string[] = [];
  const compare = (what: string, left: string, right: string): void => {
    if (left !== right) lines.push(`${what}: ${left} in the sandbox, ${right} natively`);
  };
  compare('outcome', outcomeOf(a), outcomeOf(b));
  if (a.failure?.code !== FAULT) compare('data of the failure', hexOf(a.failure?.data), hexOf(b.failure?.data));
  compare('results', a.results.map(toHex).join(' '), b.results.map(toHex).join(' '));
  compare('events', eventsOf(a), eventsOf(b));
  compare('outcomes', JSON.stringify(a.outcomes), JSON.stringify(b.outcomes));
  const [left, right] = states;
  const [onlyLeft, onlyRight] = [
    left.filter((row) => !right.includes(row)),
    right.filter((row) => !left.includes(row)),
  ];
  for (const row of onlyLeft) lines.push(`state: in the sandbox alone ${row}`);
  for (const row of onlyRight) lines.push(`state: natively alone ${row}`);
  return lines;
}

function outcomeOf({ failure }: LaneReceipt): string {
  return failure === undefined ? 'settled' : `${failure.code} of ${failure.failedCall}`;
}

function eventsOf({ events }: LaneReceipt): string {
  return events.map(({ contract, name, data }) => `${contract}.${name} ${toHex(data)}`).join(', ');
}

function hexOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'none' : toHex(bytes);
}
