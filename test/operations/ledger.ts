import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutableContract } from '../../contracts/api/host.js';
import type { KeySchemas, MapDefinition, MapEntry } from '../../contracts/api/state.js';
import { MapLayout } from '../../contracts/api/state.js';
import { standardContracts } from '../../contracts/index.js';
import { NamespacedReader } from '../../contracts/runtime/namespaces.js';
import { Chain } from '../../node/execution/chain.js';
import { openChainParts } from '../../node/execution/openChain.js';
import { ZERO_ADDRESS } from '../../primitives/address.js';
import { headerHash } from '../../primitives/block.js';
import { buildCertificate } from '../../primitives/certificate.js';
import { CodedError } from '../../primitives/errors.js';
import { decodeReceipt } from '../../primitives/receipt.js';
import { encodeTransaction } from '../../primitives/transaction.js';
import type { Address, Block, Call, Outcome, Receipt, TransactionBody } from '../../primitives/types.js';
import { quorum } from '../../primitives/validator.js';
import { desk } from '../support/sandbox/standardTraffic.js';
import { CHAIN_ID } from '../support/settlementNetwork.js';
import { BANKS, operationsGenesis } from './cast.js';

/** A transaction before it has a reference and a time. */
export interface Order {
  readonly sender: Address;
  readonly signers: readonly Address[];
  readonly calls: readonly Call[];
}

/** An order of a block, with what became of it. */
export interface Executed {
  readonly order: Order;
  /** Its place among the orders that the block was made of; -1 for what the members' decisions did at its end. */
  readonly index: number;
  readonly receipt: Receipt;
  readonly outcomes: readonly Outcome[];
}

/** A bank's contract that holds money and units. */
const OWN: readonly ExecutableContract[] = [desk];

/** True for a contract whose calls and events are described by its own ABI. */
export function isDescribed(contract: string): boolean {
  return OWN.every(({ name }) => name !== contract);
}

class LedgerError extends CodedError<'LEFT_OUT' | 'RECEIPT_MISSING'> {}

const NO_SIGNATURE = new Uint8Array(64).fill(1);
const PAGE = 1_000;
/** Time from a block to the end of its transactions' life. */
const LIFE_MS = 60_000;

/**
 * A chain as a node runs it, on a database of its own: blocks are built, executed and committed as there. Signatures alone are
 * none: who signed, each order says.
 */
export class OperationsLedger {
  readonly #chain: Chain;
  readonly #reader: (contract: string) => NamespacedReader;
  readonly #directory: string;
  #nextReference = 0;

  private constructor(chain: Chain, reader: (contract: string) => NamespacedReader, directory: string) {
    this.#chain = chain;
    this.#reader = reader;
    this.#directory = directory;
  }

  /** @param replaced standard contracts in the place of those of their names, with a bug that is to be found */
  static async open(replaced: readonly ExecutableContract[] = []): Promise<OperationsLedger> {
    const directory = await mkdtemp(join(tmpdir(), 'vostro-operations-'));
    const all = [...standardContracts(), ...OWN, ...replaced];
    const own = new Map(all.map((contract) => [contract.name, contract]));
    const { options, modules } = await openChainParts(
      { genesis: operationsGenesis(), databasePath: join(directory, 'chain') },
      { contracts: [...own.values()] },
    );
    const reader = (contract: string) => new NamespacedReader(modules.state, contract);
    return new OperationsLedger(new Chain(options, modules), reader, directory);
  }

  get height(): number {
    return this.#chain.head.header.height;
  }

  get timestamp(): number {
    return this.#chain.head.header.timestamp;
  }

  /**
   * Makes a block of these and commits it.
   *
   * @returns each with its receipt, in the order in which they ran; last what the members had decided for its end, signed by nobody
   */
  async settle(orders: readonly Order[], timestamp: number): Promise<readonly Executed[]> {
    const begins = this.#nextReference;
    const encoded = orders.map((order) => this.#encode(order, timestamp));
    const { block } = this.#build(encoded, timestamp);
    const { included, receipts } = await this.#chain.commit(block, this.#certify(block));
    const executed = included.map(({ id, reference }, place): Executed => {
      const bytes = receipts?.receipt(place);
      if (bytes === undefined) throw new LedgerError('RECEIPT_MISSING', `no receipt of transaction ${place}`);
      const index = Number(Buffer.from(reference).toString()) - begins;
      const outcomes = this.#chain.queries.outcomes(id) ?? [];
      return { order: orders[index] as Order, index, receipt: decodeReceipt(bytes), outcomes };
    });
    const decided = receipts?.receipt(included.length);
    if (decided === undefined) return executed;
    const order = { sender: ZERO_ADDRESS, signers: [], calls: [] };
    return [...executed, { order, index: -1, receipt: decodeReceipt(decided), outcomes: [] }];
  }

  /** A hash of every entry of the contracts' state. */
  digest(): string {
    const hash = createHash('sha256');
    for (const { name } of standardContracts()) {
      const reader = this.#reader(name);
      for (let after: string | undefined; ; ) {
        const rows = reader.range('', PAGE, after);
        for (const { key, value } of rows) hash.update(`${name} ${key} `).update(value);
        if (rows.length < PAGE) break;
        after = rows.at(-1)?.key;
      }
    }
    return hash.digest('hex');
  }

  /** What a view gives. */
  view({ contract, method, args }: Call): Uint8Array {
    return this.#chain.view(contract, method, args);
  }

  /** Every entry of a map, as it stands in the state. */
  entries<K extends KeySchemas, V, A extends V | undefined>(
    contract: string,
    name: string,
    definition: MapDefinition<K, V, A>,
  ): readonly MapEntry<K, V>[] {
    const layout = new MapLayout<K, V>(name, definition);
    const reader = this.#reader(contract);
    const found: MapEntry<K, V>[] = [];
    for (let after: string | undefined; ; ) {
      const rows = reader.range(layout.key([]), PAGE, after);
      for (const { key, value } of rows) found.push({ key: layout.keyParts(key), value: layout.decode(value) });
      if (rows.length < PAGE) return found;
      after = rows.at(-1)?.key;
    }
  }

  async remove(): Promise<void> {
    await this.#chain.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #build(transactions: readonly Uint8Array[], timestamp: number) {
    const { header, blockHash } = this.#chain.head;
    const proposer = BANKS[0]?.account as Address;
    const built = this.#chain.build({
      height: header.height + 1,
      parentHash: blockHash,
      proposer,
      timestamp,
      transactions,
    });
    const [leftOut] = built.leftOut;
    if (leftOut !== undefined) throw new LedgerError('LEFT_OUT', `a transaction was left out: ${leftOut.code}`);
    return built;
  }

  #encode({ sender, signers: unsorted, calls }: Order, timestamp: number): Uint8Array {
    const signers = [...unsorted].sort();
    const reference = Buffer.from(String(this.#nextReference++));
    const expiresAt = timestamp + LIFE_MS;
    const body: TransactionBody = {
      chainId: CHAIN_ID,
      sender,
      signers,
      reference,
      expiresAt,
      priority: 'normal',
      calls,
    };
    const signatures = signers.map(() => ({ suite: 1, signature: NO_SIGNATURE }) as const);
    return encodeTransaction({ body, signatures });
  }

  #certify({ header }: Block) {
    const { validators } = this.#chain.head;
    const vote = { height: header.height, round: 0, blockHash: headerHash(header) };
    const signatures = Array.from({ length: quorum(validators.length) }, (_, index) => [index, NO_SIGNATURE] as const);
    return buildCertificate('commit', vote, validators.length, new Map(signatures));
  }
}
