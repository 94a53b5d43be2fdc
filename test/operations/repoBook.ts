import { addressOf, amountOf, type Bookkeeper, type Data, type Event, eventsOf } from './events.js';
import type { Executed } from './ledger.js';
import { type Snapshot, Sums } from './snapshot.js';

/** What may become of a repo, by what was agreed: it closes at its time for what is owed, or fails after the seller's; once. */

interface Repo {
  readonly terms: Data;
  readonly openedAt: number;
  isEarly: boolean;
  margin: bigint;
  call: number | undefined;
  /** When the buyer may end it, after a notice. */
  until: number | undefined;
  tenderedAt: number | undefined;
}

const DAY_MS = 86_400_000;

export class RepoBook implements Bookkeeper {
  readonly #offers = new Map<string, Data>();
  readonly #open = new Map<string, Repo>();
  readonly #faults: string[] = [];

  note({ receipt }: Executed, timestamp: number): void {
    for (const event of eventsOf(receipt)) {
      if (event.name.startsWith('repo.')) this.#noteEvent(event, timestamp);
      const repo = this.#open.get(marginOf(event) ?? '');
      if (repo !== undefined) repo.margin = 0n;
    }
  }

  differences({ repoOffers, repoOpen, returned }: Snapshot): readonly string[] {
    /** Margin that the members have given back stands in the record until the contract writes it anew. */
    const isKept = (id: string): boolean => !returned.has(`repo ${id}.margin`);
    const [told, kept] = [new Sums(), new Sums()];
    for (const id of this.#offers.keys()) told.add(`offer ${id}`, 1n);
    for (const { key } of repoOffers) kept.add(`offer ${key[0]}`, 1n);
    for (const [id, { margin }] of this.#open) told.add(`open ${id}`, isKept(id) ? 1n + margin : 1n);
    for (const { key, value } of repoOpen) kept.add(`open ${key[0]}`, isKept(key[0]) ? 1n + value.margin : 1n);
    return [...this.#faults.splice(0), ...told.differences(kept).map((text) => `repos, told and kept: ${text}`)];
  }

  #noteEvent({ name, data }: Event, timestamp: number): void {
    const id = String(data['id']);
    if (name === 'repo.Offered') this.#offers.set(id, data);
    else if (name === 'repo.Opened') this.#begin(id, timestamp);
    else if (name === 'repo.Ended') {
      this.#offers.delete(id);
      this.#open.delete(id);
    } else if (name !== 'repo.Collected') this.#noteOpen(name, id, data, timestamp);
  }

  #begin(id: string, openedAt: number): void {
    const terms = this.#offers.get(id);
    this.#offers.delete(id);
    if (terms === undefined) this.#fault(id, 'opens, and was not offered');
    else if (openedAt >= Number(terms['opensBefore'])) this.#fault(id, 'opens too late');
    this.#open.set(id, {
      ...{
        terms: terms ?? {},
        openedAt,
        isEarly: false,
        margin: 0n,
        call: undefined,
        until: undefined,
        tenderedAt: undefined,
      },
    });
  }

  #noteOpen(name: string, id: string, data: Data, timestamp: number): void {
    const repo = this.#open.get(id);
    if (repo === undefined) {
      this.#fault(id, `has ${name}, and is not open`);
      return;
    }
    switch (name) {
      case 'repo.EarlyClosing':
        repo.isEarly = data['isEarly'] === true;
        return;
      case 'repo.MarginPaid':
        repo.margin = amountOf(data['margin']);
        return;
      case 'repo.MarginReturned':
        repo.margin -= amountOf(data['amount']);
        return;
      case 'repo.MarginCalled':
        repo.call = Number(data['deadline']);
        return;
      case 'repo.MarginCured':
        repo.call = undefined;
        return;
      case 'repo.Tendered':
        this.#requireTime(id, repo, timestamp);
        repo.tenderedAt = timestamp;
        return;
      case 'repo.TakenBack':
        repo.tenderedAt = undefined;
        return;
      case 'repo.Noticed':
        this.#notice(id, repo, data, timestamp);
        return;
      case 'repo.Closed':
        this.#close(id, repo, amountOf(data['paid']), timestamp);
        return;
      case 'repo.Failed':
        this.#fail(id, repo, timestamp);
        return;
    }
  }

  #requireTime(id: string, { terms, isEarly }: Repo, timestamp: number): void {
    if (timestamp < Number(terms['closesAt']) && !isEarly) this.#fault(id, 'closes too early');
  }

  /** The cash, and interest for each day of the calendar; what was set aside stands still from then on. */
  #close(id: string, repo: Repo, paid: bigint, timestamp: number): void {
    const { terms, openedAt, tenderedAt } = repo;
    if (tenderedAt === undefined) this.#requireTime(id, repo, timestamp);
    const days = BigInt(Math.floor((tenderedAt ?? timestamp) / DAY_MS) - Math.floor(openedAt / DAY_MS));
    const cash = amountOf(terms['cash']);
    const owed = cash + (cash * amountOf(terms['rate']) * days) / (360n * 1_000_000_000n);
    if (paid !== owed) this.#fault(id, `is closed for ${paid}, owed were ${owed}`);
    this.#open.delete(id);
  }

  /** The seller's time is over, by the closing or by a call; a suspended seller may have notice at any time. */
  #notice(id: string, repo: Repo, data: Data, timestamp: number): void {
    const { terms, call, tenderedAt } = repo;
    const ground = String(data['ground']);
    const isLate = timestamp >= Number(terms['closesAt']) + Number(terms['graceMs']);
    const isUnmet = call !== undefined && timestamp >= call;
    const isDue = ground === 'suspension' || (ground === 'closing' ? isLate : isUnmet);
    if (!isDue) this.#fault(id, `has notice before its time, of ${ground}`);
    if (tenderedAt !== undefined && ground !== 'suspension') this.#fault(id, 'has notice, and its price is set aside');
    repo.until = Number(data['until']);
  }

  #fail(id: string, { until }: Repo, timestamp: number): void {
    if (until === undefined || timestamp < until) this.#fault(id, 'fails before its time');
    this.#open.delete(id);
  }

  #fault(id: string, text: string): void {
    this.#faults.push(`repo ${id} ${text}`);
  }
}

