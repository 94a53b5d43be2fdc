import type { ConsensusConfig, InputBody, SignedMessage } from '../../../consensus/types.js';
import { toHex } from '../../../primitives/bytes.js';
import type { Address, Validator } from '../../../primitives/types.js';
import { Checker } from './checker.js';
import { GENESIS_TIMESTAMP_MS, indices, TEST_CONFIG, testValidators } from './fixture.js';
import { SimulatedNode } from './node.js';
import type { Inhabitant, Packet, TimerName, Work, World } from './world.js';

/** A packet on its way. `what` is the type of the message, or of the packet where it is none. */
export interface Flight {
  readonly from: number;
  readonly to: number;
  readonly what: SignedMessage['type'] | Exclude<Packet['type'], 'consensus'>;
  readonly packet: Packet;
}

export type Filter = (flight: Flight) => boolean;

export interface ScriptOptions {
  readonly validatorCount: number;
  readonly config: Partial<ConsensusConfig>;
  /** The list of each height, by the numbers of its validators. */
  readonly schedule: ((height: number) => readonly number[]) | undefined;
}

interface ScriptTimer {
  readonly node: number;
  readonly input: InputBody;
  readonly delayMs: number;
  readonly dueMs: number;
}

const MAX_DELIVERIES = 20_000;
const HEAL_MS = 150;

/**
 * A network whose every delivery, timeout and crash is said by the test, line by line. A node's own work (disk, building,
 * execution) is done at once unless it is held.
 */
