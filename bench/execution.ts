import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MethodKind, MethodRef } from '../contracts/api/method.js';
import { cash, payments } from '../contracts/index.js';
import { buildGenesis, type GenesisDescription } from '../genesis/genesis.js';
import { ChainExecutor } from '../node/execution/chainExecutor.js';
import type { CommitResult } from '../node/execution/types.js';
import { addressFromPublicKey } from '../primitives/address.js';
import { headerHash } from '../primitives/block.js';
import { toHex } from '../primitives/bytes.js';
import { buildCertificate } from '../primitives/certificate.js';
import { sha256 } from '../primitives/hash.js';
import { publicKeyOf } from '../primitives/signature.js';
import { utf8Encode } from '../primitives/text.js';
import { encodeTransaction } from '../primitives/transaction.js';
import type { Address, Block, Call } from '../primitives/types.js';

/**
 * What a payment costs in the executor, signatures aside: one process, LevelDB in a temporary directory, synced writes.
 * Run: node dist/bench/execution.js [blocks]
 */

const CHAIN_ID = 'bench-execution';
const START_MS = 1_767_600_000_000;
const ACCOUNTS_PER_BANK = 400;
const LEI = '5299000J2N45DDNE4Y28';
const NO_SIGNATURE = new Uint8Array(64).fill(1);
const BANKS = ['ALFADEFF', 'BETAFRPP', 'GAMAITMM', 'DELTESMM'];
const CENTRAL = 'CENBDEFF';

interface Key {
  readonly publicKey: Uint8Array;
  readonly address: Address;
}

function keyOf(name: string): Key {
  const publicKey = publicKeyOf(sha256(utf8Encode(`bench ${name}`)));
  return { publicKey, address: addressFromPublicKey(publicKey) };
}

function callOf<A, T>({ contract, method, args }: MethodRef<A, T, MethodKind>, values: A): Call {
  return { contract, method, args: args.encode(values) };
}

const central = keyOf('central');
const keysByBank = BANKS.map((bank) =>
  Array.from({ length: ACCOUNTS_PER_BANK }, (_, index) => keyOf(`${bank} ${index}`)),
);
const accounts = keysByBank.flat().map(({ address }) => address);

function description(): GenesisDescription {
  const member = (bic: string, role: 'bank' | 'centralBank', keys: readonly Key[], isValidator: boolean) => ({
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
      ...BANKS.map((bic, index) => member(bic, 'bank', keysByBank[index] ?? [], true)),
    ],
  };
}

const genesis = buildGenesis(description());
const references = { next: 0 };

function transaction(sender: Address, call: Call): Uint8Array {
  const body = {
    chainId: CHAIN_ID,
    sender,
    signers: [sender],
    reference: utf8Encode(`tx-${references.next++}`),
    expiresAt: START_MS + genesis.parameters.referenceWindowMs,
    calls: [call],
  };
  return encodeTransaction({ body, signatures: [{ suite: 1, signature: NO_SIGNATURE }] });
}

/** Processor time of the process: other processes of the machine do not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A cheap generator, the same in every run. */
function randomIndices(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

const pick = randomIndices(7);

function party(): Address {
  return accounts[pick(accounts.length)] as Address;
}

function single(): Uint8Array {
  const debtor = party();
  const reference = `P-${references.next}`;
  return transaction(
    debtor,
    callOf(payments.methods.pay, { debtor, creditor: party(), currency: 'EUR', amount: 7n, reference }),
  );
}

function batch(size: number): Uint8Array {
  const debtor = party();
  const rows = Array.from({ length: size }, (_, index) => ({
    creditor: party(),
    amount: 1n,
    reference: `B-${references.next}-${index}`,
  }));
  return transaction(
    debtor,
    callOf(payments.methods.payBatch, { debtor, currency: 'EUR', mode: 'each', payments: rows }),
  );
}

interface Times {
  build: number;
  execute: number;
  commit: number;
}

class Chain {
  readonly #executors: readonly ChainExecutor[];

  constructor(executors: readonly ChainExecutor[]) {
    this.#executors = executors;
  }

  async settle(transactions: readonly Uint8Array[], times: Times): Promise<CommitResult> {
    const [builder, validator] = this.#executors as [ChainExecutor, ChainExecutor];
    const { header, blockHash } = builder.head();
    const request = {
      height: header.height + 1,
      parentHash: blockHash,
      proposer: accounts[0] as Address,
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
  return buildCertificate('commit', vote, BANKS.length, signatures);
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

async function main(): Promise<void> {
  const blockCount = Number(process.argv[2] ?? 5);
  const directory = await mkdtemp(join(tmpdir(), 'vostro-bench-'));
  const onFatal = (error: unknown) => console.error(error);
  const executors = ['builder', 'validator'].map(
    (name) => new ChainExecutor({ genesis, databasePath: join(directory, name), onFatal }),
  );
  try {
    for (const executor of executors) await executor.start();
    const chain = new Chain(executors);
    const ignored = { build: 0, execute: 0, commit: 0 };
    await chain.settle(
      [transaction(central.address, callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: 20_260_105 }))],
      ignored,
    );
    const issues = accounts.map((account) =>
      callOf(cash.methods.issue, {
        currency: 'EUR',
        account,
        amount: 10_000_000n,
        reserveReference: account.slice(0, 30),
      }),
    );
    await chain.settle(
      issues.map((issue) => transaction(central.address, issue)),
      ignored,
    );
    const blocks = (make: () => Uint8Array, size: number) =>
      Array.from({ length: blockCount }, () => Array.from({ length: size }, make));
    await measure(chain, 'singles, warm-up', blocks(single, 2_000), 1);
    await measure(chain, 'singles, 5,000 a block', blocks(single, 5_000), 1);
    await measure(
      chain,
      'batches of 5,000, 4 a block',
      blocks(() => batch(5_000), 4),
      5_000,
    );
    await measure(chain, 'singles, 500 a block', blocks(single, 500), 1);
  } finally {
    for (const executor of executors) await executor.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
