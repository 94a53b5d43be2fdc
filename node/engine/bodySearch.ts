import type { UndecidedBody } from './bodyStore.js';
import type { TimerHandle, Timers } from './timers.js';

export interface BodySearchOptions {
  /** Peers that are asked, more of them for each call that names new ones. */
  readonly attempts: number;
  /** How long one peer may keep the next from being asked. */
  readonly patienceMs: number;
}

export interface BodySearchModules {
  readonly timers: Pick<Timers, 'set' | 'clear'>;
  /** Asks one peer. @returns undefined when it gave nothing of use; rejects only with what stops the node */
  readonly ask: (peerId: string) => Promise<UndecidedBody | undefined>;
}

/** Who waits for one body at once: a round's execution, a decision, a leader that misses it. */
const MAX_NEEDS = 16;

/**
 * The search for one body: peers are asked one after the other, the next one too where one takes its time, and the first
 * body counts. A faulty proposer that answers nothing holds nobody up: whoever is named later is asked at once.
 */
export class BodySearch {
  /** The body, or undefined when nobody who was asked gave it. */
  readonly found: Promise<UndecidedBody | undefined>;
  private readonly known = new Set<string>();
  private readonly waiting: string[] = [];
  private readonly needs: (() => boolean)[] = [];
  private readonly patience = new Set<TimerHandle>();
  private end: (body: UndecidedBody | undefined) => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;
  private open = 0;
  private left = 0;
  private isOver = false;

  constructor(
    private readonly options: BodySearchOptions,
    private readonly modules: BodySearchModules,
  ) {
    this.found = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }

  /** One more waits for the body, and names who may have it: of those that are new, one is asked at once. */
  join(peers: readonly string[], isNeeded: () => boolean): void {
    this.needs.push(isNeeded);
    if (this.needs.length > MAX_NEEDS) this.needs.shift();
    const fresh = [...new Set(peers)].filter((peerId) => !this.known.has(peerId));
    for (const peerId of fresh) this.known.add(peerId);
    this.waiting.unshift(...fresh);
    if (fresh.length > 0) this.left = this.options.attempts;
    if (fresh.length > 0 || this.open === 0) this.askNext();
  }

  /** True while an answer would be of use. */
  get isWanted(): boolean {
    return !this.isOver && this.needs.some((isNeeded) => isNeeded());
  }

  private askNext(): void {
    const peerId = this.isWanted && this.left > 0 ? this.waiting.shift() : undefined;
    if (peerId === undefined) {
      if (this.open === 0) this.finish(undefined);
      return;
    }
    this.left--;
    this.open++;
    const patience = this.modules.timers.set(() => {
      if (this.patience.delete(patience)) this.askNext();
    }, this.options.patienceMs);
    this.patience.add(patience);
    this.modules.ask(peerId).then(
      (body) => this.answered(patience, body),
      (error: unknown) => {
        this.conclude();
        this.fail(error);
      },
    );
  }

  private answered(patience: TimerHandle, body: UndecidedBody | undefined): void {
    this.open--;
    if (body !== undefined) {
      this.finish(body);
      return;
    }
    // Whose turn ran out has been followed already.
    const isFollowed = !this.patience.delete(patience);
    this.modules.timers.clear(patience);
    if (!isFollowed || this.open === 0) this.askNext();
  }

  private finish(body: UndecidedBody | undefined): void {
    this.conclude();
    this.end(body);
  }

  private conclude(): void {
    this.isOver = true;
    for (const patience of this.patience) this.modules.timers.clear(patience);
    this.patience.clear();
  }
}