export class Script implements World {
  readonly checker = new Checker();
  readonly nodes: readonly SimulatedNode[];
  /** Milliseconds since the start, the same for all nodes but for `skewsMs`. */
  nowMs = 0;
  readonly skewsMs = new Map<number, number>();
  #flights: Flight[] = [];
  readonly #options: ScriptOptions;
  readonly #lists = new Map<string, readonly Validator[]>();
  readonly #timers = new Map<string, ScriptTimer>();
  readonly #work: {
    readonly node: Inhabitant;
    readonly life: number;
    readonly kind: Work;
    readonly run: () => void;
  }[] = [];
  readonly #held = new Set<string>();
  #content = 0;
  #isSettling = false;

  constructor(options: Partial<ScriptOptions> = {}) {
    this.#options = { validatorCount: 4, config: {}, schedule: undefined, ...options };
    const { validatorCount, config } = this.#options;
    this.nodes = indices(validatorCount).map((number) => {
      const address = testValidators([number])[0]?.address;
      return new SimulatedNode(number, { ...TEST_CONFIG, ...config, address }, this);
    });
  }

  node(number: number): SimulatedNode {
    const node = this.nodes[number];
    if (node === undefined) throw new Error(`there is no node ${number}`);
    return node;
  }

  // ---- what a test says

  start(...numbers: readonly number[]): this {
    for (const number of numbers) this.node(number).start();
    return this.#settle();
  }

  startAll(): this {
    return this.start(...this.nodes.map(({ id }) => id));
  }

  crash(...numbers: readonly number[]): this {
    for (const number of numbers) this.node(number).crash();
    return this;
  }

  /** Down and up again, from what is on its disk. */
  restart(...numbers: readonly number[]): this {
    return this.crash(...numbers).start(...numbers);
  }

  /** Delivers what matches, and what comes of it and matches, until nothing more does. */
  deliver(filter: Filter = () => true): this {
    for (let count = 0; count < MAX_DELIVERIES; count++) {
      const position = this.#flights.findIndex(filter);
      const [flight] = position < 0 ? [] : this.#flights.splice(position, 1);
      if (flight === undefined) return this;
      this.node(flight.to).receive(this.node(flight.from), flight.packet);
      this.#settle();
    }
    throw new Error(`more than ${MAX_DELIVERIES} deliveries: the nodes talk without end`);
  }

  /** Loses what matches now. */
  lose(filter: Filter = () => true): this {
    this.#flights = this.#flights.filter((flight) => !filter(flight));
    return this;
  }

  /** What is on its way and matches. */
  flights(filter: Filter = () => true): readonly Flight[] {
    return this.#flights.filter(filter);
  }

  /** Lets a timer run out, at the time at which it would. */
  fire(number: number, name: TimerName = 'round'): this {
    const key = `${number} ${name}`;
    const timer = this.#timers.get(key);
    if (timer === undefined) throw new Error(`node ${number} has no ${name} timer`);
    this.#timers.delete(key);
    this.node(number).input(timer.input);
    return this.#settle();
  }

  hasTimer(number: number, name: TimerName = 'round'): boolean {
    return this.#timers.has(`${number} ${name}`);
  }

  timerDelayMs(number: number, name: TimerName = 'round'): number | undefined {
    return this.#timers.get(`${number} ${name}`)?.delayMs;
  }

  /** The least interval between blocks is over on these nodes, or on all. */
  passInterval(...numbers: readonly number[]): this {
    const chosen = numbers.length > 0 ? numbers : this.nodes.map(({ id }) => id);
    for (const number of chosen) if (this.hasTimer(number, 'interval')) this.fire(number, 'interval');
    return this;
  }

  heal(...numbers: readonly number[]): this {
    const chosen = numbers.length > 0 ? numbers : this.nodes.map(({ id }) => id);
    for (const number of chosen) this.input(number, { type: 'heal' });
    return this;
  }

  input(number: number, input: InputBody): this {
    this.node(number).input(input);
    return this.#settle();
  }

  /**
   * Lets time go on over a network that delivers at once: timers run out when they are due, and every node heals
   * regularly. Nothing arrives that does not match.
   */
  pass(durationMs: number, filter: Filter = () => true): this {
    const endMs = this.nowMs + durationMs;
    for (let healMs = this.nowMs + HEAL_MS; ; ) {
      this.deliver(filter).lose((flight) => !filter(flight));
      const [due] = [...this.#timers].sort(([, a], [, b]) => a.dueMs - b.dueMs);
      const nextMs = Math.min(due?.[1].dueMs ?? endMs, healMs);
      if (nextMs >= endMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      if (due !== undefined && due[1].dueMs <= healMs) {
        this.#timers.delete(due[0]);
        this.input(due[1].node, due[1].input);
      } else {
        healMs += HEAL_MS;
        this.heal();
      }
    }
    this.nowMs = endMs;
    return this;
  }

  /** A faulty validator's message, to one node. */
  say(message: SignedMessage, ...to: readonly number[]): this {
    for (const number of to) {
      this.node(number).receive(this.node(message.sender), { type: 'consensus', message });
      this.#settle();
    }
    return this;
  }

  /** Does not do this kind of work on a node until it is released; a crash loses it. */
  hold(number: number, kind: Work): this {
    this.#held.add(`${number} ${kind}`);
    return this;
  }

  release(number: number, kind: Work): this {
    this.#held.delete(`${number} ${kind}`);
    return this.#settle();
  }

  // ---- what a test looks at

  /** Hash of the block that a node has committed at a height. */
  decided(number: number, height = 1): string | undefined {
    const block = this.node(number).disk.chain[height - 1];
    return block === undefined ? undefined : toHex(block.body.blockHash);
  }

  round(number: number): number | undefined {
    return this.node(number).state?.current.round;
  }

  // ---- the nodes' world

  clockMs(node: Inhabitant): number {
    return GENESIS_TIMESTAMP_MS + 1_000 + this.nowMs + (this.skewsMs.get(node.id) ?? 0);
  }

  work(node: Inhabitant, kind: Work, run: () => void): void {
    this.#work.push({ node, life: node.life, kind, run });
  }

  transmit(from: Inhabitant, to: Inhabitant, packet: Packet): void {
    const what = packet.type === 'consensus' ? packet.message.type : packet.type;
    this.#flights.push({ from: from.id, to: to.id, what, packet });
  }

  startTimer(node: Inhabitant, name: TimerName, delayMs: number, input: InputBody): void {
    this.#timers.set(`${node.id} ${name}`, { node: node.id, input, delayMs, dueMs: this.nowMs + delayMs });
  }

  stopTimer(node: Inhabitant, name: TimerName): void {
    this.#timers.delete(`${node.id} ${name}`);
  }

  nodesOf(address: Address): readonly SimulatedNode[] {
    return this.nodes.filter((node) => node.config.address === address);
  }

  validatorsAt(height: number): readonly Validator[] {
    const numbers = this.#options.schedule?.(height) ?? indices(this.#options.validatorCount);
    const key = numbers.join(' ');
    const list = this.#lists.get(key) ?? testValidators(numbers);
    this.#lists.set(key, list);
    return list;
  }

  nextContent(): number {
    return ++this.#content;
  }

  /** Does the work that is not held, in its order. */
  #settle(): this {
    if (this.#isSettling) return this;
    this.#isSettling = true;
    for (;;) {
      const position = this.#work.findIndex(({ node, kind }) => !this.#held.has(`${node.id} ${kind}`));
      const [next] = position < 0 ? [] : this.#work.splice(position, 1);
      if (next === undefined) break;
      if (next.node.isUp && next.node.life === next.life) next.run();
    }
    this.#isSettling = false;
    return this;
  }
}

/** Between these nodes only. */
export function among(...numbers: readonly number[]): Filter {
  return ({ from, to }) => numbers.includes(from) && numbers.includes(to);
}

/** Of these kinds only. */
export function kinds(...what: readonly Flight['what'][]): Filter {
  return (flight) => what.includes(flight.what);
}

export function both(...filters: readonly Filter[]): Filter {
  return (flight) => filters.every((filter) => filter(flight));
}
