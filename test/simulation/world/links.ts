import type { Random } from './random.js';

/** How one direction of a link behaves now. */
export interface LinkState {
  /** Least latency, and how much may come on top. */
  baseMs: number;
  jitterMs: number;
  /** Chances of a packet. */
  loss: number;
  duplicate: number;
  /** Chance to be held back long enough for later ones to pass. */
  reorder: number;
  /** Bytes a millisecond; infinite unless it is slow. */
  bytesPerMs: number;
  /** Swallows everything. */
  isCut: boolean;
  /** When what was sent last has left. */
  busyUntilMs: number;
}

export function goodLink(random: Random): LinkState {
  const baseMs = 0.2 + random.next() * 5;
  return {
    baseMs,
    jitterMs: baseMs / 2,
    loss: 0,
    duplicate: 0,
    reorder: 0,
    bytesPerMs: Number.POSITIVE_INFINITY,
    isCut: false,
    busyUntilMs: 0,
  };
}

/** The links between all peers, each direction with a state of its own. */
export class Links {
  readonly #links = new Map<string, LinkState>();

  constructor(private readonly random: Random) {}

  between(from: string, to: string): LinkState {
    const key = `${from}>${to}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = goodLink(this.random);
      this.#links.set(key, link);
    }
    return link;
  }

  all(): Iterable<LinkState> {
    return this.#links.values();
  }

  /** Every link is a good one from now on. */
  heal(): void {
    for (const link of this.#links.values()) Object.assign(link, goodLink(this.random));
  }
}
