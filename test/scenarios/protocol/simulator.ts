import type { InputBody } from '../../../consensus/types.js';
import type { Address, Validator } from '../../../primitives/types.js';
import { EventQueue } from '../../simulation/world/eventQueue.js';
import { Random } from '../../simulation/world/random.js';
import { Checker } from './checker.js';
import { GENESIS_TIMESTAMP_MS, indices, TEST_CONFIG, testValidators } from './fixture.js';
import { SimulatedNode } from './node.js';
import type { Inhabitant, Packet, TimerName, Work, World } from './world.js';

/** A network under attack for a while, then left in peace. Everything follows from the seed. */
export interface SimulationOptions {
  readonly seed: number;
  readonly validatorCount: number;
  /** So many validators run twice with one key: they sign whatever either instance likes. */
  readonly twinCount: number;
  /** Until then packets are lost, late, repeated and cut off, and nodes crash. */
  readonly peaceAtMs: number;
  /** Heights that every honest node must gain afterwards. */
  readonly heightsInPeace: number;
  /** How long that may take. */
  readonly peaceMs: number;
  readonly loss: number;
  /** Chance of a node to crash, each `TICK_MS`, and a quarter of it in the place of any work. */
  readonly crash: number;
}

export const DEFAULT_SIMULATION: SimulationOptions = {
  seed: 1,
  validatorCount: 4,
  twinCount: 0,
  peaceAtMs: 2_500,
  heightsInPeace: 3,
  peaceMs: 30_000,
  loss: 0.2,
  crash: 0.02,
};

export interface SimulationResult {
  readonly violations: readonly string[];
  /** Heights of the honest nodes at the end. */
  readonly heights: readonly number[];
  readonly events: number;
}

const TICK_MS = 20;
const HEAL_MS = 150;
const MAX_EVENTS = 400_000;
const WORK_MS: Readonly<Record<Work, readonly [number, number]>> = {
  persist: [1, 5],
  send: [0, 1],
  build: [1, 15],
  execute: [1, 15],
  commit: [1, 10],
};

interface Timer {
  readonly token: number;
}

/** Virtual time, and a network that the seed makes bad. */
class Simulator implements World {
  readonly checker = new Checker();
  readonly #random: Random;
  readonly #events = new EventQueue<() => void>();
  readonly #nodes: SimulatedNode[];
  readonly #validators: readonly Validator[];
  readonly #skewsMs: readonly number[];
  readonly #busyUntilMs = new Map<string, number>();
  readonly #timers = new Map<string, Timer>();
  #nowMs = 0;
  #content = 0;
  #token = 0;
  #sides: readonly number[] | undefined;

