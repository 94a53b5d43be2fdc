import type { ExecutableContract } from '../contracts/api/host.js';
import { callOf } from '../contracts/api/method.js';
import { fixedContracts } from '../contracts/runtime/environment.js';
import { runCalls } from '../contracts/runtime/runCalls.js';
import { TransactionRun } from '../contracts/runtime/transactionRun.js';
import { MemoryState, MemoryUsedOnce } from '../contracts/testing/memoryState.js';
import { StateOverlay } from '../node/state/overlay.js';
import { domainTag } from '../primitives/hash.js';
import type { Address, Call } from '../primitives/types.js';
import { loadContract } from '../sandbox/border/loadContract.js';
import { createStandardEngine } from '../sandbox/standardEngine.js';
import { bundleContract } from '../test/support/sandbox/bundle.js';
import { contract as token } from '../test/support/sandbox/contracts/token.js';
import { accountOf, openDirectory } from '../test/support/sandbox/directory.js';
import { BenchError } from './errors.js';
import { randomIndices } from './random.js';

const ACCOUNTS = 10_000;
const BLOCK_TRANSACTIONS = 1_000;
const LOAD_FUEL = 100_000_000;
const TRANSACTION_FUEL = 200_000_000;
const TIMESTAMP_MS = 1_767_600_000_000;

interface Measurement {
  readonly fuel: number;
  readonly microseconds: number;
}

/**
 * What a transfer of a token costs in the runtime of contracts, natively and in the sandbox: fuel, processor time of this
 * process. Signatures, receipts and the state tree are not in it.
 *
 * @param args rounds of 1,000 transfers that are measured
 */
export async function measureContracts([rounds = '20']: readonly string[]): Promise<void> {
  const started = performance.now();
  const engine = createStandardEngine();
  const booted = performance.now();
  const program = await bundleContract('test/support/sandbox/contracts/token.ts', 'contract');
  const bundled = performance.now();
  const { contract, fuelUsed } = loadContract(engine, program, LOAD_FUEL);
  const loaded = performance.now();
  print(`engine made in ${(booted - started).toFixed(0)} ms; bundle of ${program.length} bytes loaded in`);
  print(`${(loaded - bundled).toFixed(1)} ms and ${fuelUsed} units of fuel`);
  const native = measure(token, Number(rounds));
  const sandboxed = measure(contract, Number(rounds));
  for (const [name, { fuel, microseconds }] of Object.entries({ native, sandboxed })) {
    const perSecond = Math.round(1_000_000 / microseconds);
    const unit = ((1_000 * microseconds) / fuel).toFixed(2);
    print(
      `${name.padEnd(9)} ${microseconds.toFixed(1)} us a transfer, ${perSecond} a second and core; ${fuel} units, ${unit} ns each`,
    );
  }
}

function measure(contract: ExecutableContract, rounds: number): Measurement {
  const ledger = new BenchLedger(contract);
  for (let round = 0; round < 5; round++) ledger.block();
  let fuel = 0;
  const start = process.cpuUsage();
  for (let round = 0; round < rounds; round++) fuel += ledger.block();
  const { user, system } = process.cpuUsage(start);
  const transfers = rounds * BLOCK_TRANSACTIONS;
  return { fuel: Math.round(fuel / transfers), microseconds: (user + system) / transfers };
}

/** A block's overlay over a state in memory, one run of the runtime for each transaction. */
class BenchLedger {
  readonly #contract: ExecutableContract;
  readonly #committed = new MemoryState();
  readonly #pick = randomIndices(7);

  constructor(contract: ExecutableContract) {
    this.#contract = contract;
    const [issuer, amount] = [accountOf(0), 10n ** 12n];
    const issue = callOf(token.methods.issue, { asset: 'USD', decimals: 2, issuer, account: issuer, amount });
    this.#run([[issuer, issue]]);
    const seeds = Array.from({ length: ACCOUNTS }, (_, index): readonly [Address, Call] => [
      issuer,
      callOf(token.methods.transfer, { asset: 'USD', from: issuer, to: accountOf(index), amount: 1_000_000n }),
    ]);
    this.#run(seeds);
  }

  /** @returns units of fuel, those of signatures and bytes left out */
  block(): number {
    return this.#run(
      Array.from({ length: BLOCK_TRANSACTIONS }, () => {
        const from = accountOf(this.#pick(ACCOUNTS));
        const to = accountOf(this.#pick(ACCOUNTS));
        return [from, callOf(token.methods.transfer, { asset: 'USD', from, to, amount: 5n })] as const;
      }),
    );
  }

  #run(transactions: readonly (readonly [Address, Call])[]): number {
    const state = new StateOverlay(this.#committed);
    const directory = openDirectory();
    const environment = {
      chainId: 'bench',
      genesisHash: domainTag('bench'),
      height: 1,
      timestamp: TIMESTAMP_MS,
      contracts: fixedContracts([this.#contract]),
      state,
      usedOnce: new MemoryUsedOnce(),
      registry: directory,
      governance: directory,
      stateRoot: () => undefined,
    };
    let fuel = 0;
    for (const [sender, call] of transactions) {
      const run = new TransactionRun(environment, { sender, signers: [sender], readOnly: false }, TRANSACTION_FUEL);
      const outcome = runCalls(run, [call], 0);
      if ('failure' in outcome) throw new BenchError('SETUP_FAILED', `a transfer failed: ${outcome.failure.code}`);
      fuel += run.fuel.used;
    }
    for (const [key, value] of state.changes()) if (value !== undefined) this.#committed.put(key, value);
    return fuel;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
