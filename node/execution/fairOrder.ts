/** What a block has room for, or what something takes of it. */
export interface BlockRoom {
  readonly fuel: number;
  readonly bytes: number;
  readonly transactions: number;
}

/** What waits of one member: each list first in, first out. */
export interface MemberWaiting<T> {
  readonly urgent: Iterable<T>;
  readonly normal: Iterable<T>;
  /** What it had of earlier blocks beyond what others that waited had, as a share of a block. */
  readonly lead: number;
}

/** What became of one that was tried. */
export type Attempt =
  /** It has its place, and took this. */
  | BlockRoom
  /** It may not stand in this block, whatever room there is: the next one of the same list is tried. */
  | 'leftOut'
  /** It has no place, and nothing behind it overtakes it. */
  | 'listEnds'
  /** Neither this nor anything else of its member has a place. */
  | 'memberEnds'
  /** Nothing has. */
  | 'blockEnds';

export interface FillOptions<T> {
  readonly room: BlockRoom;
  /** How much of the block urgent ones may fill before normal ones get a place. */
  readonly urgentBlockPercent: number;
  readonly sizeBytes: (item: T) => number;
  readonly attempt: (item: T) => Attempt;
}

/** The largest part of any resource: what a member with these uses has of the block. */
export function dominantShare(used: BlockRoom, room: BlockRoom): number {
  return Math.max(used.fuel / room.fuel, used.bytes / room.bytes, used.transactions / room.transactions);
}

/**
 * PROTOCOL §Shares of a block O1, O2. Fills a block by dominant shares (Ghodsi et al., Dominant Resource Fairness, NSDI 2011):
 * whoever has the smallest share so far is next, with the oldest that it has. First urgent ones, up to their part of the
 * block; then normal ones; then the urgent ones that are left. It costs one look at every member for each transaction.
 *
 * @param waiting where shares are equal, the member that stands first comes first
 */
export function fillFairly<T>(waiting: readonly MemberWaiting<T>[], options: FillOptions<T>): void {
  new Filling(waiting, options).run();
}

type ListName = 'urgent' | 'normal';

interface Lane<T> {
  readonly urgent: List<T>;
  readonly normal: List<T>;
  used: BlockRoom;
  /** With its lead. */
  share: number;
}

const NOTHING: BlockRoom = { fuel: 0, bytes: 0, transactions: 0 };

class Filling<T> {
  readonly #options: FillOptions<T>;
  readonly #lanes: readonly Lane<T>[];
  readonly #urgentPart: BlockRoom;
  #urgentUsed = NOTHING;
  #isFull = false;

  constructor(waiting: readonly MemberWaiting<T>[], options: FillOptions<T>) {
    this.#options = options;
    this.#lanes = waiting.map(({ urgent, normal, lead }) => ({
      urgent: new List(urgent),
      normal: new List(normal),
      used: NOTHING,
      share: lead,
    }));
    this.#urgentPart = partOf(options.room, options.urgentBlockPercent);
  }

  run(): void {
    this.#fill((lane) => (this.#hasUrgentTurn(lane) ? 'urgent' : undefined));
    this.#fill((lane) => (this.#isOversized(lane.urgent.head) ? 'urgent' : nonEmpty(lane, 'normal')));
    this.#fill((lane) => nonEmpty(lane, 'urgent'));
  }

  /** @param listOf the list from which a member's next one comes, undefined where it has none now */
  #fill(listOf: (lane: Lane<T>) => ListName | undefined): void {
    while (!this.#isFull) {
      let next: Lane<T> | undefined;
      let from: ListName | undefined;
      for (const lane of this.#lanes) {
        if (next !== undefined && lane.share >= next.share) continue;
        const list = listOf(lane);
        if (list === undefined) continue;
        next = lane;
        from = list;
      }
      if (next === undefined || from === undefined) return;
      this.#try(next, from);
    }
  }

  #try(lane: Lane<T>, from: ListName): void {
    const { head } = lane[from];
    if (head === undefined) return;
    const attempt = this.#options.attempt(head);
    if (attempt === 'blockEnds') this.#isFull = true;
    else if (attempt === 'leftOut') lane[from].shift();
    else if (attempt === 'listEnds') lane[from].end();
    else if (attempt === 'memberEnds') {
      lane.urgent.end();
      lane.normal.end();
    } else {
      lane[from].shift();
      const before = dominantShare(lane.used, this.#options.room);
      lane.used = sum(lane.used, attempt);
      lane.share += dominantShare(lane.used, this.#options.room) - before;
      if (from === 'urgent') this.#urgentUsed = sum(this.#urgentUsed, attempt);
    }
  }

  /** Fuel is known only afterwards: the last urgent one may take more of it than their part had left. */
  #hasUrgentTurn({ urgent: { head } }: Lane<T>): boolean {
    if (head === undefined || this.#isOversized(head)) return false;
    const { fuel, bytes, transactions } = this.#urgentUsed;
    const part = this.#urgentPart;
    return (
      fuel < part.fuel && transactions + 1 <= part.transactions && bytes + this.#options.sizeBytes(head) <= part.bytes
    );
  }

  /** An urgent one that is larger than the part of all urgent ones waits with the normal ones, ahead of its member's. */
  #isOversized(head: T | undefined): boolean {
    return head !== undefined && this.#options.sizeBytes(head) > this.#urgentPart.bytes;
  }
}

function nonEmpty<T>(lane: Lane<T>, list: ListName): ListName | undefined {
  return lane[list].head === undefined ? undefined : list;
}

/** At least one transaction. */
function partOf({ fuel, bytes, transactions }: BlockRoom, percent: number): BlockRoom {
  const part = percent / 100;
  return { fuel: fuel * part, bytes: bytes * part, transactions: Math.max(1, Math.floor(transactions * part)) };
}

function sum(a: BlockRoom, b: BlockRoom): BlockRoom {
  return { fuel: a.fuel + b.fuel, bytes: a.bytes + b.bytes, transactions: a.transactions + b.transactions };
}

/** What is looked at before it is taken. */
class List<T> {
  readonly #items: Iterator<T>;
  #head: T | undefined;

  constructor(items: Iterable<T>) {
    this.#items = items[Symbol.iterator]();
    this.shift();
  }

  get head(): T | undefined {
    return this.#head;
  }

  shift(): void {
    const { value, done } = this.#items.next();
    this.#head = done === true ? undefined : value;
  }

  end(): void {
    this.#head = undefined;
  }
}