  constructor(private readonly options: SimulationOptions) {
    const { seed, validatorCount, twinCount } = options;
    this.#random = new Random(seed);
    this.#validators = testValidators(indices(validatorCount));
    const nodes = indices(validatorCount + twinCount);
    this.#skewsMs = nodes.map(() => this.#random.integer(-100, 100));
    this.#nodes = nodes.map((id) => {
      const number = id % validatorCount;
      const address = this.#validators[number]?.address;
      return new SimulatedNode(id, { ...TEST_CONFIG, address }, this, number < twinCount);
    });
  }

  // ---- the nodes' world

  clockMs(node: Inhabitant): number {
    return GENESIS_TIMESTAMP_MS + 1_000 + this.#nowMs + (this.#skewsMs[node.id] ?? 0);
  }

  work(node: Inhabitant, kind: Work, run: () => void): void {
    const key = `${node.id} ${kind}`;
    const atMs = Math.max(this.#nowMs + this.#random.integer(...WORK_MS[kind]), this.#busyUntilMs.get(key) ?? 0);
    this.#busyUntilMs.set(key, atMs);
    // What is half done matters most: crashes fall between works far more often than by chance.
    const crashes = this.#nowMs < this.options.peaceAtMs && this.#random.chance(this.options.crash / 4);
    this.#inThisLife(atMs, node, crashes ? () => node.crash() : run);
  }

  transmit(from: Inhabitant, to: Inhabitant, packet: Packet): void {
    const isPeace = this.#nowMs >= this.options.peaceAtMs;
    const isCut = this.#sides !== undefined && this.#sides[from.id] !== this.#sides[to.id];
    if (!isPeace && (isCut || this.#random.chance(this.options.loss))) return;
    const copies = !isPeace && this.#random.chance(0.05) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const longestMs = isPeace ? 10 : 1 + this.#random.next() * 150;
      const atMs = this.#nowMs + 1 + Math.floor(this.#random.next() * longestMs);
      this.#events.push(atMs, () => to.receive(from, packet));
    }
  }

  startTimer(node: Inhabitant, name: TimerName, delayMs: number, input: InputBody): void {
    const timer = { token: this.#token++ };
    const key = `${node.id} ${name}`;
    this.#timers.set(key, timer);
    this.#inThisLife(this.#nowMs + delayMs, node, () => {
      if (this.#timers.get(key) === timer) node.input(input);
    });
  }

  stopTimer(node: Inhabitant, name: TimerName): void {
    this.#timers.delete(`${node.id} ${name}`);
  }

  nodesOf(address: Address): readonly SimulatedNode[] {
    return this.#nodes.filter((node) => node.config.address === address);
  }

  validatorsAt(): readonly Validator[] {
    return this.#validators;
  }

  nextContent(): number {
    return ++this.#content;
  }

  // ---- the run

  run(): SimulationResult {
    for (const node of this.#nodes) {
      node.start();
      this.#heal(node);
    }
    this.#tick();
    let events = 0;
    let target = Number.POSITIVE_INFINITY;
    const { peaceAtMs, peaceMs, heightsInPeace } = this.options;
    for (; events < MAX_EVENTS && this.checker.violations.length === 0; events++) {
      const event = this.#events.pop();
      if (event === undefined || event.atMs > peaceAtMs + peaceMs) break;
      this.#nowMs = event.atMs;
      event.value();
      if (this.#nowMs < peaceAtMs) continue;
      if (target === Number.POSITIVE_INFINITY) target = Math.max(...this.#heights()) + heightsInPeace;
      if (this.#heights().every((height) => height >= target)) break;
    }
    const stuck = this.#heights().some((height) => height < target) && this.checker.violations.length === 0;
    const liveness = stuck ? [`stuck: heights ${this.#heights()} after ${this.#nowMs} ms, ${this.#describe()}`] : [];
    return { violations: [...this.checker.violations, ...liveness], heights: this.#heights(), events };
  }

  #describe(): string {
    return this.#nodes.map(({ state }) => `${state?.current.height}/${state?.current.round}`).join(' ');
  }

  #heights(): number[] {
    const counted = this.#nodes.filter((node) => !node.isFaulty);
    return counted.map((node) => node.height);
  }

  #inThisLife(atMs: number, node: Inhabitant, run: () => void): void {
    const { life } = node;
    this.#events.push(atMs, () => {
      if (node.life === life && node.isUp) run();
    });
  }

  #heal(node: SimulatedNode): void {
    this.#events.push(this.#nowMs + this.#random.integer(HEAL_MS - 50, HEAL_MS + 50), () => {
      node.input({ type: 'heal' });
      this.#heal(node);
    });
  }

  #tick(): void {
    const isPeace = this.#nowMs >= this.options.peaceAtMs;
    if (this.#random.chance(0.05)) this.#sides = this.#nodes.map(() => this.#random.integer(0, 1));
    if (isPeace || this.#random.chance(0.05)) this.#sides = undefined;
    for (const node of this.#nodes) {
      if (node.isUp && !isPeace && this.#random.chance(this.options.crash)) node.crash();
      else if (!node.isUp && (isPeace || this.#random.chance(0.15))) this.#restart(node);
      if (this.#random.chance(0.1)) node.setWorkPending(this.#random.chance(0.5));
    }
    this.#events.push(this.#nowMs + TICK_MS, () => this.#tick());
  }

  #restart(node: SimulatedNode): void {
    node.start();
    const validator = this.#validators.findIndex(({ address }) => address === node.config.address);
    for (const other of this.#nodes) {
      if (other !== node && this.#random.chance(0.5)) other.input({ type: 'peerConnected', validator });
    }
  }
}

const SHAPES = [
  { validatorCount: 4, twinCount: 0 },
  { validatorCount: 4, twinCount: 1 },
  { validatorCount: 5, twinCount: 1 },
  { validatorCount: 6, twinCount: 1 },
  { validatorCount: 7, twinCount: 2 },
] as const;

/** The size of the network and how bad its days are, drawn from the seed. */
export function drawOptions(seed: number): SimulationOptions {
  const random = new Random(seed ^ 0x5eed);
  const shape = SHAPES[seed % SHAPES.length] ?? SHAPES[0];
  const loss = random.next() * 0.3;
  const crash = random.chance(0.3) ? 0 : random.next() * 0.03;
  return { ...DEFAULT_SIMULATION, ...shape, seed, loss, crash };
}

export function simulate(options: Partial<SimulationOptions> = {}): SimulationResult {
  return new Simulator({ ...DEFAULT_SIMULATION, ...options }).run();
}
