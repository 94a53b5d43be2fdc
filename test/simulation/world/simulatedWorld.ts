import { createEvidence } from '../../../contracts/evidence/evidence.js';
import { standardContracts } from '../../../contracts/index.js';
import { genesisValidators } from '../../../genesis/genesis.js';
import type { CommitResult } from '../../../node/execution/types.js';
import { toHex } from '../../../primitives/bytes.js';
import { invariant, isCodedError } from '../../../primitives/errors.js';
import type { SignatureBackend } from '../../../primitives/types.js';
import { ChainChecker } from '../checkers/chain.js';
import { ReleasedVotesChecker } from '../checkers/releasedVotes.js';
import { Violations } from '../checkers/violations.js';
import { castRoles } from './cast.js';
import { Clients } from './clients.js';
import { DiskNemesis, repair } from './diskNemesis.js';
import { FaultCounts } from './faults.js';
import { Nemesis } from './nemesis.js';
import { SimulatedNetwork } from './network.js';
import { type NodeGround, type NodeListener, SimulatedNode, type Surgery } from './node.js';
import type { Weather } from './profiles.js';
import { Random, seedOf } from './random.js';
import { CHAIN_ID, type Settlement, START_MS, withParameters } from './settlement.js';
import { backendOf, type SignatureKind } from './signatures.js';
import { VirtualTime } from './virtualTime.js';

export interface WorldOptions {
  readonly seed: number;
  readonly weather: Weather;
  readonly signatures: SignatureKind;
  /** Told what happens, for people. */
  readonly trace?: (line: string) => void;
  /** Changes to every honest node: a bug planted to see that a checker finds it. */
  readonly planted?: Surgery;
}

/** Half of the nodes that die are back at once, the others when somebody has seen to it. */
const RESTART_MS = { least: 5, soon: 300, most: 8_000 } as const;

/** A whole settlement network in one process and in virtual time. Everything that happens in it follows from its seed. */
export class SimulatedWorld {
  readonly time = new VirtualTime();
  readonly faults = new FaultCounts();
  /** What honest nodes logged, by the name of the event. */
  readonly events = new Map<string, number>();
  readonly violations = new Violations(() => this.time.nowMs);
  readonly network: SimulatedNetwork;
  readonly nodes: readonly SimulatedNode[];
  readonly clients: Clients;
  readonly nemesis: Nemesis;
  readonly diskNemesis: DiskNemesis;
  readonly chain: ChainChecker;
  readonly backend: SignatureBackend;
  readonly #released: ReleasedVotesChecker;
  readonly #random: Random;
  #isPeace = false;

  constructor(
    readonly options: WorldOptions,
    readonly settlement: Settlement,
  ) {
    const { seed, weather, signatures } = options;
    const { time, faults, violations } = this;
    this.#random = new Random(seedOf(seed, 'world'));
    const { genesis, genesisHash } = withParameters(settlement, weather.parameters);
    const keys = [settlement.central, ...settlement.banks.map(({ key }) => key)];
    this.backend = backendOf(signatures, keys);
    const { backend } = this;
    this.chain = new ChainChecker(
      {
        ...{ chainId: CHAIN_ID, genesisHash, validators: genesisValidators(genesis) },
        aheadMs: genesis.parameters.maxClockDriftMs + weather.skewMs,
      },
      { backend, violations, nowMs: () => START_MS + time.nowMs },
    );
    this.#released = new ReleasedVotesChecker(genesisHash, { backend, violations });
    this.network = new SimulatedNetwork(time, new Random(seedOf(seed, 'network')), faults, {
      released: (peerId, message) => this.#onReleased(peerId, message),
      penalised: (peerId, accused, reason) => this.#onPenalised(peerId, accused, reason.code, reason.message),
    });
    const ground: NodeGround = {
      ...{ seed, genesis, genesisHash, backend, time, faults, network: this.network },
      // A leader says what it builds however small it is.
      engineLimits: { outlineBytes: 1 },
      contracts: standardContracts().map((contract) =>
        contract.name === 'evidence' ? createEvidence(backend) : contract,
      ),
      log: (node, level, event, text) => {
        if (node.isHonest && level !== 'debug') this.events.set(event, (this.events.get(event) ?? 0) + 1);
        if (this.options.trace !== undefined) this.log(`${node.name} ${level} ${event} ${text()}`);
      },
    };
    this.nodes = this.#createNodes(ground);
    this.clients = new Clients(
      {
        genesisHash,
        referenceWindowMs: genesis.parameters.referenceWindowMs,
        paymentEveryMs: weather.paymentEveryMs,
        nonsense: weather.nonsense,
      },
      { settlement, backend, nodes: this.nodes, time, random: new Random(seedOf(seed, 'clients')), faults },
    );
    const random = new Random(seedOf(seed, 'nemesis'));
    this.nemesis = new Nemesis(weather, { nodes: this.nodes, network: this.network, time, random, faults });
    this.diskNemesis = new DiskNemesis(weather, {
      ...{ nodes: this.nodes, time, faults },
      random: new Random(seedOf(seed, 'disks')),
    });
  }

