import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyRecord, encodeJournalRecord } from '../../../consensus/journalRecord.js';
import { cash, payments, standardContracts } from '../../../contracts/index.js';
import { genesisHash } from '../../../genesis/genesis.js';
import type { Genesis } from '../../../genesis/types.js';
import { Engine } from '../../../node/engine/engine.js';
import { createJournal } from '../../../node/engine/journal.js';
import { nativeSha256 } from '../../../node/engine/nativeSha256.js';
import { systemTimers } from '../../../node/engine/timers.js';
import { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import { DEFAULT_GATE_LIMITS } from '../../../node/mempool/admissionGate.js';
import { TransactionMempool } from '../../../node/mempool/mempool.js';
import type { Network } from '../../../node/network/types.js';
import { chooseBulkHasher } from '../../../node/state/bulkHasher.js';
import { systemDisk } from '../../../node/storage/disk.js';
import { type Hash, toHex } from '../../../primitives/bytes.js';
import { verifyFinalityProof } from '../../../primitives/finality.js';
import { utf8Encode } from '../../../primitives/text.js';
import { encodeTransaction, signTransaction, transactionId } from '../../../primitives/transaction.js';
import type { Call, Validator } from '../../../primitives/types.js';
import {
  ACCOUNTS,
  BANKS,
  CENTRAL_BANK,
  CUSTODIAN,
  callOf,
  KEYS,
  type TestKey,
  TODAY,
  testGenesis,
} from '../../support/settlementNetwork.js';
import { backend, inlineVerifier } from '../../unit/engine/support/chain.js';
import { until } from '../../unit/engine/support/cluster.js';
import { MemoryBus } from '../../unit/engine/support/memoryBus.js';
import { silentLogger, silentMetrics } from '../../unit/engine/support/ports.js';

const { hasher } = chooseBulkHasher();

interface Node {
  readonly bic: string;
  readonly key: TestKey | undefined;
  executor: ChainExecutor;
  mempool: TransactionMempool;
  engine: Engine;
}

/** Nodes with real databases, journals, contracts and signatures; only the network between them is in memory. */
class Nodes {
  readonly bus = new MemoryBus();
  readonly genesis: Genesis;
  readonly hash: Hash;
  readonly running: Node[] = [];
  readonly fatal: unknown[] = [];
  private reference = 0;

  constructor(private readonly home: string) {
    const genesis = testGenesis();
    const parameters = { ...genesis.parameters, minBlockIntervalMs: 0, roundTimeoutBaseMs: 1_000 };
    // Consensus time is this machine's: the genesis is of just now.
    this.genesis = { ...genesis, timestamp: systemTimers.now(), parameters };
    this.hash = genesisHash(this.genesis);
  }

  async start(bic: string, key: TestKey | undefined): Promise<Node> {
    const home = join(this.home, bic);
    const onFatal = (error: unknown): void => void this.fatal.push(error);
    const executor = new ChainExecutor(
      { genesis: this.genesis, databasePath: join(home, 'chain'), onFatal },
      { contracts: standardContracts() },
    );
    const first = await executor.start();
    const late: { engine?: Engine; network?: Network } = {};
    const mempool = new TransactionMempool(
      {
        rules: { chainId: this.genesis.chainId, genesisHash: this.hash, ...this.genesis.parameters },
        limits: { maxTransactions: 10_000, maxBytes: 10_000_000 },
        admissions: DEFAULT_GATE_LIMITS,
        fingerprintSeed: 7,
      },
      {
        verifier: inlineVerifier,
        sha256: nativeSha256,
        metrics: silentMetrics,
        nowMs: systemTimers.now,
        referenceOwner: (sender, reference) => executor.referenceOwner(sender, reference),
        onPending: (pending) => late.engine?.onPending(pending),
        relay: (transaction) => late.engine?.network.broadcastTransactions([transaction]),
        hasSpace: () => true,
        onRelayerFault: () => undefined,
      },
    );
    const engine = await Engine.start(
      {
        chainId: this.genesis.chainId,
        genesisHash: this.hash,
        peerId: `peer-${bic}`,
        peerAddresses: new Map(),
        journalDirectory: join(home, 'journal'),
        bodiesDirectory: join(home, 'bodies'),
        evidenceFile: join(home, 'evidence'),
        limits: { healMs: 200, retryMs: 100 },
      },
      {
        executor,
        mempool,
        createNetwork: (handlers) => this.bus.network(`peer-${bic}`, handlers),
        signer: key === undefined ? undefined : new LocalSigner(key.privateKey, backend),
        backend,
        verifier: inlineVerifier,
        hasher,
        timers: systemTimers,
        disk: systemDisk,
        randomBytes,
        logger: silentLogger,
        metrics: silentMetrics,
        onFatal,
      },
      first,
    );
    late.engine = engine;
    const node = { bic, key, executor, mempool, engine };
    this.running.push(node);
    return node;
  }

  async createJournal(bic: string, { address }: TestKey): Promise<void> {
    const options = { directory: join(this.home, bic, 'journal'), genesisHash: this.hash, address };
    await (await createJournal(options, encodeJournalRecord(emptyRecord(0)))).close();
  }

  async stop(node: Node): Promise<void> {
    this.running.splice(this.running.indexOf(node), 1);
    await node.engine.stop();
    await node.executor.stop();
  }

  async close(): Promise<void> {
    for (const node of [...this.running]) await this.stop(node);
    await rm(this.home, { recursive: true, force: true });
    if (this.fatal.length > 0) throw this.fatal[0];
  }

  transaction(key: TestKey, calls: readonly Call[]): { readonly id: Hash; readonly bytes: Uint8Array } {
    const body = {
      chainId: this.genesis.chainId,
      sender: key.address,
      signers: [key.address],
      reference: utf8Encode(`reference-${this.reference++}`),
      expiresAt: systemTimers.now() + 60_000,
      calls,
    };
    const signed = signTransaction(body, this.hash, [key.privateKey], backend);
    return { id: transactionId(body, this.hash), bytes: encodeTransaction(signed) };
  }

  /** Submits to one node and waits until the others have it, too. */
  async settle(node: Node, key: TestKey, calls: readonly Call[]): Promise<Hash> {
    const { id, bytes } = this.transaction(key, calls);
    await node.mempool.admit(bytes);
    await this.final(id);
    return id;
  }

  async final(id: Hash): Promise<void> {
    const key = toHex(id);
    const found = new Set<Node>();
    await until(`${key} is final everywhere`, () => {
      for (const node of this.running) {
        node.executor.receipt(id).then(
          (record) => record !== undefined && found.add(node),
          () => undefined,
        );
      }
      return this.running.every((node) => found.has(node));
    });
  }

  async balance({ executor }: Node, account: string): Promise<bigint> {
    const { args, returns } = cash.methods.balance;
    const answer = await executor.view('cash', 'balance', args.encode({ currency: 'EUR', account: account as never }));
    return returns?.decode(answer) ?? -1n;
  }
}

describe('engines over real chains', function () {
  this.timeout(60_000);
  let nodes: Nodes;
  let validators: Node[];
  let observer: Node;

  before(async () => {
    nodes = new Nodes(await mkdtemp(join(tmpdir(), 'vostro-engines-')));
    const members = [
      [BANKS.alfa, KEYS.alfa],
      [BANKS.beta, KEYS.beta],
      [BANKS.gamma, KEYS.gamma],
      [CUSTODIAN, KEYS.custodianOne],
    ] as const;
    for (const [bic, key] of members) await nodes.createJournal(bic, key);
    validators = [];
    for (const [bic, key] of members) validators.push(await nodes.start(bic, key));
    observer = await nodes.start(CENTRAL_BANK, undefined);
  });
  after(() => nodes.close());

  it('settles signed payments with the same state everywhere, and proves each receipt', async () => {
    const [alfa] = validators as [Node];
    await nodes.settle(observer, KEYS.central, [callOf(cash.methods.openBusinessDay, { currency: 'EUR', day: TODAY })]);
    const issue = { currency: 'EUR', account: ACCOUNTS.alfa, amount: 1_000n, reserveReference: 'RESERVE-1' };
    await nodes.settle(observer, KEYS.central, [callOf(cash.methods.issue, issue)]);
    const pays = Array.from({ length: 20 }, (_, index) =>
      nodes.transaction(KEYS.alfa, [
        callOf(payments.methods.pay, {
          debtor: ACCOUNTS.alfa,
          creditor: ACCOUNTS.beta,
          currency: 'EUR',
          amount: 5n,
          reference: `PAY-${index}`,
        }),
      ]),
    );
    await Promise.all(pays.map(({ bytes }) => alfa.mempool.admit(bytes)));
    for (const { id } of pays) await nodes.final(id);
    for (const node of nodes.running) {
      expect(await nodes.balance(node, ACCOUNTS.alfa)).to.equal(900n);
      expect(await nodes.balance(node, ACCOUNTS.beta)).to.equal(100n);
    }
    const trusted = { chainId: nodes.genesis.chainId, genesisHash: nodes.hash, validators: genesisValidators(alfa) };
    for (const { id } of pays) {
      const proof = await observer.executor.proof(id);
      expect(proof === undefined ? undefined : verifyFinalityProof(proof, trusted, backend)).not.to.equal(undefined);
    }
  });

  it('lets a bank that was away catch up and sign again', async () => {
    const gamma = validators[2] as Node;
    await nodes.stop(gamma);
    const pay = (reference: string) =>
      callOf(payments.methods.pay, {
        debtor: ACCOUNTS.beta,
        creditor: ACCOUNTS.alfa,
        currency: 'EUR',
        amount: 1n,
        reference,
      });
    const beta = validators[1] as Node;
    for (let i = 0; i < 3; i++) await nodes.settle(beta, KEYS.beta, [pay(`AWAY-${i}`)]);
    const back = await nodes.start(gamma.bic, gamma.key);
    await nodes.settle(beta, KEYS.beta, [pay('BACK')]);
    expect(await nodes.balance(back, ACCOUNTS.beta)).to.equal(96n);
    await until('it takes part', () => back.engine.status().consensus?.isSigning === true);
  });
});

function genesisValidators({ executor }: Node): readonly Validator[] {
  return executor.head().validators;
}
