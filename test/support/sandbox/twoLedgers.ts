import { expect } from 'chai';
import { MemoryLedger, type MemoryReceipt, type MemoryTransaction } from '../../../contracts/testing/memoryLedger.js';
import { toHex } from '../../../primitives/bytes.js';

type AllOptions = ConstructorParameters<typeof MemoryLedger>[0];
type Options = Omit<AllOptions, 'contracts'>;

/** What the executors must agree on: everything of a receipt but the fuel. */
export function comparable({ failure, events, outcomes, results }: MemoryReceipt) {
  return {
    failure: failure && { code: failure.code, failedCall: failure.failedCall, data: toHex(failure.data) },
    events: events.map(({ contract, name, data }) => ({ contract, name, data: toHex(data) })),
    outcomes,
    results: results.map(toHex),
  };
}

/** The same transactions on contracts that run natively, and on the same contracts in the sandbox. */
export class TwoLedgers {
  readonly native: MemoryLedger;
  readonly sandboxed: MemoryLedger;

  constructor(native: AllOptions['contracts'], sandboxed: AllOptions['contracts'], options: Options) {
    this.native = new MemoryLedger({ ...options, contracts: native });
    this.sandboxed = new MemoryLedger({ ...options, contracts: sandboxed });
  }

  /** Runs it on both and holds them against each other. @returns the native receipt */
  run(transaction: MemoryTransaction, what = 'the transaction'): MemoryReceipt {
    const native = this.native.run(transaction);
    const sandboxed = this.sandboxed.run(transaction);
    expect(comparable(sandboxed), what).to.deep.equal(comparable(native));
    return native;
  }

  expectSameState(what = 'the states'): void {
    expect(this.sandboxed.snapshot(), what).to.deep.equal(this.native.snapshot());
  }
}
