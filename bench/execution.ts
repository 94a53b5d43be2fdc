import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callOf } from '../contracts/api/method.js';
import { cash, payments } from '../contracts/index.js';
import { buildGenesis, type GenesisDescription } from '../genesis/genesis.js';
import { GENESIS_LIMITS } from '../genesis/limits.js';
import { ChainExecutor } from '../node/execution/chainExecutor.js';
import type { CommitResult } from '../node/execution/types.js';
import { chooseBackend } from '../node/signatures/chooseBackend.js';
import { headerHash } from '../primitives/block.js';
import { toHex } from '../primitives/bytes.js';
import { buildCertificate } from '../primitives/certificate.js';
import { LIMITS } from '../primitives/limits.js';
import { SUITE_SECP256K1 } from '../primitives/suite.js';
import { utf8Encode } from '../primitives/text.js';
import { encodeTransaction } from '../primitives/transaction.js';
import type { Address, Block, Call, SignatureBackend, TransactionBody } from '../primitives/types.js';
import { ENGINE_PIN } from '../sandbox/enginePin.js';
import { BenchError } from './errors.js';
import { accountOf, type LoadAccount } from './network/accounts.js';
import { shareGenesisState } from './network/provision.js';
import { MAX_ACCOUNTS } from './options.js';
import { randomIndices } from './random.js';

const CHAIN_ID = 'bench-execution';
const START_MS = 1_767_600_000_000;
const LEI = '5299000J2N45DDNE4Y28';
const OPENING_BALANCE = 10_000_000n;
const NO_SIGNATURE = new Uint8Array(64).fill(1);
const VALIDATORS = ['ALFADEFF', 'BETAFRPP', 'GAMAITMM', 'DELTESMM'];
const CENTRAL = 'CENBDEFF';

/** The keys of a small network: none signs anything. */
interface Parties {
  readonly central: LoadAccount;
  readonly byBank: readonly (readonly LoadAccount[])[];
  readonly accounts: readonly Address[];
}

/** Banks enough for so many accounts, each with as many, the first of them validators. */
function makeParties(count: number, backend: SignatureBackend): Parties {
  const banks = Math.max(VALIDATORS.length, Math.ceil(count / GENESIS_LIMITS.accountsPerMember));
  const byBank = Array.from({ length: banks }, (_, bank) =>
    Array.from({ length: Math.ceil(count / banks) }, (_, index) => accountOf(`${bank} ${index}`, backend)),
  );
  return { central: accountOf('central', backend), byBank, accounts: byBank.flat().map(({ address }) => address) };
}

function description({ central, byBank }: Parties): GenesisDescription {
  const member = (bic: string, role: 'bank' | 'centralBank', keys: readonly LoadAccount[], isValidator: boolean) => ({
    bic,
    lei: LEI,
    name: bic,
    roles: [role],
    keys: keys.map(({ publicKey }) => ({ publicKey: toHex(publicKey), possession: toHex(NO_SIGNATURE) })),
    accounts: keys.map(({ address }, index) => ({ label: `account-${index}`, keys: [address] })),
    nodes: isValidator ? [{ peerId: `peer-${bic}`, role: 'validator' as const, addresses: [] }] : [],
    ...(isValidator ? { validator: keys[0]?.address } : {}),
  });
  return {
    chainId: CHAIN_ID,
    timestamp: START_MS,
    currencies: [{ code: 'EUR', decimals: 2, issuer: CENTRAL }],
    members: [
      member(CENTRAL, 'centralBank', [central], false),
      ...byBank.map((keys, index) => member(bicOf(index), 'bank', keys, index < VALIDATORS.length)),
    ],
  };
}

function bicOf(bank: number): string {
  return VALIDATORS[bank] ?? `HLDRDE${bank.toString(36).toUpperCase().padStart(2, '0')}`;
}

/** Processor time of the process: other processes of the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Transactions of the parties, each with references of its own. */
class Workload {
  readonly #pick = randomIndices(7);
  #next = 0;

  constructor(
    private readonly accounts: readonly Address[],
    private readonly expiresAt: number,
  ) {}

  transaction(sender: Address, call: Call): Uint8Array {
    const body: TransactionBody = {
      chainId: CHAIN_ID,
      sender,
      signers: [sender],
      reference: utf8Encode(`tx-${this.#next++}`),
      expiresAt: this.expiresAt,
      priority: 'normal',
      calls: [call],
    };
    return encodeTransaction({ body, signatures: [{ suite: SUITE_SECP256K1, signature: NO_SIGNATURE }] });
  }

  single(): Uint8Array {
    const [debtor, creditor] = this.#parties();
    const reference = `P-${this.#next}`;
    const args = { debtor, creditor, currency: 'EUR', amount: 7n, reference };
    return this.transaction(debtor, callOf(payments.methods.pay, args));
  }

  batch(size: number): Uint8Array {
    const at = this.#pick(this.accounts.length);
    const debtor = this.accounts[at] as Address;
    const rows = Array.from({ length: size }, (_, index) => ({
      creditor: this.#other(at),
      amount: 1n,
      reference: `B-${this.#next}-${index}`,
    }));
    return this.#batch(debtor, rows);
  }

  opening(treasury: Address, creditors: readonly Address[], amount: bigint): Uint8Array {
    const rows = creditors.map((creditor, index) => ({
      creditor,
      amount,
      reference: `OPENING-${this.#next}-${index}`,
    }));
    return this.#batch(treasury, rows);
  }

