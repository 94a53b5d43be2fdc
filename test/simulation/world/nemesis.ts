import type { FaultCounts } from './faults.js';
import { goodLink } from './links.js';
import type { SimulatedNetwork } from './network.js';
import { type SimulatedNode, SYNC_MS } from './node.js';
import type { Weather } from './profiles.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtualTime.js';

export interface NemesisModules {
  readonly nodes: readonly SimulatedNode[];
  readonly network: SimulatedNetwork;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly faults: FaultCounts;
}

/** Points of one life at which a crash may be planned: a few blocks' work, or the next step. */
const CRASH_POINTS = [400, 40] as const;
const CRASH_SENDS = 12;

/** Does to links, clocks and processes what the weather says, until it is told to make peace. */
export class Nemesis {
  #isPeace = false;

  constructor(
    private readonly weather: Weather,
    private readonly modules: NemesisModules,
  ) {}

  start(): void {
    const { slowLinkEveryMs, partitionEveryMs, disconnectEveryMs, crashEveryMs } = this.weather;
    this.#repeat(slowLinkEveryMs, () => this.#slowLink());
    this.#repeat(partitionEveryMs, () => this.#partition());
    this.#repeat(disconnectEveryMs, () => this.#disconnect());
    this.#repeat(crashEveryMs, () => this.#crash());
    this.#roughen();
    this.#moveClocks();
    if (this.weather.skewMs > 0) this.#repeat(10_000, () => this.#moveClocks());
  }

  /** Nothing goes wrong from now on, and what did is repaired. */
  makePeace(): void {
    this.#isPeace = true;
    const { network, nodes } = this.modules;
    network.links.heal();
    network.review();
    for (const node of nodes) {
      node.skewMs = 0;
      node.disk.syncMs = SYNC_MS;
      if (node.life !== undefined) node.life.plan = undefined;
    }
  }

  #repeat(everyMs: number, run: () => void): void {
    if (everyMs === 0) return;
    const { time, random } = this.modules;
    time.after(random.next() * 2 * everyMs, () => {
      if (this.#isPeace) return;
      run();
      this.#repeat(everyMs, run);
    });
  }

  /** Every link loses, doubles and reorders a little, each in its own measure. */
  #roughen(): void {
    const { nodes, network, random } = this.modules;
    const { loss, duplicate, reorder } = this.weather;
    for (const { name: from } of nodes) {
      for (const { name: to } of nodes) {
        const link = network.links.between(from, to);
        link.loss = random.next() * loss;
        link.duplicate = random.next() * duplicate;
        link.reorder = random.next() * reorder;
      }
    }
  }

  #moveClocks(): void {
    const { nodes, random, faults } = this.modules;
    const { skewMs } = this.weather;
    if (skewMs === 0) return;
    for (const node of nodes) {
      node.skewMs = random.integer(-skewMs, skewMs);
      faults.count('clock moved');
    }
  }

  #pair(): readonly [string, string] | undefined {
    const { nodes, random } = this.modules;
    const from = random.pick(nodes);
    const to = random.pick(nodes);
    return from === undefined || to === undefined || from === to ? undefined : [from.name, to.name];
  }

  #slowLink(): void {
    const { network, time, random, faults } = this.modules;
    const pair = this.#pair();
    if (pair === undefined) return;
    const link = network.links.between(...pair);
    faults.count('link slow');
    link.baseMs = random.integer(100, 1_500);
    link.bytesPerMs = random.integer(1, 50);
    time.after(random.integer(1_000, 10_000), () => {
      const { baseMs, bytesPerMs } = goodLink(random);
      Object.assign(link, { baseMs, bytesPerMs, busyUntilMs: time.nowMs });
    });
  }

  #disconnect(): void {
    const pair = this.#pair();
    if (pair === undefined || this.modules.network.epoch(...pair) === undefined) return;
    this.modules.faults.count('connection broken');
    this.modules.network.disconnect(...pair);
  }

  /** Cuts some nodes off from the others, in both directions or in one. */
  #partition(): void {
    const { nodes, network, time, random, faults } = this.modules;
    const isOneWay = random.chance(0.4);
    faults.count(isOneWay ? 'partition, one way' : 'partition, symmetric');
    const side = new Set(nodes.filter(() => random.chance(0.4)).map(({ name }) => name));
    const crossing = nodes.flatMap(({ name: from }) =>
      nodes.filter(({ name: to }) => side.has(from) && !side.has(to)).map(({ name: to }) => [from, to] as const),
    );
    const links = crossing.flatMap(([from, to]) => [
      network.links.between(from, to),
      ...(isOneWay ? [] : [network.links.between(to, from)]),
    ]);
    for (const link of links) link.isCut = true;
    network.review();
    time.after(random.integer(500, 12_000), () => {
      for (const link of links) link.isCut = false;
      network.review();
    });
  }

  /** Ends processes: one at once, at one of its next steps or in good order, or all of them with the power of the room. */
  #crash(): void {
    const { nodes, random, faults } = this.modules;
    const node = random.pick(nodes);
    const life = node?.life;
    if (node === undefined || life === undefined || life.plan !== undefined) return;
    const death = random.chance(0.4) ? 'kill' : 'power';
    const way = random.integer(0, 19);
    if (way === 0 && node.core !== undefined) {
      faults.count('restart in good order');
      void node.stop().then(() => this.#startLater(node));
    } else if (way === 1) {
      faults.count('power of all lost');
      for (const each of nodes) each.die('power');
    } else if (way <= 4) node.die(death);
    else {
      faults.count('crash at an operation');
      const point = life.points + random.integer(1, random.pick(CRASH_POINTS) ?? 1);
      const sends = random.chance(0.5) ? { sends: random.integer(1, CRASH_SENDS) } : {};
      life.plan = { point: 'sends' in sends ? life.points : point, death, ...sends };
    }
  }

  #startLater(node: SimulatedNode): void {
    this.modules.time.after(this.modules.random.integer(10, 5_000), () => node.start());
  }
}
