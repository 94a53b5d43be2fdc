import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyRecord, encodeJournalRecord } from '../../../consensus/journalRecord.js';
import { decodeMessage, encodeMessage } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { Prepare, Signed } from '../../../consensus/types.js';
import { evidence as contract, standardContracts } from '../../../contracts/index.js';
import { genesisHash } from '../../../genesis/genesis.js';
import { type Core, startCore } from '../../../node/core.js';
import { createJournal } from '../../../node/engine/journal.js';
import { systemTimers } from '../../../node/engine/timers.js';
import { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import type { Network } from '../../../node/network/types.js';
import { systemTurn } from '../../../node/ops/nextTurn.js';
import { chooseBulkHasher } from '../../../node/state/bulkHasher.js';
import { systemDisk } from '../../../node/storage/disk.js';
import { freeSpace } from '../../../node/storage/freeSpace.js';
import { toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { decodeEvidence, verifyEvidence } from '../../../primitives/evidence.js';
import { domainTag } from '../../../primitives/hash.js';
import { BANKS, CENTRAL_BANK, CUSTODIAN, KEYS, type TestKey, testGenesis } from '../../support/settlementNetwork.js';
import { backend, inlineVerifier } from '../../unit/engine/support/chain.js';
import { until } from '../../unit/engine/support/cluster.js';
import { MemoryBus } from '../../unit/engine/support/memoryBus.js';
import { silentLogger, silentMetrics } from '../../unit/engine/support/ports.js';

interface Node {
  readonly bic: string;
  readonly executor: ChainExecutor;
  readonly core: Core;
}

type Report = NonNullable<ReturnType<NonNullable<typeof contract.methods.list.returns>['decode']>>[number];

/** Whole nodes but for the doors: real journals, chains, mempools and reports; only the network is in memory. */
class Nodes {
  readonly bus = new MemoryBus();
  readonly genesis = {
    ...testGenesis(),
    timestamp: systemTimers.now(),
    parameters: { ...testGenesis().parameters, minBlockIntervalMs: 20, heartbeatMs: 200, roundTimeoutBaseMs: 1_000 },
  };
  readonly hash = genesisHash(this.genesis);
  readonly running: Node[] = [];
  private readonly fatal: { readonly bic: string; readonly error: unknown }[] = [];

  constructor(private readonly home: string) {}

  /** @param corrupt what a faulty validator makes of its network */
  async start(bic: string, key: TestKey | undefined, corrupt = (network: Network): Network => network): Promise<Node> {
    const home = join(this.home, bic);
    const onFatal = (error: unknown): void => void this.fatal.push({ bic, error });
    if (key !== undefined) {
      const options = { directory: join(home, 'journal'), genesisHash: this.hash, address: key.address };
      await (await createJournal(options, encodeJournalRecord(emptyRecord(0)))).close();
    }
    const executor = new ChainExecutor(
      { genesis: this.genesis, databasePath: join(home, 'chain'), onFatal },
      { contracts: standardContracts() },
    );
    const first = await executor.start();
    const core = await startCore(
      {
        genesis: this.genesis,
        genesisHash: this.hash,
        peerId: `peer-${bic}`,
        peerAddresses: new Map(),
        dataDirectory: home,
        journalDirectory: join(home, 'journal'),
        mempool: { maxTransactions: 1_000, maxBytes: 1_000_000 },
        freeSpaceWatermarkBytes: 1,
        engineLimits: { healMs: 200, retryMs: 100 },
      },
      {
        ...{ executor, first, backend, verifier: inlineVerifier, hasher: chooseBulkHasher().hasher },
        signer: key === undefined ? undefined : new LocalSigner(key.privateKey, backend),
        createNetwork: (handlers) => corrupt(this.bus.network(`peer-${bic}`, handlers)),
        ...{ timers: systemTimers, disk: systemDisk, freeSpace, randomBytes, nextTurn: systemTurn },
        ...{ logger: silentLogger, metrics: silentMetrics, onFatal },
      },
    );
    const node = { bic, executor, core };
    this.running.push(node);
    return node;
  }

  async reports({ executor }: Node): Promise<readonly Report[]> {
    const { args, returns, method } = contract.methods.list;
    return returns?.decode(await executor.view(contract.name, method, args.encode({ limit: 100 }))) ?? [];
  }

  /** Waits until a node has stopped by itself, which is no failure then. @returns the code that it stopped with */
  async ownEnd(bic: string): Promise<string> {
    await until(`${bic} stops`, () => this.fatal.some((fault) => fault.bic === bic));
    const [fault] = this.fatal.splice(
      this.fatal.findIndex((one) => one.bic === bic),
      1,
    );
    return isCodedError(fault?.error) ? fault.error.code : String(fault?.error);
  }

  /** Waits until the chain of every node but one that has stopped holds what is looked for. */
  async everywhere(what: string, isIt: (report: Report) => boolean): Promise<void> {
    const found = new Set<Node>();
    await until(what, () => {
      for (const node of this.running) {
        this.reports(node).then(
          (reports) => reports.some(isIt) && found.add(node),
          () => undefined,
        );
      }
      return this.running.every((node) => found.has(node) || node.core.engine.status().mode === 'stopped');
    });
  }

  async close(): Promise<void> {
    for (const { core, executor } of this.running) {
      await core.stop();
      await executor.stop();
    }
    await rm(this.home, { recursive: true, force: true });
    if (this.fatal[0] !== undefined) throw this.fatal[0].error;
  }
}

/** The same vote for another block, signed by the same key. */
function otherPrepare(vote: Signed<Prepare>, key: TestKey, hash: Uint8Array): Signed<Prepare> {
  const other = { ...vote, blockHash: domainTag('another block') };
  return { ...other, signature: backend.sign(messageDigest(hash, other), key.privateKey) };
}

describe('evidence over real chains', function () {
  this.timeout(60_000);
  let nodes: Nodes;
  beforeEach(async () => {
    nodes = new Nodes(await mkdtemp(join(tmpdir(), 'vostro-evidence-')));
  });
  afterEach(() => nodes.close());

  it('of a validator that equivocates is on every chain, with its member’s name, and the network goes on', async () => {
    const equivocate = (network: Network): Network => {
      const broadcast = network.broadcastConsensus.bind(network);
      const broadcastConsensus: Network['broadcastConsensus'] = (key, bytes) => {
        broadcast(key, bytes);
        const message = decodeMessage(bytes);
        if (message.type !== 'prepare') return;
        broadcast(key, encodeMessage(otherPrepare(message, KEYS.beta, nodes.hash)));
      };
      return Object.assign(network, { broadcastConsensus });
    };
    await nodes.start(BANKS.alfa, KEYS.alfa);
    await nodes.start(BANKS.beta, KEYS.beta, equivocate);
    await nodes.start(BANKS.gamma, KEYS.gamma);
    await nodes.start(CUSTODIAN, KEYS.custodianOne);
    const observer = await nodes.start(CENTRAL_BANK, undefined);
    await nodes.everywhere(
      'the fault is recorded',
      ({ member, kind }) => member === BANKS.beta && kind === 'doubleSign',
    );
    const reports = await nodes.reports(observer);
    expect(new Set(reports.map(({ member }) => member))).to.deep.equal(new Set([BANKS.beta]));
    expect(reports.map(({ reporter }) => reporter)).not.to.include(BANKS.beta);
    for (const { proof } of reports) {
      verifyEvidence(decodeEvidence(proof), KEYS.beta.publicKey, nodes.hash, backend);
    }
    expect(observer.core.engine.evidence()).not.to.have.length(0);
    // Shown what its key signed, the engine behind the faulty network ends: it did not sign that. PROTOCOL §Journal J8.
    expect(await nodes.ownEnd(BANKS.beta)).to.equal('KEY_USED_ELSEWHERE');
    const height = observer.executor.head().header.height;
    await until('blocks come', () => observer.executor.head().header.height > height + 2);
  });

  it('that one node alone saw is soon kept by all, and recorded once', async () => {
    const alfa = await nodes.start(BANKS.alfa, KEYS.alfa);
    await nodes.start(BANKS.gamma, KEYS.gamma);
    await nodes.start(CUSTODIAN, KEYS.custodianOne);
    await until('blocks come', () => alfa.executor.head().header.height > 1);
    // Beta's node is away; its key is not.
    const { height } = alfa.executor.head().header;
    const validators = alfa.executor.head().validators;
    const sender = validators.findIndex(({ address }) => address === KEYS.beta.address);
    const vote = otherPrepare(
      {
        type: 'prepare',
        height: height + 1,
        round: 7,
        blockHash: domainTag('a block'),
        sender,
        signature: new Uint8Array(),
      },
      KEYS.beta,
      nodes.hash,
    );
    const first = { ...vote, blockHash: domainTag('a block') };
    const signature = backend.sign(messageDigest(nodes.hash, first), KEYS.beta.privateKey);
    const handlers = nodes.bus.member(`peer-${BANKS.alfa}`)?.handlers;
    for (const message of [vote, { ...first, signature }]) {
      handlers?.onConsensus(`peer-${BANKS.beta}`, encodeMessage(message));
    }
    await nodes.everywhere('the fault is recorded', ({ member }) => member === BANKS.beta);
    for (const node of nodes.running) {
      expect(node.core.engine.evidence().map(({ evidence }) => evidence.validator)).to.deep.equal([KEYS.beta.address]);
      expect(await nodes.reports(node)).to.have.length(1);
    }
    const late = await nodes.start(CENTRAL_BANK, undefined);
    await until('who connects later is shown it', () => late.core.engine.evidence().length === 1);
    expect(toHex(late.core.engine.evidence()[0]?.bytes ?? new Uint8Array())).to.equal(
      toHex((await nodes.reports(alfa))[0]?.proof ?? new Uint8Array()),
    );
  });
});
