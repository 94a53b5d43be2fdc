import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { calendarDayOf } from '../../contracts/api/calendar.js';
import { cash, payments } from '../../contracts/index.js';
import { genesisHash } from '../../genesis/genesis.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { markerPath } from '../../node/storage/marker.js';
import { headerHash } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import { buildCertificate } from '../../primitives/certificate.js';
import { commitDigest } from '../../primitives/message.js';
import type { Block, Certificate } from '../../primitives/types.js';
import { quorum } from '../../primitives/validator.js';
import { BenchError } from '../errors.js';
import { CURRENCY, type PreparedTransaction, TransactionPreparer } from '../load/preparedTransactions.js';
import type { LoadAccount } from '../network/accounts.js';
import type { ProvisionedNetwork } from '../network/provision.js';

/** Between two blocks, in consensus time. */
export const BLOCK_INTERVAL_MS = 10;
const OPENING_BALANCE = 1_000_000_000n;
/** Blocks whose payments are signed together. */
const PART_BLOCKS = 1_000;

export interface PreparedChainOptions {
  readonly blocks: number;
  readonly paymentsPerBlock: number;
  /** Data directories of the validators, the first of which the chain is made in. */
  readonly dataDirectories: readonly string[];
}

/**
 * A chain as a network that has run for a while would have it: real payments, executed, in blocks with the certificates
 * of a quorum of the validators' keys; only nobody had to agree on it. Every validator's home gets a copy.
 */
export async function prepareChain(
  { blocks, paymentsPerBlock, dataDirectories }: PreparedChainOptions,
  { genesis, central, accounts }: ProvisionedNetwork,
  validatorKeys: readonly LoadAccount[],
  note: (text: string) => void,
): Promise<TransactionPreparer> {
  const [first, ...others] = dataDirectories.map((directory) => join(directory, 'chain'));
  const clock = { nowMs: genesis.timestamp, isLive: false };
  const hash = genesisHash(genesis);
  const preparer = new TransactionPreparer(
    { chainId: genesis.chainId, genesisHash: hash, batchSize: 1 },
    {
      backend: chooseBackend().backend,
      hasher: chooseBulkHasher().hasher,
      nowMs: () => (clock.isLive ? Date.now() : clock.nowMs),
    },
  );
  const fail = (error: unknown): void => {
    throw error;
  };
  const executor = new ChainExecutor({ genesis, databasePath: first as string, onFatal: fail });
  await executor.start();
  const maker = new ChainMaker(executor, hash, validatorKeys);
  const append = (transactions: readonly PreparedTransaction[]): Promise<void> => {
    clock.nowMs += BLOCK_INTERVAL_MS;
    return maker.append(transactions, clock.nowMs);
  };
  for (const opening of openingOf(central, accounts, preparer)) await append([opening]);
  while (maker.height < blocks) {
    const count = Math.min(PART_BLOCKS, blocks - maker.height);
    const prepared = preparer.prepare('single', count * paymentsPerBlock, accounts);
    for (let block = 0; block < count; block++) {
      await append(prepared.slice(block * paymentsPerBlock, (block + 1) * paymentsPerBlock));
    }
    if (maker.height % (10 * PART_BLOCKS) < PART_BLOCKS) note(`${maker.height} of ${blocks} blocks made`);
  }
  await executor.stop();
  for (const other of others) {
    await cp(first as string, other, { recursive: true });
    await cp(markerPath(first as string), markerPath(other));
  }
  // From here on transactions are of now.
  clock.isLive = true;
  return preparer;
}

function openingOf(
  central: LoadAccount,
  accounts: readonly LoadAccount[],
  preparer: TransactionPreparer,
): readonly PreparedTransaction[] {
  const treasury = accounts[0] as LoadAccount;
  const amount = OPENING_BALANCE * BigInt(accounts.length);
  const rows = accounts.slice(1).map(({ address: creditor }, index) => ({
    creditor,
    amount: OPENING_BALANCE,
    reference: `OPENING-${index}`,
  }));
  const day = { currency: CURRENCY, day: calendarDayOf(Date.now()) };
  const reserve = { currency: CURRENCY, account: treasury.address, amount, reserveReference: 'BENCH-OPENING' };
  const batch = { debtor: treasury.address, currency: CURRENCY, mode: 'all', payments: rows } as const;
  return [
    preparer.call(central, cash.methods.openBusinessDay, day),
    preparer.call(central, cash.methods.issue, reserve),
    preparer.call(treasury, payments.methods.payBatch, batch),
  ];
}

/** Puts block upon block, each signed by a quorum. */
class ChainMaker {
  constructor(
    private readonly executor: ChainExecutor,
    private readonly hash: Hash,
    private readonly keys: readonly LoadAccount[],
  ) {}

  get height(): number {
    return this.executor.head().header.height;
  }

  /** @throws BenchError `SETUP_FAILED` where a transaction does not what it should */
  async append(transactions: readonly PreparedTransaction[], timestamp: number): Promise<void> {
    const { header, blockHash, validators } = this.executor.head();
    const height = header.height + 1;
    const { block, leftOut } = await this.executor.build({
      height,
      parentHash: blockHash,
      proposer: (validators[height % validators.length] ?? (this.keys[0] as LoadAccount)).address,
      timestamp,
      transactions: transactions.map(({ bytes }) => bytes),
    });
    const { included } = await this.executor.commit(block, this.certify(block));
    const failed = [...leftOut, ...included.filter(({ success }) => !success)][0];
    if (failed === undefined) return;
    throw new BenchError('SETUP_FAILED', `a transaction of block ${height} failed: ${failed.code}`, {
      actual: failed.code,
    });
  }

  private certify({ header }: Block): Certificate {
    const { validators } = this.executor.head();
    const vote = { height: header.height, round: 0, blockHash: headerHash(header) };
    const digest = commitDigest(this.hash, vote);
    const { backend } = chooseBackend();
    const signatures = new Map<number, Uint8Array>();
    for (const [index, { address }] of validators.entries()) {
      const key = this.keys.find((candidate) => candidate.address === address);
      if (key !== undefined && signatures.size < quorum(validators.length)) {
        signatures.set(index, backend.sign(digest, key.privateKey));
      }
    }
    return buildCertificate('commit', vote, validators.length, signatures);
  }
}
