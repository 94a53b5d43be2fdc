import type { Terms } from '../../contracts/settlement/declaration.js';
import type { Hash } from '../../primitives/bytes.js';
import type { Address, Call } from '../../primitives/types.js';
import type { Random } from '../simulation/world/random.js';
import { BANKS, CURRENCIES, PARTIES, type Party, partyOf } from './cast.js';
import type { Order } from './ledger.js';
import type { Snapshot } from './snapshot.js';

/** One operation of a transaction. */
export interface Operation {
  /** What it is, in the report. */
  readonly kind: string;
  readonly order: Order;
}

/** Makes an operation out of what there is now; undefined where there is nothing to do it to. */
export type Maker = (scene: Scene) => Operation | undefined;

/** Every second instrument is split now and then: of those little is locked. */
export function isSplitOften(instrument: string): boolean {
  return Number(instrument.slice(2)) % 2 === 0;
}

/** How many things of a kind are remembered. */
const REMEMBERED = 200;

/** What was there and is over, newest last: a hostile party comes back to it. */
export class Memory {
  readonly references: { readonly debtor: Address; readonly reference: string }[] = [];
  readonly instructions: { readonly terms: Terms; readonly hash: Hash }[] = [];
  readonly subscriptions: { readonly id: string; readonly account: Address; readonly issuer: Address }[] = [];
  /** Orders that were proposed, by their ids. */
  readonly orders = new Map<string, { readonly terms: Hash; readonly proposer: Party }>();
  /** Ids of locks that keys open. */
  readonly keyed: string[] = [];
  /** Ids of corporate actions. */
  readonly actions: string[] = [];
  #count = 0;

  /** A name that nothing had before. */
  next(): string {
    this.#count += 1;
    return String(this.#count);
  }

  remember<T>(list: T[], item: T): void {
    list.push(item);
    if (list.length > REMEMBERED) list.shift();
  }
}

/** The network as whoever acts next sees it: the state after the newest block. */
export class Scene {
  readonly #balances: ReadonlyMap<string, bigint>;
  readonly #holdings: ReadonlyMap<string, bigint>;

  constructor(
    readonly random: Random,
    readonly snapshot: Snapshot,
    readonly memory: Memory,
  ) {
    this.#balances = new Map(snapshot.balances.map(({ key, value }) => [key.join(' '), value]));
    this.#holdings = new Map(snapshot.holdings.map(({ key, value }) => [key.join(' '), value]));
  }

  get timestamp(): number {
    return this.snapshot.timestamp;
  }

  one<T>(items: readonly T[]): T {
    return this.random.pick(items) as T;
  }

  chance(probability: number): boolean {
    return this.random.chance(probability);
  }

  bank(): Party {
    return this.one(BANKS);
  }

  /** Now and then a central bank. */
  anybody(): Party {
    return this.chance(0.1) ? this.one(PARTIES) : this.bank();
  }

  /** Somebody else. */
  other(party: Party): Party {
    const found = this.anybody();
    return found === party && this.chance(0.98) ? this.other(party) : found;
  }

  currency(): string {
    return this.chance(0.5) ? 'EUR' : this.one(CURRENCIES);
  }

  /** Mostly one of those that are not kept free of locks, so that others can be split. */
  instrument(): string | undefined {
    const ids = this.snapshot.instruments.map(({ key }) => key[0]);
    const found = this.random.pick(ids);
    return found !== undefined && isSplitOften(found) && this.chance(0.95) ? this.instrument() : found;
  }

  balance(currency: string, { account }: Party): bigint {
    return this.#balances.get(`${currency} ${account}`) ?? 0n;
  }

  holding(instrument: string, { account }: Party): bigint {
    return this.#holdings.get(`${instrument} ${account}`) ?? 0n;
  }

  /** Mostly a small part of what there is; now and then all of it, more than that, or nothing. */
  amount(available: bigint): bigint {
    if (this.chance(0.03)) return 0n;
    if (this.chance(0.06)) return available + BigInt(this.random.integer(0, 1));
    if (this.chance(0.04)) return available * 2n + 1_000n;
    const part = BigInt(this.random.integer(1, 1_000));
    const amount = (available * part) / 4_000n;
    return amount > 0n ? amount : BigInt(this.random.integer(1, 500));
  }

  party(account: Address): Party {
    return partyOf(account) ?? (BANKS[0] as Party);
  }

  reference(debtor: Party): string {
    const reference = `R-${this.memory.next()}`;
    this.memory.remember(this.memory.references, { debtor: debtor.account, reference });
    return reference;
  }
}

/** An operation that a party sends and signs for itself. */
export function by({ account, signers }: Party, kind: string, call: Call, ...others: readonly Party[]): Operation {
  const all = [...new Set([...signers, ...others.flatMap((party) => party.signers)])];
  return { kind, order: { sender: account, signers: all, calls: [call] } };
}
