import { join } from 'node:path';
import { cash } from '../../../contracts/cash/cash.js';
import { genesisHash as hashOf } from '../../../genesis/genesis.js';
import type { Genesis } from '../../../genesis/types.js';
import { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import { openChainDatabase } from '../../../node/storage/openChainDatabase.js';
import type { ChainDatabase } from '../../../node/storage/types.js';
import { verifyHome } from '../../../node/verifyHome.js';
import { headerHash } from '../../../primitives/block.js';
import { type Hash, toHex } from '../../../primitives/bytes.js';
import { invariant } from '../../../primitives/errors.js';
import { decodeReceipt } from '../../../primitives/receipt.js';
import { decodeTransaction } from '../../../primitives/transaction.js';
import type { Address, BlockHeader, Call, Certificate } from '../../../primitives/types.js';

/** A transaction as a node keeps it, with what its receipt says. */
export interface LedgerTransaction {
  readonly id: string;
  readonly sender: Address;
  readonly calls: readonly Call[];
  readonly success: boolean;
}

export interface LedgerBlock {
  readonly header: BlockHeader;
  readonly blockHash: Hash;
  /** Undefined at height 0. */
  readonly certificate: Certificate | undefined;
  readonly transactions: readonly LedgerTransaction[];
}

/** Everything that one stopped node has on its disk of the chain. */
export interface NodeLedger {
  readonly member: string;
  /** From height 0 on. */
  readonly blocks: readonly LedgerBlock[];
  /** What `vostro node verify` says; nothing when all is well. */
  readonly ownFaults: readonly string[];
  /** As the state says. */
  readonly balances: ReadonlyMap<Address, bigint>;
  /** Issued less redeemed, as the state says. */
  readonly outstanding: bigint;
}

export interface LedgerSource {
  readonly member: string;
  /** Home of a node that does not run. */
  readonly home: string;
  readonly genesis: Genesis;
  readonly currency: string;
  /** Whose balances are read. */
  readonly accounts: readonly Address[];
}

/** Reads a stopped node's database. @throws StorageError where it does not open, or a value is damaged */
export async function readLedger(source: LedgerSource): Promise<NodeLedger> {
  const databasePath = join(source.home, 'data', 'chain');
  const { faults } = await verifyHome({
    genesisFile: join(source.home, 'genesis.json'),
    dataDirectory: join(source.home, 'data'),
  });
  const ownFaults = faults.map(({ code, message }) => `${code}: ${message}`);
  const blocks = await readBlocks(databasePath, hashOf(source.genesis));
  return { member: source.member, blocks, ownFaults, ...(await readMoney(source, databasePath)) };
}

async function readBlocks(path: string, genesisHash: Hash): Promise<readonly LedgerBlock[]> {
  const database = await openChainDatabase({ path, genesisHash });
  try {
    const head = database.head();
    invariant(head !== undefined, 'a node that ran has a head', { expected: path });
    const blocks: LedgerBlock[] = [];
    for (let height = 0; height <= head.height; height++) blocks.push(readBlock(database, height));
    return blocks;
  } finally {
    await database.close();
  }
}

function readBlock(database: ChainDatabase, height: number): LedgerBlock {
  const header = database.headers.get(height);
  invariant(header !== undefined, 'every height has a header', { expected: `${height}` });
  const bodies = database.bodies.list(height) ?? [];
  const receipts = database.receipts.list(height) ?? [];
  return {
    header,
    blockHash: headerHash(header),
    certificate: database.certificates.get(height),
    transactions: bodies.map((bytes, index) => {
      const { id, body } = decodeTransaction(bytes, database.genesisHash);
      const receipt = decodeReceipt(receipts[index] ?? new Uint8Array());
      return { id: toHex(id), sender: body.sender, calls: body.calls, success: receipt.success };
    }),
  };
}

/** Opening the chain checks the state against the head's root. */
async function readMoney(
  { genesis, currency, accounts }: LedgerSource,
  databasePath: string,
): Promise<Pick<NodeLedger, 'balances' | 'outstanding'>> {
  const onFatal = (error: unknown): never => {
    throw error;
  };
  const executor = new ChainExecutor({ genesis, databasePath, onFatal });
  try {
    await executor.start();
    const { balance, supply } = cash.methods;
    const balances = new Map<Address, bigint>();
    for (const account of accounts) {
      const bytes = await executor.view('cash', 'balance', balance.args.encode({ currency, account }));
      balances.set(account, balance.returns?.decode(bytes) ?? 0n);
    }
    const totals = supply.returns?.decode(await executor.view('cash', 'supply', supply.args.encode({ currency })));
    return { balances, outstanding: (totals?.issued ?? 0n) - (totals?.redeemed ?? 0n) };
  } finally {
    await executor.stop();
  }
}