  #batch(debtor: Address, rows: readonly { creditor: Address; amount: bigint; reference: string }[]): Uint8Array {
    const args = { debtor, currency: 'EUR', mode: 'each', payments: rows } as const;
    return this.transaction(debtor, callOf(payments.methods.payBatch, args));
  }

  #parties(): readonly [Address, Address] {
    const at = this.#pick(this.accounts.length);
    return [this.accounts[at] as Address, this.#other(at)];
  }

  #other(index: number): Address {
    const { length } = this.accounts;
    return this.accounts[(index + 1 + this.#pick(length - 1)) % length] as Address;
  }
}

interface Times {
  build: number;
  execute: number;
  commit: number;
}

class Chain {
  constructor(
    private readonly executors: readonly [ChainExecutor, ChainExecutor],
    private readonly proposer: Address,
  ) {}

  async settle(transactions: readonly Uint8Array[], times: Times): Promise<CommitResult> {
    const [builder, validator] = this.executors;
    const { header, blockHash } = builder.head();
    const request = {
      height: header.height + 1,
      parentHash: blockHash,
      proposer: this.proposer,
      timestamp: header.timestamp + 100,
      transactions,
    };
    const start = cpuMs();
    const { block, leftOut } = await builder.build(request);
    const built = cpuMs();
    const executed = await validator.execute(block);
    const checked = cpuMs();
    if (!executed.valid || leftOut.length > 0) console.error(executed, leftOut.slice(0, 3));
    const result = await builder.commit(block, certify(block));
    const committed = cpuMs();
    await validator.commit(block, certify(block));
    times.build += built - start;
    times.execute += checked - built;
    times.commit += committed - checked;
    return result;
  }
}

function certify(block: Block) {
  const vote = { height: block.header.height, round: 0, blockHash: headerHash(block.header) };
  const signatures = new Map([0, 1, 2].map((index) => [index, NO_SIGNATURE]));
  return buildCertificate('commit', vote, VALIDATORS.length, signatures);
}

async function measure(chain: Chain, name: string, blocks: readonly Uint8Array[][], paymentsPerTransaction: number) {
  const times = { build: 0, execute: 0, commit: 0 };
  let count = 0;
  let failed = 0;
  for (const block of blocks) {
    const { included } = await chain.settle(block, times);
    count += block.length * paymentsPerTransaction;
    failed += included.filter(({ success }) => !success).length;
  }
  const each = (total: number) => `${((total * 1_000) / count).toFixed(2)} us`;
  console.log(
    `${name.padEnd(28)} ${count} payments (${failed} failed): build ${each(times.build)}, execute ${each(times.execute)}, commit ${each(times.commit)} a payment`,
  );
}

/**
 * What a payment costs in the executor, signatures aside: one process, LevelDB in a temporary directory, synced writes.
 *
 * @param args blocks of each kind, accounts that pay and receive
 */
export async function measureExecution([blockCount = '5', accounts = '1600']: readonly string[]): Promise<void> {
  const { backend } = chooseBackend();
  const parties = makeParties(accountsOf(accounts), backend);
  const directory = await mkdtemp(join(tmpdir(), 'vostro-bench-'));
  const genesis = buildGenesis(description(parties), ENGINE_PIN, backend);
  const directories = [join(directory, 'builder'), join(directory, 'validator')];
  await shareGenesisState(genesis, directories);
  const [builder, validator] = directories.map((home) => {
    const onFatal = (error: unknown): void => console.error(error);
    return new ChainExecutor({ genesis, databasePath: join(home, 'chain'), onFatal });
  }) as [ChainExecutor, ChainExecutor];
  const executors = [builder, validator] as const;
  try {
    for (const executor of executors) await executor.start();
    const chain = new Chain(executors, parties.accounts[0] as Address);
    const load = new Workload(parties.accounts, START_MS + genesis.parameters.referenceWindowMs);
    await fund(chain, parties, load);
    const blocks = (make: () => Uint8Array, size: number) =>
      Array.from({ length: Number(blockCount) }, () => Array.from({ length: size }, make));
    const single = () => load.single();
    await measure(chain, 'singles, warm-up', blocks(single, 2_000), 1);
    await measure(chain, 'singles, 5,000 a block', blocks(single, 5_000), 1);
    const batch = () => load.batch(LIMITS.paymentsPerBatch);
    await measure(chain, 'batches of 5,000, 4 a block', blocks(batch, 4), LIMITS.paymentsPerBatch);
    await measure(chain, 'singles, 500 a block', blocks(single, 500), 1);
  } finally {
    for (const executor of executors) await executor.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function accountsOf(text: string): number {
  const accounts = Number(text);
  if (Number.isInteger(accounts) && accounts >= VALIDATORS.length && accounts <= MAX_ACCOUNTS) return accounts;
  const expected = `${VALIDATORS.length} to ${MAX_ACCOUNTS} accounts`;
  throw new BenchError('OPTION_INVALID', `execution: expected ${expected}, found ${text}`, { expected, actual: text });
}

async function fund(chain: Chain, { central, accounts }: Parties, load: Workload): Promise<void> {
  const ignored = { build: 0, execute: 0, commit: 0 };
  const day = callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: 20_260_105 });
  await chain.settle([load.transaction(central.address, day)], ignored);
  const [treasury, ...others] = accounts as [Address, ...Address[]];
  const amount = OPENING_BALANCE * BigInt(accounts.length);
  const issue = { currency: 'EUR', account: treasury, amount, reserveReference: 'OPENING' };
  await chain.settle([load.transaction(central.address, callOf(cash.methods.issue, issue))], ignored);
  for (let from = 0; from < others.length; from += LIMITS.paymentsPerBatch) {
    const rows = others.slice(from, from + LIMITS.paymentsPerBatch);
    await chain.settle([load.opening(treasury, rows, OPENING_BALANCE)], ignored);
  }
}
