import { partyOf } from './cast.js';
import { addressOf, amountOf, type Bookkeeper, type Data, type Event, eventsOf, optionalAmount } from './events.js';
import type { Executed } from './ledger.js';
import { type Snapshot, Sums } from './snapshot.js';

/**
 * Collateral and credit by what transactions tell: what each pool is worth is worked out here, by other code, whenever somebody draws or
 * takes something out; and what each facility has to lend is what was put into it and not lent.
 */

interface Price {
  readonly price: bigint;
  readonly pricedAt: number;
}

export class CreditBook implements Bookkeeper {
  readonly #instruments = new Map<string, Data>();
  readonly #paused = new Set<string>();
  readonly #feeds = new Map<string, Data>();
  readonly #prices = new Map<string, Price>();
  /** Instrument → oracle → what waits of it. */
  readonly #proposed = new Map<string, Map<string, Price>>();
  /** Currency, instrument. */
  readonly #eligible = new Map<string, Data>();
  /** Currency, account, instrument → units. */
  readonly #pools = new Map<string, Map<string, bigint>>();
  /** Currency, account → owed, interest of later days left out. */
  readonly #owed = new Map<string, bigint>();
  readonly #facilities = new Sums();
  readonly #faults: string[] = [];

  note({ receipt }: Executed, timestamp: number): void {
    const drained = new Set<string>();
    for (const event of eventsOf(receipt)) {
      this.#notePrice(event);
      this.#notePool(event, drained);
      this.#noteLoan(event, timestamp);
    }
    // A substitution puts in and takes out: it is judged by what is left.
    for (const name of drained) this.#requireCovered(name, this.#owed.get(name) ?? 0n, timestamp, 'is taken out of');
  }

  differences({ cashLocks, unitLocks }: Snapshot): readonly string[] {
    const [told, kept] = [new Sums(), new Sums()];
    for (const { key, value } of cashLocks)
      if (key[1] === 'credit' && key[2] === 'facility') kept.add(key[0], value.amount);
    for (const [name, pool] of this.#pools) {
      for (const [instrument, units] of pool) told.add(`${name.slice(4)} ${instrument}`, units);
    }
    const locked = new Sums();
    for (const { key, value } of unitLocks) {
      if (key[1] === 'credit') locked.add(`${key[2]} ${key[0]}`, value.amount);
    }
    return [
      ...this.#faults.splice(0),
      ...this.#facilities.differences(kept).map((text) => `facilities, told and locked: ${text}`),
      ...told.differences(locked).map((text) => `pools, told and locked: ${text}`),
    ];
  }

  #notePrice({ name, data }: Event): void {
    const instrument = String(data['instrument']);
    switch (name) {
      case 'assets.InstrumentCreated':
        this.#instruments.set(instrument, data);
        return;
      case 'assets.Paused':
        this.#paused.add(instrument);
        return;
      case 'assets.Resumed':
        this.#paused.delete(instrument);
        return;
      case 'assets.SplitEnded':
        this.#prices.delete(instrument);
        this.#proposed.delete(instrument);
        return;
      case 'prices.FeedSet':
        if (this.#feeds.get(instrument)?.['per'] !== data['per']) this.#prices.delete(instrument);
        this.#feeds.set(instrument, data);
        this.#proposed.delete(instrument);
        return;
      case 'prices.Published':
      case 'prices.Confirmed':
        this.#prices.set(instrument, priceOf(data));
        this.#proposed.get(instrument)?.delete(addressOf(data['oracle']));
        return;
      case 'prices.Proposed':
        this.#propose(instrument, data);
        return;
      case 'prices.Rejected':
        this.#proposed.get(instrument)?.delete(addressOf(data['oracle']));
        return;
      case 'prices.Struck':
        this.#prices.delete(instrument);
        return;
    }
  }

