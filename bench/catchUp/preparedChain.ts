import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { calendarDayOf } from '../../contracts/api/calendar.js';
import { cash, payments } from '../../contracts/index.js';
import { genesisHash } from '../../genesis/genesis.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { markerPath } from '../../node/storage/marker.js';
import { CURRENCY, type PreparedTransaction, TransactionPreparer } from '../load/preparedTransactions.js';
import type { LoadAccount } from '../network/accounts.js';
import { ChainMaker } from '../network/chainMaker.js';
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
