import { orders } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { ISSUERS, partyOf } from './cast.js';
import {
  addressOf,
  amountOf,
  assetOf,
  type Bookkeeper,
  type Data,
  type Event,
  eventsOf,
  optionalAmount,
} from './events.js';
import { KeptFreezes } from './keptFreezes.js';
import type { Executed, Order } from './ledger.js';
import { type Snapshot, Sums } from './snapshot.js';

/** What authorities order: two persons of one member agree to each order in a day's time, and nothing is kept or taken without one. */

const DAY_MS = 86_400_000;

interface Proposal {
  readonly terms: Data;
  readonly by: string;
  readonly proposers: readonly Address[];
  readonly proposedAt: number;
}

export class OrdersBook implements Bookkeeper {
  readonly #open = new Map<string, Proposal>();
  readonly #confirmed = new Map<string, Data>();
  readonly #currencies = new Map<string, string>();
  readonly #kept = new KeptFreezes();
  /** Members that are suspended by a default since the state was looked at. */
  readonly #defaulted = new Set<string>();
  readonly #faults: string[] = [];

  note({ order, receipt }: Executed, timestamp: number): void {
    const events = eventsOf(receipt);
    const now = new Map<string, Data>();
    for (const event of events) this.#noteOrder(event, order, timestamp, now);
    for (const event of events) this.#noteEffect(event, [...now.values()]);
  }

  differences(snapshot: Snapshot): readonly string[] {
    const [noted, told] = [new Sums(), new Sums()];
    for (const [id, { by, proposedAt }] of this.#open) noted.add(`${by} ${id}`, BigInt(proposedAt + DAY_MS));
    for (const { key, value } of snapshot.proposals) told.add(key.join(' '), BigInt(value));
    const free = [...this.#defaulted].filter((member) => !snapshot.suspendedMembers.has(member));
    this.#defaulted.clear();
    return [
      ...this.#faults.splice(0),
      ...noted.differences(told).map((text) => `proposals, told and kept: ${text}`),
      ...this.#kept.differences(snapshot),
      ...free.map((member) => `${member} is in default, and is not suspended`),
    ];
  }

  #noteOrder({ name, data }: Event, order: Order, timestamp: number, now: Map<string, Data>): void {
    const id = String(data['id']);
    const member = partyOf(order.sender)?.member ?? '';
    switch (name) {
      case 'assets.InstrumentCreated':
        this.#currencies.set(String(data['instrument']), String(data['currency']));
        return;
      case 'orders.Proposed':
        this.#require(!this.#open.has(id) && !this.#confirmed.has(id), `order ${id} is proposed again`);
        this.#open.set(id, { terms: data, by: member, proposers: order.signers, proposedAt: timestamp });
        return;
      case 'orders.Confirmed':
        this.#confirm(id, order, timestamp);
        now.set(id, this.#confirmed.get(id) ?? {});
        return;
      case 'orders.Withdrawn':
        this.#require(this.#open.get(id)?.by === member, `order ${id} is withdrawn that is over, or by another member`);
        this.#open.delete(id);
        return;
      case 'orders.Voided':
        this.#require(
          (this.#open.get(id)?.proposedAt ?? timestamp) + DAY_MS <= timestamp,
          `order ${id} is void too soon`,
        );
        this.#open.delete(id);
        return;
      case 'membership.MemberReinstated':
        this.#defaulted.delete(String(data['member']));
        return;
    }
  }

  /** By a second person of the member that proposed it, in time, and once. */
  #confirm(id: string, order: Order, timestamp: number): void {
    const { sender, signers } = order;
    const proposal = this.#open.get(id);
    this.#open.delete(id);
    if (proposal === undefined) {
      this.#faults.push(`order ${id} is confirmed that is no proposal`);
      return;
    }
    const { by, proposers, proposedAt, terms } = proposal;
    this.#require(partyOf(sender)?.member === by, `order ${id} is confirmed by another member`);
    this.#require(!signers.some((key) => proposers.includes(key)), `order ${id} is confirmed by who proposed it`);
    this.#require(agreesTo(order, id, terms['terms']), `order ${id} is confirmed under other terms`);
    this.#require(timestamp < proposedAt + DAY_MS, `order ${id} is confirmed too late`);
    this.#require(this.#isEntitled(sender, terms), `order ${id} is that of a member that may not order it`);
    this.#confirmed.set(id, terms);
    this.#kept.carryOut(terms, this.#confirmed.get(String(terms['freeze'])));
  }

  /** A supervisor in everything, a central bank in what it issues; a central bank alone declares a default. */
  #isEntitled(sender: Address, terms: Data): boolean {
    const { role, member } = partyOf(sender) ?? {};
    if (terms['kind'] === 'default') return role === 'centralBank';
    const about = terms['kind'] === 'lift' ? (this.#confirmed.get(String(terms['freeze'])) ?? {}) : terms;
    const { currency, instrument } = about;
    const of = typeof currency === 'string' ? currency : (this.#currencies.get(String(instrument)) ?? '');
    return role === 'supervisor' || (role === 'centralBank' && ISSUERS[of] === member);
  }

  /** What was done is what was confirmed in the same transaction. */
  #noteEffect({ name, data }: Event, now: readonly Data[]): void {
    if (name === 'cash.Seized' || name === 'assets.Seized') {
      const terms = now.find(({ id }) => id === data['order']) ?? {};
      const isSame =
        terms['kind'] === 'seize' &&
        assetOf(terms) === assetOf(data) &&
        addressOf(terms['account']) === addressOf(data['from']) &&
        addressOf(terms['to']) === addressOf(data['to']) &&
        optionalAmount(terms['amount']) === amountOf(data['amount']);
      this.#require(isSame, `${assetOf(data)} is seized otherwise than order ${data['order']} says`);
    } else if (name === 'cash.FreezesSet' || name === 'assets.FreezesSet') {
      const isOrdered = now.some((terms) => this.#isAbout(terms, data));
      this.#require(isOrdered, `freezes of ${data['account']} change without an order`);
    } else if (name === 'orders.DefaultDeclared') {
      const isOrdered = now.some(({ kind, member }) => kind === 'default' && member === data['member']);
      this.#require(isOrdered, `${data['member']} is in default without an order`);
      this.#defaulted.add(String(data['member']));
    }
  }

  #isAbout(terms: Data, data: Data): boolean {
    const freeze = terms['kind'] === 'lift' ? this.#confirmed.get(String(terms['freeze'])) : terms;
    const isSameAsset = freeze?.['kind'] === 'freeze' && assetOf(freeze) === assetOf(data);
    return isSameAsset && addressOf(freeze['account']) === addressOf(data['account']);
  }

  #require(holds: boolean, fault: string): void {
    if (!holds) this.#faults.push(`orders: ${fault}`);
  }
}

/** True when the confirmation names these terms. */
function agreesTo({ calls }: Order, id: string, terms: unknown): boolean {
  return calls.some(({ contract, method, args }) => {
    if (contract !== orders.name || method !== 'confirm') return false;
    const json = orders.codec.decodeArgs(method, args) as Data;
    return json['id'] === id && json['terms'] === terms;
  });
}