  #propose(instrument: string, data: Data): void {
    const waiting = this.#proposed.get(instrument) ?? new Map<string, Price>();
    this.#proposed.set(instrument, waiting.set(addressOf(data['oracle']), priceOf(data)));
  }

  #notePool({ name, data }: Event, drained: Set<string>): void {
    const instrument = String(data['instrument']);
    const of = `${data['currency']} ${addressOf(data['account'])}`;
    switch (name) {
      case 'credit.EligibleSet':
        this.#eligible.set(`${data['currency']} ${instrument}`, data);
        return;
      case 'credit.Excluded':
        this.#eligible.delete(`${data['currency']} ${instrument}`);
        return;
      case 'credit.Deposited':
        this.#change(of, instrument, amountOf(data['units']));
        return;
      case 'credit.Withdrawn':
        this.#change(of, instrument, -amountOf(data['units']));
        drained.add(of);
        return;
      case 'credit.Liquidated':
        this.#change(of, instrument, -amountOf(data['units']));
        this.#requireFair(data);
        return;
    }
  }

  #noteLoan({ name, data }: Event, timestamp: number): void {
    const currency = String(data['currency']);
    const of = `${currency} ${addressOf(data['account'])}`;
    switch (name) {
      case 'credit.Funded':
        this.#facilities.add(currency, amountOf(data['amount']));
        return;
      case 'credit.Defunded':
        this.#facilities.add(currency, -amountOf(data['amount']));
        return;
      case 'credit.Drawn':
        this.#facilities.add(currency, -amountOf(data['amount']));
        this.#owed.set(of, amountOf(data['owed']));
        this.#requireCovered(of, amountOf(data['owed']), timestamp, 'is drawn on');
        return;
      case 'credit.Repaid':
        this.#facilities.add(currency, amountOf(data['amount']));
        this.#owed.set(of, amountOf(data['owed']));
        return;
      case 'credit.Liquidated':
        this.#facilities.add(currency, amountOf(data['paid']));
        this.#owed.set(of, amountOf(data['owed']));
        return;
    }
  }

  #change(of: string, instrument: string, by: bigint): void {
    const pool = this.#pools.get(of) ?? new Map<string, bigint>();
    this.#pools.set(of, pool);
    const units = (pool.get(instrument) ?? 0n) + by;
    if (units < 0n) this.#faults.push(`${of}: more ${instrument} leaves the pool than it has`);
    if (units === 0n) pool.delete(instrument);
    else pool.set(instrument, units);
  }

  #requireCovered(of: string, owed: bigint, timestamp: number, verb: string): void {
    if (owed === 0n) return;
    const value = this.#valueOf(of, timestamp);
    if (value === undefined) this.#faults.push(`${of} ${verb} by a price that is stale or missing`);
    else if (owed > value) this.#faults.push(`${of} ${verb}, owes ${owed} and has ${value}`);
  }

  /** By the lowest one of the price in force and what waits; none where one is stale. */
  #valueOf(of: string, timestamp: number): bigint | undefined {
    const [currency = '', account = ''] = of.split(' ');
    let sum = 0n;
    for (const [instrument, units] of this.#pools.get(of) ?? []) {
      const eligible = this.#eligible.get(`${currency} ${instrument}`);
      const issuer = this.#instruments.get(instrument)?.['issuer'];
      const isOwn = partyOf(addressOf(issuer))?.member === partyOf(addressOf(account))?.member;
      if (eligible === undefined || this.#paused.has(instrument) || isOwn) continue;
      const [feed, price] = [this.#feeds.get(instrument), this.#prices.get(instrument)];
      const oldest = timestamp - Number(feed?.['maxAgeMs'] ?? 0);
      if (feed === undefined || price === undefined || price.pricedAt < oldest) return undefined;
      let rate = price.price;
      for (const other of this.#proposed.get(instrument)?.values() ?? []) {
        if (other.pricedAt >= oldest && other.price < rate) rate = other.price;
      }
      const worth = (units * rate * (10_000n - amountOf(eligible['haircutBps']))) / (amountOf(feed['per']) * 10_000n);
      const cap = optionalAmount(eligible['cap']) ?? worth;
      sum += worth < cap ? worth : cap;
    }
    return sum;
  }

  /** Sold between the price less the haircut and the price, and paid for to the unit. */
  #requireFair(data: Data): void {
    const instrument = String(data['instrument']);
    const [price, units] = [amountOf(data['price']), amountOf(data['units'])];
    const inForce = this.#prices.get(instrument)?.price ?? 0n;
    const haircut = amountOf(this.#eligible.get(`${data['currency']} ${instrument}`)?.['haircutBps'] ?? 0);
    const isFair = price <= inForce && price * 10_000n >= inForce * (10_000n - haircut);
    if (!isFair) this.#faults.push(`${units} ${instrument} are sold at ${price}, worth ${inForce}`);
    const per = amountOf(this.#feeds.get(instrument)?.['per'] ?? 1);
    const paid = amountOf(data['paid']) + amountOf(data['surplus']);
    if (paid !== (units * price) / per) this.#faults.push(`${units} ${instrument} at ${price} are paid ${paid}`);
  }
}

function priceOf(data: Data): Price {
  return { price: amountOf(data['price']), pricedAt: Number(data['pricedAt']) };
}