/** The repo whose margin the members have given to its buyer for good. */
function marginOf({ name, data }: Event): string | undefined {
  const lock = String(data['lock']);
  const isMargin = name === 'cash.LockReturned' && data['contract'] === 'repo' && lock.endsWith('.margin');
  return isMargin ? lock.slice(0, -'.margin'.length) : undefined;
}

/** Who owns what once a repo has told of it: units and margin; the cash of the opening is a transfer of `cash`. */
export class RepoMovements {
  readonly #repos = new Map<string, { readonly terms: Data; instrument: string; units: bigint; margin: bigint }>();

  constructor(private readonly move: (asset: string, from: string, to: string, amount: bigint) => void) {}

  note({ name, data }: Event): void {
    const id = String(data['id']);
    if (name === 'repo.Offered') {
      const [instrument, units] = [String(data['instrument']), amountOf(data['units'])];
      this.#repos.set(id, { terms: data, instrument, units, margin: 0n });
    }
    const returned = this.#repos.get(marginOf({ name, data }) ?? '');
    if (returned !== undefined) returned.margin = 0n;
    const repo = this.#repos.get(id);
    if (repo === undefined || !name.startsWith('repo.')) return;
    const [seller, buyer] = [addressOf(repo.terms['seller']), addressOf(repo.terms['buyer'])];
    const [units, cash] = [`units ${repo.instrument}`, `cash ${repo.terms['currency']}`];
    switch (name) {
      case 'repo.Opened':
        this.move(units, seller, buyer, repo.units);
        return;
      case 'repo.MarginPaid':
        this.move(cash, seller, buyer, amountOf(data['amount']));
        repo.margin = amountOf(data['margin']);
        return;
      case 'repo.MarginReturned':
        this.move(cash, buyer, seller, amountOf(data['amount']));
        this.move(units, buyer, seller, amountOf(data['units']));
        repo.margin -= amountOf(data['amount']);
        repo.units -= amountOf(data['units']);
        return;
      case 'repo.Substituted': {
        const after = data['after'] as Data;
        this.move(units, buyer, seller, repo.units);
        [repo.instrument, repo.units] = [String(after['instrument']), amountOf(after['units'])];
        this.move(`units ${repo.instrument}`, seller, buyer, repo.units);
        return;
      }
      case 'repo.Closed':
        this.move(units, buyer, seller, repo.units);
        this.move(cash, seller, buyer, amountOf(data['paid']) - repo.margin);
        this.#repos.delete(id);
        return;
    }
  }
}