  /** Those that are held to everything. */
  get fit(): readonly SimulatedNode[] {
    return this.nodes.filter(({ isFit }) => isFit);
  }

  node(index: number): SimulatedNode {
    const node = this.nodes[index];
    invariant(node !== undefined, 'the world has such a node', { actual: `${index}` });
    return node;
  }

  /** Swallows what one peer sends to the other, until it is told otherwise. */
  cut(from: string, to: string, isCut = true): void {
    this.network.links.between(from, to).isCut = isCut;
    this.network.review();
  }

  /** Makes every node and lets the world begin. */
  async begin(): Promise<void> {
    for (const node of this.nodes) await node.install();
    for (const node of this.nodes) this.time.after(this.#random.integer(0, 500), () => node.start());
    this.time.after(700, () => this.clients.start());
    this.nemesis.start();
    this.diskNemesis.start();
  }

  /** Lets things happen until a moment of the world's time, or until it holds. @returns whether it held */
  async runUntil(atMs: number, holds: () => boolean = () => false): Promise<boolean> {
    while (this.time.nowMs < atMs) {
      if (holds()) return true;
      if (!(await this.time.step())) return holds();
    }
    return holds();
  }

  /** From now on nothing goes wrong, and whoever is down comes back. */
  makePeace(): void {
    this.#isPeace = true;
    this.log('peace');
    this.nemesis.makePeace();
    this.diskNemesis.makePeace();
    for (const node of this.nodes) this.time.after(this.#random.integer(1, 1_000), () => node.start());
  }

  log(line: string): void {
    this.options.trace?.(`${this.time.nowMs.toFixed(3).padStart(12)} ${line}`);
  }

  #createNodes(ground: NodeGround): SimulatedNode[] {
    const listener: NodeListener = {
      committed: (node, result) => this.#onCommitted(node, result),
      failed: (node, error) => this.#onFailed(node, error),
      died: (node, death) => {
        this.faults.count(death === 'kill' ? 'process killed' : 'power lost');
        this.log(`${node.name} dies: ${death}`);
        this.#restart(node);
      },
    };
    const { weather, planted = {} } = this.options;
    return castRoles(this.settlement.banks, weather, { random: this.#random, planted, faults: this.faults }).map(
      (options) => new SimulatedNode(options, ground, listener),
    );
  }

  #restart(node: SimulatedNode): void {
    const { least, soon, most } = RESTART_MS;
    const isSoon = this.#isPeace || this.#random.chance(0.5);
    this.time.after(this.#random.integer(least, isSoon ? soon : most), () => {
      this.log(`${node.name} starts`);
      node.start();
    });
  }

  #onCommitted(node: SimulatedNode, { head, included }: CommitResult): void {
    this.log(`${node.name} commits ${head.header.height} with ${included.length}`);
    if (!node.isHonest) return;
    this.chain.committed(node.name, head, head.validators);
    for (const { id, success } of included) {
      const { height } = head.header;
      this.clients.hear([toHex(id)], () => ({ node: node.name, height, isSuccess: success }));
    }
  }

  /** A node that cannot go on by itself is a violation, unless a fault of its own disk explains it. */
  #onFailed(node: SimulatedNode, error: unknown): void {
    const code = isCodedError(error) ? error.code : 'UNKNOWN';
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.log(`${node.name} stops: ${code} ${text}`);
    const isExplained = node.isHonest && repair(node, code);
    if (node.isHonest && !isExplained) this.violations.add('stop', `${node.name} stops: ${code}: ${text}`);
    this.#restart(node);
  }

  #onReleased(peerId: string, message: Uint8Array): void {
    const node = this.nodes.find(({ name }) => name === peerId);
    if (node?.isHonest !== true) return;
    this.time.note(message.length);
    this.#released.released(peerId, node.options.bank.key.publicKey, message);
  }

  #onPenalised(peerId: string, accused: string, code: string, text: string): void {
    this.log(`${peerId} penalises ${accused}: ${code} ${text}`);
    const [judge, defendant] = [peerId, accused].map((name) => this.nodes.find((node) => node.name === name));
    if (judge?.isHonest !== true || defendant?.isHonest !== true) return;
    this.violations.add('blame', `${peerId} blames ${accused}, which is honest: ${code}: ${text}`);
  }
}
